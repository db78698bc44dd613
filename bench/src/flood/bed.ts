import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";
import { compile } from "../arp/compile.ts";
import { findMeans, type Means, placed } from "../arp/placement.ts";
import { type FloodRound, parseCpuSeconds, parseOutcome } from "./outcome.ts";

/** Who answers. */
export const RESPONDERS = ["c", "ingot"] as const;
/** One of those. */
export type Responder = (typeof RESPONDERS)[number];

/** Two hosts, a cable between them for each responder, and the responders, which answer already. */
export class FloodBed {
  readonly means: Means;
  readonly #generator: LabNamespace;
  readonly #program: string;
  readonly #responders: Readonly<Record<Responder, LabProcess>>;

  private constructor(
    means: Means,
    generator: LabNamespace,
    program: string,
    responders: Readonly<Record<Responder, LabProcess>>,
  ) {
    this.means = means;
    this.#generator = generator;
    this.#program = program;
    this.#responders = responders;
  }

  /** Lays the cables, compiles the programs and starts the responders. @throws {Error} when that fails. */
  static async make(lab: Lab): Promise<FloodBed> {
    const generator = await lab.namespace("generator");
    const ns = await lab.namespace("responders");
    for (const name of RESPONDERS) {
      await lab.link({ ns: generator, name }, { ns, name });
    }
    const means = await findMeans(ns);
    const start = async (command: readonly string[]): Promise<LabProcess> => {
      const [program = "", ...args] = placed(means, "responders", command);
      const process = ns.spawn(program, args);
      await process.waitForLine(/^ready$/, START_MS);
      return process;
    };
    const responder = await compile("arp-responder", lab.directory);
    const responders = {
      c: await start([responder, "c", ADDRESSES.c]),
      ingot: await start([process.execPath, INGOT_PROGRAM, "ingot", ADDRESSES.ingot]),
    };
    return new FloodBed(means, generator, await compile("arp-flood", lab.directory), responders);
  }

  /** Floods one responder. @throws {Error} when it ends meanwhile, with what it said. */
  async flood(
    responder: Responder,
    requestsPerSecond: number,
    seconds: number,
  ): Promise<FloodRound> {
    const [program = "", ...args] = placed(this.means, "generator", [
      this.#program,
      responder,
      ADDRESSES[responder],
      String(requestsPerSecond),
      String(seconds),
    ]);
    const before = this.#cpuSeconds(responder);
    const { stdout } = await this.#generator.exec(program, args);
    return { ...parseOutcome(stdout), cpuSeconds: this.#cpuSeconds(responder) - before };
  }

  #cpuSeconds(responder: Responder): number {
    const { running, pid, title, lines } = this.#responders[responder];
    if (!running) throw new Error(`${title} has ended: ${lines.join("\n")}`);
    return parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, "utf8"));
  }
}

const START_MS = 15_000;
const INGOT_PROGRAM = fileURLToPath(new URL("../arp/responder-program.js", import.meta.url));

/** Of the range for benchmarks (RFC 2544). */
const ADDRESSES: Readonly<Record<Responder, string>> = { c: "198.18.2.2", ingot: "198.18.3.2" };

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";
import { type CProgram, compile } from "../arp/compile.ts";
import { findMeans, type Means, placed } from "../arp/placement.ts";
import type { ResponderTask } from "../ndp/responder-worker.ts";
import { type FloodRound, parseCpuSeconds, parseOutcome } from "./outcome.ts";

/** What is asked by. */
export type Protocol = "arp" | "ndp";

/** Who answers. */
export const RESPONDERS = ["c", "ingot"] as const;
/** One of those. */
export type Responder = (typeof RESPONDERS)[number];

/** Two hosts, a cable between them for each responder, and the responders, which answer already. */
export class FloodBed {
  readonly means: Means;
  readonly #generator: LabNamespace;
  readonly #program: string;
  readonly #addresses: Addresses;
  readonly #responders: Readonly<Record<Responder, LabProcess>>;

  private constructor(
    means: Means,
    generator: LabNamespace,
    program: string,
    addresses: Addresses,
    responders: Readonly<Record<Responder, LabProcess>>,
  ) {
    this.means = means;
    this.#generator = generator;
    this.#program = program;
    this.#addresses = addresses;
    this.#responders = responders;
  }

  /** Lays the cables, compiles the programs and starts the responders. @throws {Error} when that fails. */
  static async make(lab: Lab, protocol: Protocol): Promise<FloodBed> {
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
    const { generator: asks, responder, addresses, commands } = KINDS[protocol];
    const responders = {
      c: await start([await compile(responder, lab.directory), ...commands.c]),
      ingot: await start([process.execPath, ...commands.ingot]),
    };
    const program = await compile(asks, lab.directory);
    return new FloodBed(means, generator, program, addresses, responders);
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
      this.#addresses[responder],
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

type Addresses = Readonly<Record<Responder, string>>;

/** How one protocol is flooded: what is compiled, and what is run with which arguments. */
interface Kind {
  readonly generator: CProgram;
  readonly responder: CProgram;
  readonly addresses: Addresses;
  readonly commands: Readonly<Record<Responder, readonly string[]>>;
}

const START_MS = 15_000;
const built = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Of the ranges for benchmarks (RFC 2544, RFC 5180). */
const ARP_ADDRESSES: Addresses = { c: "198.18.2.2", ingot: "198.18.3.2" };
const NDP_PREFIX = "2001:2:0:3::";
const NDP_ADDRESSES: Addresses = { c: "2001:2:0:2::1", ingot: `${NDP_PREFIX}1` };
const NDP_TASK: ResponderTask = { interface: "ingot", prefix: NDP_PREFIX, count: 1 };

const KINDS: Readonly<Record<Protocol, Kind>> = {
  arp: {
    generator: "arp-flood",
    responder: "arp-responder",
    addresses: ARP_ADDRESSES,
    commands: {
      c: ["c", ARP_ADDRESSES.c],
      ingot: [built("../arp/responder-program.js"), "ingot", ARP_ADDRESSES.ingot],
    },
  },
  ndp: {
    generator: "ndp-flood",
    responder: "ndp-responder",
    addresses: NDP_ADDRESSES,
    commands: {
      c: ["c", NDP_ADDRESSES.c, "1"],
      ingot: [
        built("../worker-program.js"),
        built("../ndp/responder-worker.js"),
        JSON.stringify(NDP_TASK),
      ],
    },
  },
};

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";
import { compile } from "../arp/compile.ts";
import { findMeans, type Means, placed } from "../arp/placement.ts";
import { parseSamples, type Samples } from "../arp/samples.ts";
import type { ResponderTask } from "./responder-worker.ts";

/** Who answers, in the order in which the generator numbers them. */
export const RESPONDERS = ["kernel", "c", "ingot"] as const;
/** One of those. */
export type Responder = (typeof RESPONDERS)[number];

/** How often to ask each. */
export interface Pace {
  readonly requests: number;
  /** Requests before those, without a pause, that are not counted. */
  readonly warmUp: number;
  /** From one request to the next, whichever responder they are for. */
  readonly intervalUs: number;
  readonly timeoutMs: number;
}

/** Two hosts and three cables between them: for the kernel's own address, for those of C and Ingot. */
export class Bed {
  readonly means: Means;
  readonly #generator: LabNamespace;
  readonly #responders: LabNamespace;
  readonly #programs: Programs;

  private constructor(
    means: Means,
    hosts: { readonly generator: LabNamespace; readonly responders: LabNamespace },
    programs: Programs,
  ) {
    this.means = means;
    this.#generator = hosts.generator;
    this.#responders = hosts.responders;
    this.#programs = programs;
  }

  /** Lays the cables and compiles the programs. @throws {Error} when that fails. */
  static async make(lab: Lab): Promise<Bed> {
    const generator = await lab.namespace("generator");
    const responders = await lab.namespace("responders");
    for (const name of RESPONDERS) {
      await lab.link({ ns: generator, name }, { ns: responders, name });
    }
    // Without a look for duplicates: it answers at once.
    await responders.ip([`address add ${PREFIXES.kernel}1/64 dev kernel nodad`]);
    const programs = {
      generator: await compile("ndp-generator", lab.directory),
      responder: await compile("ndp-responder", lab.directory),
    };
    return new Bed(await findMeans(responders), { generator, responders }, programs);
  }

  /** Starts C's responder and Ingot's, and returns when they answer for all addresses. */
  async start(count: number): Promise<readonly LabProcess[]> {
    const task: ResponderTask = { interface: "ingot", prefix: PREFIXES.ingot, count };
    const running = [
      this.#responders.spawn(this.#programs.responder, ["c", `${PREFIXES.c}1`, String(count)]),
      this.#responders.spawn(process.execPath, [
        fileURLToPath(new URL("../worker-program.js", import.meta.url)),
        fileURLToPath(new URL("./responder-worker.js", import.meta.url)),
        JSON.stringify(task),
      ]),
    ];
    for (const responder of running) {
      await responder.waitForLine(/^ready$/, START_MS);
      await this.#place(responder.pid);
    }
    // The kernel still tells the segment which groups were joined.
    await sleep(SETTLE_MS);
    return running;
  }

  /**
   * Pins and hastens a program that runs: with 5,000 groups to join, threads of Node that share one CPU
   * and take turns there from the start need long to get that far.
   */
  async #place(pid: number): Promise<void> {
    const { cpus, realTime } = this.means;
    if (cpus !== undefined) {
      await this.#responders.exec("taskset", ["-a", "-c", "-p", `${cpus.responders}`, `${pid}`]);
    }
    if (realTime) await this.#responders.exec("chrt", ["-a", "-r", "-p", "10", `${pid}`]);
  }

  /** One round: asks all in turn, C and Ingot for one of `count` addresses, and returns the samples. */
  async ask(count: number, pace: Pace): Promise<Readonly<Record<Responder, Samples>>> {
    const counts: Readonly<Record<Responder, number>> = { kernel: 1, c: count, ingot: count };
    const [program = "", ...args] = placed(this.means, "generator", [
      this.#programs.generator,
      ...[pace.requests, pace.warmUp, pace.intervalUs, pace.timeoutMs].map(String),
      ...RESPONDERS.flatMap((who) => [who, `${PREFIXES[who]}1`, String(counts[who])]),
    ]);
    const { stdout } = await this.#generator.exec(program, args, { timeoutMs: ROUND_MS });
    const [kernel = NONE, c = NONE, ingot = NONE] = parseSamples(
      stdout,
      RESPONDERS.length,
      pace.timeoutMs,
    );
    return { kernel, c, ingot };
  }
}

/** Where the compiled ones are. */
type Programs = Readonly<Record<"generator" | "responder", string>>;

const NONE: Samples = { roundTripsUs: [], unanswered: 0 };
const START_MS = 30_000;
const SETTLE_MS = 3_000;
const ROUND_MS = 130_000;

/** Of the range for benchmarks (RFC 5180). */
const PREFIXES: Readonly<Record<Responder, string>> = {
  kernel: "2001:2:0:1::",
  c: "2001:2:0:2::",
  ingot: "2001:2:0:3::",
};

import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";
import { compile } from "./compile.ts";
import type { JsonLoadStats } from "./json-load.ts";
import { findMeans, type Means, placed } from "./placement.ts";
import { parseSamples, type Samples } from "./samples.ts";

/** Who answers, in the order in which the generator numbers them. */
export const RESPONDERS = ["kernel", "c", "ingot"] as const;
/** One of those. */
export type Responder = (typeof RESPONDERS)[number];

/** How the responders run: alone on their CPU, or beside a main thread that parses JSON. */
export type Condition = "quiet" | "loaded";

/** How often to ask, each address. */
export interface Pace {
  readonly requests: number;
  /** Requests before those, without a pause, that are not counted. */
  readonly warmUp: number;
  /** From one request to the next, whichever address they are for. */
  readonly intervalUs: number;
  readonly timeoutMs: number;
}

/**
 * Two hosts and three cables between them, one for each responder, so that none is woken by what
 * another is asked.
 */
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
    for (const responder of RESPONDERS) {
      const { name, address } = CABLES[responder];
      // The kernel answers for what it owns.
      const addresses = responder === "kernel" ? [`${address}/24`] : [];
      await lab.link({ ns: generator, name }, { ns: responders, name, addresses });
    }
    const programs = {
      "arp-generator": await compile("arp-generator", lab.directory),
      "arp-responder": await compile("arp-responder", lab.directory),
    };
    return new Bed(await findMeans(responders), { generator, responders }, programs);
  }

  /** Starts both responders that are programs, and returns when they answer. */
  async start(condition: Condition): Promise<RunningResponders> {
    const { c, ingot } = CABLES;
    const commands = {
      c: [this.#programs["arp-responder"], c.name, c.address],
      ingot: [process.execPath, RESPONDER_PROGRAM, ingot.name, ingot.address, condition],
    };
    const spawn = (command: readonly string[]): LabProcess => {
      // Under load they take what the scheduler gives them, as on any node.
      const quiet = condition === "quiet";
      const [program = "", ...args] = quiet ? placed(this.means, "responders", command) : command;
      return this.#responders.spawn(program, args);
    };
    const processes = { c: spawn(commands.c), ingot: spawn(commands.ingot) };
    await Promise.all([
      processes.c.waitForLine(/^ready$/, START_MS),
      processes.ingot.waitForLine(/^ready$/, START_MS),
    ]);
    return new RunningResponders(processes.c, processes.ingot);
  }

  /** One round: asks each responder in turn, and returns the samples of each. */
  async ask(pace: Pace): Promise<Readonly<Record<Responder, Samples>>> {
    const [program = "", ...args] = placed(this.means, "generator", [
      this.#programs["arp-generator"],
      ...[pace.requests, pace.warmUp, pace.intervalUs, pace.timeoutMs].map(String),
      ...RESPONDERS.flatMap((responder) => [CABLES[responder].name, CABLES[responder].address]),
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

/** The two responders that are programs. */
export class RunningResponders {
  readonly #c: LabProcess;
  readonly #ingot: LabProcess;

  constructor(c: LabProcess, ingot: LabProcess) {
    this.#c = c;
    this.#ingot = ingot;
  }

  /** @throws {Error} when one has ended, with what it said. */
  check(): void {
    for (const { running, title, lines } of [this.#c, this.#ingot]) {
      if (!running) throw new Error(`${title} has ended: ${lines.join("\n")}`);
    }
  }

  /** Stops both, and returns what the load was, if there was one. */
  async stop(): Promise<JsonLoadStats | undefined> {
    await Promise.all([this.#c.stop(), this.#ingot.stop()]);
    const stats = this.#ingot.lines.find((line) => line.startsWith("{"));
    return stats === undefined ? undefined : (JSON.parse(stats) as JsonLoadStats);
  }
}

/** Where the compiled ones are. */
type Programs = Readonly<Record<"arp-generator" | "arp-responder", string>>;

const NONE: Samples = { roundTripsUs: [], unanswered: 0 };
const START_MS = 15_000;
const ROUND_MS = 130_000;
const RESPONDER_PROGRAM = fileURLToPath(new URL("./responder-program.js", import.meta.url));

/** Both ends of a cable have its name; the addresses are of the range for benchmarks (RFC 2544). */
const CABLES: Readonly<Record<Responder, { readonly name: string; readonly address: string }>> = {
  kernel: { name: "kernel", address: "198.18.1.2" },
  c: { name: "c", address: "198.18.2.2" },
  ingot: { name: "ingot", address: "198.18.3.2" },
};

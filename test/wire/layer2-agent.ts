import { fileURLToPath } from "node:url";
import { type LabNamespace, type LabProcess, until } from "@ingot/testkit";

/** Which of the two responders. */
export type Family = "arp" | "ndp";

/** What happened to the address, and when: milliseconds on the clock of {@link now}. */
export interface AgentEvent {
  readonly event: "claimed" | "conflict" | "ready" | "report" | "resumed";
  readonly at: number;
  /** The other's, of a conflict. */
  readonly mac?: string;
  readonly counters?: Readonly<Record<string, number>>;
}

/** A process with a responder that announces one address on `eth0`. */
export class Layer2Agent {
  readonly process: LabProcess;

  private constructor(process: LabProcess) {
    this.process = process;
  }

  /** Starts it; the options are the responder's. */
  static async start(
    ns: LabNamespace,
    family: Family,
    address: string,
    options: object = {},
  ): Promise<Layer2Agent> {
    const args = [PROGRAM, family, "eth0", address, JSON.stringify(options)];
    const started = ns.spawn(process.execPath, args);
    await started.waitForLine(/"ready"/, 10_000);
    return new Layer2Agent(started);
  }

  /** What happened so far. */
  get events(): readonly AgentEvent[] {
    return this.process.lines.map((line) => JSON.parse(line) as AgentEvent);
  }

  /** The first event of this name, waiting for it if need be. */
  async event(name: AgentEvent["event"], timeoutMs = 10_000): Promise<AgentEvent> {
    const line = await this.process.waitForLine(new RegExp(`"event":"${name}"`), timeoutMs);
    return JSON.parse(line) as AgentEvent;
  }

  /** The address's counters; undefined when it is not announced. */
  async counters(): Promise<AgentEvent["counters"]> {
    const reports = () => this.events.filter(({ event }) => event === "report");
    const before = reports().length;
    this.process.kill("SIGUSR1");
    const report = await until(() => reports()[before], { timeoutMs: 5_000, what: "a report" });
    return report.counters;
  }
}

/** The same clock in every process of the machine, in milliseconds. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const PROGRAM = fileURLToPath(new URL("./layer2-agent.mjs", import.meta.url));

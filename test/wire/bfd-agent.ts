import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type {
  BfdAuthenticationType,
  BfdCounters,
  BfdLoss,
  BfdSessionOptions,
  BfdState,
  BfdTiming,
  DiscardCounters,
} from "@ingot/bfd";
import { type Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";

/** Options of a session, with secrets as text. */
export interface AgentSession extends Omit<BfdSessionOptions, "authentication"> {
  readonly authentication?: {
    readonly type: BfdAuthenticationType;
    readonly keys: readonly { readonly id: number; readonly secret: string }[];
  };
}

/** What happened in a session, at which millisecond of the time of day; `value` of `down` is why. */
export interface BfdEvent {
  /** The neighbour's address. */
  readonly session: string;
  readonly event: "up" | "down" | "state";
  readonly at: number;
  readonly value?: BfdLoss;
}

/** A session as it is. */
export interface BfdReport {
  readonly state: BfdState;
  readonly remoteState: BfdState;
  readonly wasUp: boolean;
  readonly counters: BfdCounters;
  readonly isEchoActive: boolean;
  readonly transmitIntervalMs: number;
  readonly detectionMs?: number;
}

/** A process with a BFD speaker, whose sessions go by the addresses of their neighbours. */
export class BfdAgent {
  readonly process: LabProcess;
  readonly #path: string;

  private constructor(process: LabProcess, path: string) {
    this.process = process;
    this.#path = path;
  }

  static async start(lab: Lab, ns: LabNamespace): Promise<BfdAgent> {
    count += 1;
    const path = `${lab.directory}/bfd-${count}`;
    const started = ns.spawn(process.execPath, [PROGRAM, path]);
    await started.waitForLine(/"ready"/, 10_000);
    return new BfdAgent(started, path);
  }

  async open(options: AgentSession): Promise<void> {
    await this.#call("open", options);
  }

  async configure(remote: string, timing: BfdTiming): Promise<void> {
    await this.#call("configure", remote, timing);
  }

  async disable(remote: string): Promise<void> {
    await this.#call("disable", remote);
  }

  async enable(remote: string): Promise<void> {
    await this.#call("enable", remote);
  }

  async close(remote: string): Promise<void> {
    await this.#call("close", remote);
  }

  /** Lets the packets of a session leave with another time to live than 255. */
  async sendWithTtl(remote: string, ttl: number): Promise<void> {
    await this.#call("sendWithTtl", remote, ttl);
  }

  async report(remote: string): Promise<BfdReport> {
    return (await this.#call("report", remote)) as BfdReport;
  }

  /** Packets of no session. */
  async discarded(): Promise<DiscardCounters> {
    return (await this.#call("discarded")) as DiscardCounters;
  }

  /** What happened so far in one session. */
  events(remote: string): readonly BfdEvent[] {
    return this.process.lines
      .map((line) => JSON.parse(line) as BfdEvent)
      .filter(({ session }) => session === remote);
  }

  /** Waits for a session to come up for the `times`th time, or to go from up. */
  event(remote: string, name: "up" | "down", times = 1, timeoutMs = 10_000): Promise<BfdEvent> {
    const look = () => this.events(remote).filter(({ event }) => event === name)[times - 1];
    return until(look, { timeoutMs, intervalMs: 20, what: `${remote} to go ${name}` });
  }

  /** Waits until what a session reports is as wanted. */
  reports(remote: string, isWanted: (report: BfdReport) => boolean): Promise<BfdReport> {
    const look = async () => {
      const report = await this.report(remote);
      if (!isWanted(report)) throw new Error(JSON.stringify(report));
      return report;
    };
    return until(look, { timeoutMs: 10_000, intervalMs: 20, what: `another report of ${remote}` });
  }

  async #call(call: string, ...args: readonly unknown[]): Promise<unknown> {
    const socket = connect(this.#path);
    socket.write(JSON.stringify({ call, args }));
    const answer = JSON.parse(await text(socket)) as { result?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }
}

const PROGRAM = fileURLToPath(new URL("./bfd-agent.mjs", import.meta.url));
let count = 0;

import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type {
  BfdState,
  Family,
  ListenOptions,
  Negotiated,
  PathAttributes,
  PeerCounters,
  PeerOptions,
  RangeOptions,
  State,
  StopOptions,
} from "@ingot/bgp";
import { type Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";

/** A speaker's options that go into JSON. */
export interface AgentOptions {
  readonly asn: number;
  readonly routerId: string;
  readonly restarting?: boolean;
}

/** Attributes of a route, those left out as of one of our own; octets are hexadecimal. */
export type RouteOptions = Partial<
  Omit<PathAttributes, "extendedCommunities" | "ipv6ExtendedCommunities" | "others">
> & {
  readonly extendedCommunities?: readonly string[];
  readonly ipv6ExtendedCommunities?: readonly string[];
  readonly others?: readonly { readonly type: number; readonly flags: number; value: string }[];
};

/** Why something ended, with the data of a NOTIFICATION in hexadecimal. */
export interface Reason {
  readonly type: string;
  readonly detail?: string;
  readonly notification?: {
    readonly code: number;
    readonly subcode: number;
    readonly data: string;
  };
}

/** What happened with a peer; `value` is the reason, the state, or what is known of the session. */
export interface AgentEvent {
  readonly peer: string;
  readonly event: "established" | "down" | "failed" | "state" | "refused";
  readonly value: unknown;
}

/** A peer as it is. */
export interface PeerReport {
  readonly state: State;
  readonly counters: PeerCounters;
  readonly negotiated?: Negotiated;
  readonly routes: readonly { readonly prefix: string; readonly attributes: PathAttributes }[];
}

/** A process with a speaker. */
export class BgpAgent {
  readonly process: LabProcess;
  readonly #socket: Socket;
  readonly #events: AgentEvent[] = [];
  readonly #calls = new Map<number, (answer: Answer) => void>();

  private constructor(process: LabProcess, socket: Socket) {
    this.process = process;
    this.#socket = socket;
    createInterface(socket).on("line", (line) => this.#receive(JSON.parse(line) as Line));
    // It was killed, which a test may want; whoever waits for it runs out of time.
    socket.on("error", () => {});
  }

  static async start(lab: Lab, ns: LabNamespace, options: AgentOptions): Promise<BgpAgent> {
    count += 1;
    const path = `${lab.directory}/bgp-${count}`;
    const started = ns.spawn(process.execPath, [PROGRAM, path, JSON.stringify(options)]);
    await started.waitForLine(/^ready$/, 15_000);
    return new BgpAgent(started, connect(path));
  }

  peer(options: PeerOptions): Promise<unknown> {
    return this.#call("peer", options);
  }

  peerRange(options: RangeOptions): Promise<unknown> {
    return this.#call("peerRange", options);
  }

  removePeer(address: string): Promise<unknown> {
    return this.#call("removePeer", address);
  }

  listen(options: ListenOptions): Promise<unknown> {
    return this.#call("listen", options);
  }

  announce(prefix: string, attributes: RouteOptions = {}): Promise<unknown> {
    return this.#call("announce", prefix, attributes);
  }

  announceMany(prefixes: readonly string[], attributes: RouteOptions = {}): Promise<unknown> {
    return this.#call("announceMany", prefixes, attributes);
  }

  withdraw(prefix: string): Promise<unknown> {
    return this.#call("withdraw", prefix);
  }

  withdrawMany(prefixes: readonly string[]): Promise<unknown> {
    return this.#call("withdrawMany", prefixes);
  }

  routesComplete(): Promise<unknown> {
    return this.#call("routesComplete");
  }

  gracefulShutdown(wanted: boolean): Promise<unknown> {
    return this.#call("gracefulShutdown", wanted);
  }

  startPeer(address: string): Promise<unknown> {
    return this.#call("start", address);
  }

  stopPeer(address: string, options: StopOptions = {}): Promise<unknown> {
    return this.#call("stop", address, options);
  }

  resetPeer(address: string, options: { readonly text?: string } = {}): Promise<unknown> {
    return this.#call("reset", address, options);
  }

  /** What BFD says of the path to a peer. */
  bfd(address: string, state: BfdState): Promise<unknown> {
    return this.#call("bfd", address, state);
  }

  requestRefresh(address: string, family: Family): Promise<unknown> {
    return this.#call("requestRefresh", address, family);
  }

  async report(address: string): Promise<PeerReport> {
    return (await this.#call("report", address)) as PeerReport;
  }

  /** What happened so far, with one peer if it is named. */
  events(peer?: string): readonly AgentEvent[] {
    return this.#events.filter((event) => peer === undefined || event.peer === peer);
  }

  /** Waits until the session is Established, for the `times`th time. */
  async established(peer: string, times = 1, timeoutMs = 10_000): Promise<PeerReport> {
    const look = () => this.#of(peer, "established").length >= times;
    await until(look, { timeoutMs, intervalMs: 10, what: `${peer} to be Established` });
    return this.report(peer);
  }

  /** The reason for the first end, of the session or of an attempt, that fits. */
  ended(
    event: "down" | "failed",
    peer: string,
    fits: (reason: Reason) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<Reason> {
    return until(
      () => {
        const reasons = this.#of(peer, event) as readonly Reason[];
        const found = reasons.find(fits);
        if (found === undefined) throw new Error(JSON.stringify(reasons));
        return found;
      },
      { timeoutMs, intervalMs: 10, what: `${peer} ${event}` },
    );
  }

  /** Kills it, without a word to anybody. */
  kill(): Promise<void> {
    return this.process.stop("SIGKILL");
  }

  #of(peer: string, event: AgentEvent["event"]): readonly unknown[] {
    return this.events(peer).flatMap((entry) => (entry.event === event ? [entry.value] : []));
  }

  async #call(call: string, ...args: readonly unknown[]): Promise<unknown> {
    count += 1;
    const id = count;
    const answer = new Promise<Answer>((resolve) => this.#calls.set(id, resolve));
    this.#socket.write(`${JSON.stringify({ id, call, args })}\n`);
    const { error, result } = await answer;
    if (error !== undefined) throw new Error(error);
    return result;
  }

  #receive(line: Line): void {
    if (!("id" in line)) {
      this.#events.push(line);
      return;
    }
    this.#calls.get(line.id)?.(line);
    this.#calls.delete(line.id);
  }
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

type Line = Answer | AgentEvent;

const PROGRAM = fileURLToPath(new URL("./bgp-agent.mjs", import.meta.url));
let count = 0;

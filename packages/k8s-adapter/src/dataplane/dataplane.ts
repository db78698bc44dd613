import { EventEmitter } from "eventemitter3";
import type { PathChange, PathCounters, WatchedPath } from "../bfd/path.ts";
import type { Clock } from "../clock.ts";
import type { SpeakerInterface } from "../domain.ts";
import type {
  AddressCounters,
  ConflictSighting,
  DesiredGroup,
  DesiredState,
  MainMessage,
  OwnershipCounters,
  OwnershipNews,
  WorkerMessage,
} from "./messages.ts";

/** The part of node's `Worker` that is used. */
export interface DataplaneThread {
  postMessage(message: MainMessage): void;
  on(event: "message", listener: (message: WorkerMessage) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "exit", listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

/** What a {@link Dataplane} works with. */
export interface DataplaneOptions {
  readonly clock: Clock;
  /** Starts the worker thread. */
  readonly spawn: () => DataplaneThread;
}

/** What a {@link Dataplane} tells. */
export interface DataplaneEvents {
  /** The worker runs and has the desired state. */
  up: [];
  /** It ended; it is started again after `retryInMs`. */
  down: [reason: string, retryInMs: number];
  /** It can never work as things are. */
  unable: [reason: string];
  /** The interfaces that can announce now. */
  interfaces: [interfaces: readonly SpeakerInterface[]];
  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  kernelAnswers: [addresses: readonly string[]];
  counters: [counters: readonly AddressCounters[]];
  /** A path that BFD watches over has come to another state. */
  path: [change: PathChange];
  pathCounters: [counters: readonly PathCounters[]];
  ownership: [news: OwnershipNews];
  ownershipCounters: [counters: OwnershipCounters];
  /** A host that is no speaker has an address of ours; told again from time to time while it lasts. */
  conflict: [sighting: ConflictSighting];
  log: [level: "info" | "warn" | "error", fields: object, message: string];
}

/** The pause before a restart of a worker that keeps ending. */
export const LONGEST_RESTART_MS = 10_000;

/**
 * The main thread's end of the dataplane: holds the desired state, hands it to the worker whole,
 * and starts the worker again with back-off when it dies.
 */
export class Dataplane extends EventEmitter<DataplaneEvents> {
  readonly #options: DataplaneOptions;
  #thread: DataplaneThread | undefined;
  #desired: DesiredState | undefined;
  /** The groups that the worker has, by name. */
  #handed: ReadonlyMap<string, DesiredGroup> = new Map();
  #paths: readonly WatchedPath[] = [];
  /** How often the worker was told of paths and has not taken them in yet. */
  #unheard = 0;
  #heard: () => void = () => {};
  #left: () => void = () => {};
  #isUp = false;
  #failures = 0;
  #cancelRestart: () => void = () => {};
  #closed = false;

  constructor(options: DataplaneOptions) {
    super();
    this.#options = options;
  }

  /** Whether the worker runs. */
  get isUp(): boolean {
    return this.#isUp;
  }

  start(): void {
    let reason = "";
    const thread = this.#options.spawn();
    this.#thread = thread;
    thread.on("message", (message) => {
      if (!this.#closed) this.#receive(message);
    });
    thread.on("error", (error) => {
      reason = error.message;
    });
    thread.on("exit", (code) => this.#ended(reason || `exit code ${code}`));
  }

  /** Replaces all that is to be answered for by anybody. Before it is told once, nothing is. */
  desire(desired: DesiredState): void {
    this.#desired = desired;
    if (this.#isUp) this.#handDesired(desired);
  }

  /** Replaces what BFD watches over. */
  watch(paths: readonly WatchedPath[]): void {
    this.#paths = paths;
    if (this.#isUp) this.#handPaths();
  }

  /** Hands everything over to the other nodes, and goes on answering until they have it. */
  async leave(): Promise<void> {
    if (!this.#isUp) return;
    await new Promise<void>((done) => {
      const cancelTimer = this.#options.clock.setTimer(LONGEST_HAND_OVER_MS, done);
      this.#left = () => {
        cancelTimer();
        done();
      };
      this.#thread?.postMessage({ type: "leave" });
    });
  }

  /** Ends the worker, once it has taken in what BFD watches over: neighbours are told of an end. */
  async close(): Promise<void> {
    if (this.#isUp && this.#unheard > 0) {
      await new Promise<void>((done) => {
        this.#heard = done;
        this.#options.clock.setTimer(LONGEST_FAREWELL_MS, done);
      });
    }
    this.#closed = true;
    this.#isUp = false;
    this.#cancelRestart();
    await this.#thread?.terminate();
    this.removeAllListeners();
  }

  #receive(message: WorkerMessage): void {
    switch (message.type) {
      case "ready":
        this.#isUp = true;
        this.#handed = new Map();
        if (this.#desired !== undefined) this.#handDesired(this.#desired);
        this.#unheard = 0;
        if (this.#paths.length > 0) this.#handPaths();
        this.emit("up");
        return;
      case "unable":
        this.emit("unable", message.reason);
        return;
      case "interfaces":
        this.#failures = 0;
        this.emit("interfaces", message.interfaces);
        return;
      case "kernelAnswers":
        this.emit("kernelAnswers", message.addresses);
        return;
      case "counters":
        this.emit("counters", message.counters);
        return;
      case "watching":
        this.#unheard -= 1;
        if (this.#unheard === 0) this.#heard();
        return;
      case "path":
        this.emit("path", message.change);
        return;
      case "pathCounters":
        this.emit("pathCounters", message.counters);
        return;
      case "ownership":
        this.emit("ownership", message.news);
        return;
      case "ownershipCounters":
        this.emit("ownershipCounters", message.counters);
        return;
      case "left":
        this.#left();
        return;
      case "conflict":
        this.emit("conflict", message.sighting);
        return;
      case "log":
        this.emit("log", message.level, message.fields, message.message);
        return;
    }
  }

  /** Ten thousand groups take long to copy, and few of them change at a time. */
  #handDesired({ groups, secrets, neighbours }: DesiredState): void {
    const before = this.#handed;
    this.#handed = new Map(groups.map((group) => [group.name, group]));
    const changed = groups.filter((group) => before.get(group.name) !== group);
    const gone = [...before.keys()].filter((name) => !this.#handed.has(name));
    const message = { type: "desired", groups: changed, gone, secrets, neighbours } as const;
    this.#thread?.postMessage(message);
  }

  #handPaths(): void {
    this.#unheard += 1;
    this.#thread?.postMessage({ type: "watch", paths: this.#paths });
  }

  #ended(reason: string): void {
    if (this.#closed) return;
    this.#heard();
    this.#left();
    this.#isUp = false;
    this.#thread = undefined;
    const retryInMs = Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 20);
    this.#cancelRestart = this.#options.clock.setTimer(retryInMs, () => this.start());
    this.emit("interfaces", []);
    this.emit("down", reason, retryInMs);
  }
}

const FIRST_RESTART_MS = 100;
const LONGEST_FAREWELL_MS = 200;
/** A little longer than a node waits for a successor. */
const LONGEST_HAND_OVER_MS = 1_200;

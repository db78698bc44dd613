import { EventEmitter } from "eventemitter3";
import type { Clock } from "./clock.ts";
import { textOf } from "./error-text.ts";
import {
  Leadership,
  type LeadershipInput,
  type LeadershipOutput,
  type LeaseState,
  type LeaseWrite,
} from "./leadership.ts";
import type { Logger } from "./observe/log.ts";

/** The Lease that the controllers of one cluster share. */
export interface LeaseStore {
  /** In words, for logs: `Lease metallb-system/ingot-controller`. */
  readonly description: string;
  /** Undefined when there is none. @throws {Error} when no answer came in time. */
  read(): Promise<LeaseState | undefined>;
  /**
   * What it is then; undefined when it was changed meanwhile.
   *
   * @throws {Error} when no answer came in time; it may have been written.
   */
  write(lease: LeaseWrite): Promise<LeaseState | undefined>;
  /** Tells what it is, again and again, from the event loop; returns what ends it. */
  watch(listen: (lease: LeaseState | undefined) => void): () => Promise<void>;
}

/** What a {@link LeaderElection} works with; the store is its own from now on. */
export interface LeaderElectionOptions {
  readonly store: LeaseStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique to this process. */
  readonly identity: string;
}

/** What a {@link LeaderElection} tells. */
export interface LeaderElectionEvents {
  /** May act from now on; told again after `suspended`. */
  leading: [];
  /** Must not act until it is told `leading` again. */
  suspended: [];
  /** Somebody else leads: all that was decided is void. The holder is empty when nobody knows. */
  following: [holder: string];
}

/** Finds out whether this process may act, and keeps the Lease while it does. */
export class LeaderElection extends EventEmitter<LeaderElectionEvents> {
  readonly #options: LeaderElectionOptions;
  readonly #machine: Leadership;
  readonly #inputs: LeadershipInput[] = [];
  #draining = false;
  #until = 0;
  #failing = false;
  #cancelTimer: () => void = () => {};
  #endWatch: () => Promise<void> = async () => {};
  #stopped: () => void = () => {};

  constructor(options: LeaderElectionOptions) {
    super();
    this.#options = options;
    this.#machine = new Leadership({ identity: options.identity });
  }

  /** For how long it may still act; 0: not at all. What is begun has to be over by then. */
  get actMs(): number {
    return Math.max(0, this.#until - this.#options.clock.now());
  }

  start(): void {
    this.#endWatch = this.#options.store.watch((lease) => this.#feed({ type: "observed", lease }));
    this.#feed({ type: "start" });
  }

  /** Gives the Lease up, so that another takes over at once; call it when all work is done. Never rejects. */
  async stop(): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#until = 0;
    this.#feed({ type: "stop" });
    await stopped;
    this.#cancelTimer();
    await this.#endWatch();
  }

  /** Inputs queue up, so that a listener that calls back in does not re-enter the machine. */
  #feed(input: LeadershipInput): void {
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        for (const output of this.#machine.handle(next, this.#options.clock.now())) {
          this.#perform(output);
        }
      }
    } finally {
      this.#draining = false;
    }
    this.#cancelTimer();
    const { clock } = this.#options;
    const delayMs = this.#machine.deadline - clock.now();
    if (delayMs === Number.POSITIVE_INFINITY) return;
    this.#cancelTimer = clock.setTimer(Math.max(0, delayMs), () => this.#feed({ type: "tick" }));
  }

  #perform(output: LeadershipOutput): void {
    const { store, logger } = this.#options;
    switch (output.type) {
      case "read":
        void this.#ask(store.read(), (lease) => ({ type: "read", lease }));
        return;
      case "write":
        void this.#ask(store.write(output.lease), (lease) =>
          lease === undefined ? { type: "refused" } : { type: "written", lease },
        );
        return;
      case "leading": {
        const acted = this.actMs > 0;
        this.#until = output.until;
        if (!acted) this.emit("leading");
        return;
      }
      case "suspended":
        this.#until = 0;
        logger.warn({}, "the lease could not be renewed in time; nothing is written until it is");
        this.emit("suspended");
        return;
      case "following":
        this.#until = 0;
        this.emit("following", output.holder);
        return;
      case "stopped":
        this.#stopped();
    }
  }

  async #ask(
    answer: Promise<LeaseState | undefined>,
    inputOf: (lease: LeaseState | undefined) => LeadershipInput,
  ): Promise<void> {
    let input: LeadershipInput;
    try {
      input = inputOf(await answer);
      if (this.#failing) this.#options.logger.info({}, "the lease can be reached again");
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#tellFailure(error);
      this.#failing = true;
      input = { type: "failed" };
    }
    this.#feed(input);
  }

  #tellFailure(error: unknown): void {
    const { store, logger } = this.#options;
    logger.warn(
      { lease: store.description, error: textOf(error) },
      "the lease cannot be reached, will try again",
    );
  }
}

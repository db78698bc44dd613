import type { AnnouncerInput, ArpAnnouncer } from "./announcer.ts";
import type { AnnouncerOutput } from "./output.ts";
import type { Clock } from "./socket.ts";

/**
 * Runs an announcer on a clock: hands it one input after the other, wakes it at its deadline, and
 * gives what it wants done to its shell. Inputs queue up, so that a listener or socket that calls
 * back in does not re-enter.
 */
export class Pump {
  readonly #clock: Clock;
  readonly #announcer: ArpAnnouncer;
  readonly #carryOut: (outputs: readonly AnnouncerOutput[], input: AnnouncerInput) => void;
  readonly #queue: AnnouncerInput[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #draining = false;
  #closed = false;

  constructor(
    clock: Clock,
    announcer: ArpAnnouncer,
    carryOut: (outputs: readonly AnnouncerOutput[], input: AnnouncerInput) => void,
  ) {
    this.#clock = clock;
    this.#announcer = announcer;
    this.#carryOut = carryOut;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** What an input leads to is done when this returns, unless it was called by what is being done. */
  handle(input: AnnouncerInput): void {
    if (this.#closed) return;
    this.#queue.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#carryOut(this.#announcer.handle(next, this.#clock.now()), next);
      }
    } finally {
      this.#draining = false;
      this.#arm();
    }
  }

  /** From now on nothing happens. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#cancelTimer();
  }

  /** Most packets leave the deadline alone, and never touch the timer. */
  #arm(): void {
    const { deadline } = this.#announcer;
    if (this.#closed || deadline === this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, deadline - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.handle({ type: "tick" });
    });
  }
}

import { FirstError } from "./first-error.ts";
import type { Clock } from "./transport.ts";

/** Somebody who wants to be woken. */
export interface Sleeper {
  /** On the clock; infinite: never. */
  readonly deadline: number;
  tick(): void;
  /** Called once the turn is over in which it was asked for. */
  flush(): void;
}

/** Wakes any number of sleepers with one timer. */
export class Waker {
  readonly #clock: Clock;
  readonly #sleepers = new Set<Sleeper>();
  #toFlush = new Set<Sleeper>();
  #armedFor = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call when a deadline may have changed. One that is later than before costs nothing. */
  arm(sleeper: Sleeper): void {
    this.#sleepers.add(sleeper);
    this.#armFor(sleeper.deadline);
  }

  soon(sleeper: Sleeper): void {
    this.#toFlush.add(sleeper);
    this.#armFor(this.#clock.now());
  }

  forget(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    this.#toFlush.delete(sleeper);
  }

  /** Nobody is woken any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #armFor(time: number): void {
    if (this.#isClosed || time >= this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = time;
    const delayMs = Math.max(0, time - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#wake());
  }

  #wake(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    try {
      this.#tickAll();
    } finally {
      // Also when a listener threw: nobody else shall pay for it.
      let next = this.#toFlush.size > 0 ? this.#clock.now() : Number.POSITIVE_INFINITY;
      for (const { deadline } of this.#sleepers) next = Math.min(next, deadline);
      this.#armFor(next);
    }
  }

  /** Whoever has a timer due comes before whoever has routes to send. */
  #tickAll(): void {
    const now = this.#clock.now();
    const thrown = new FirstError();
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.deadline <= now) thrown.guard(() => sleeper.tick());
    }
    const flushing = this.#toFlush;
    this.#toFlush = new Set();
    for (const sleeper of flushing) thrown.guard(() => sleeper.flush());
    thrown.raise();
  }
}

import { checkRange } from "./range.ts";

/**
 * Says when frames may go, and remembers what went. Several announcers of one segment can share one,
 * of another protocol as well: what was true when one of them asked may not be so any more when it is
 * woken, upon which it asks again.
 *
 * Times are milliseconds on one clock.
 */
export interface FrameBucket {
  /** When so many frames may go at once, if none goes before; they may now if that is past. */
  readyAt(frames: number): number;
  /** Counts frames that go now; those that cannot wait may go without asking. */
  charge(frames: number, now: number): void;
}

/** Lets so many frames a second through on average, and a burst after a rest. */
export class TokenBucket implements FrameBucket {
  readonly #gapMs: number;
  readonly #burst: number;
  /** When the bucket is full again: all that is remembered of it. */
  #fullAt = Number.NEGATIVE_INFINITY;

  /**
   * @param framesPerSecond 1 to 1,000,000.
   * @param burst 2 to 1,000,000.
   * @throws {RangeError} when one is out of its range; the message names it and its value.
   */
  constructor(framesPerSecond: number, burst: number) {
    checkRange("framesPerSecond", framesPerSecond, 1, 1_000_000);
    checkRange("burst", burst, 2, 1_000_000);
    this.#gapMs = 1_000 / framesPerSecond;
    this.#burst = burst;
  }

  readyAt(frames: number): number {
    return this.#fullAt - (this.#burst - frames) * this.#gapMs;
  }

  /** The bucket gets no emptier than empty, however many frames did not ask. */
  charge(frames: number, now: number): void {
    const fullAt = Math.max(this.#fullAt, now) + frames * this.#gapMs;
    this.#fullAt = Math.min(fullAt, now + this.#burst * this.#gapMs);
  }
}

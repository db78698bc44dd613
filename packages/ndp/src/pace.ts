/**
 * A token bucket: lets so many through a second on average, and a tenth of that at once after a rest.
 *
 * Times are milliseconds on one clock.
 */
export class Pace {
  readonly #gapMs: number;
  readonly #slackMs: number;
  /** When the bucket is full again. */
  #fullAt = Number.NEGATIVE_INFINITY;

  /** @param perSecond positive. */
  constructor(perSecond: number) {
    this.#gapMs = 1_000 / perSecond;
    this.#slackMs = Math.max(0, 100 - this.#gapMs);
  }

  /** When the next may go; it may now if that is past. */
  get readyAt(): number {
    return this.#fullAt - this.#slackMs;
  }

  /** Counts one that goes now. */
  take(now: number): void {
    this.#fullAt = Math.max(this.#fullAt, now) + this.#gapMs;
  }
}

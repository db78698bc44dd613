/**
 * When to send the next periodic packet. Moments follow from each other, not from when the timer
 * came, so that timers that come late do not add up; and yet two packets are never closer to each
 * other than jitter allows.
 *
 * @see RFC 5880 section 6.8.7
 */
export class TransmitSchedule {
  readonly #random: () => number;
  #nextAt = Number.POSITIVE_INFINITY;

  /** `random` returns numbers from 0 to below 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Infinite while stopped. */
  get deadline(): number {
    return this.#nextAt;
  }

  /** Plans a packet for now. */
  start(now: number): void {
    this.#nextAt = now;
  }

  /** A packet went at its time: plans the next. */
  advance(now: number, intervalMs: number, detectMultiplier: number): void {
    const planned = this.#nextAt + this.#jittered(intervalMs, detectMultiplier);
    this.#nextAt = Math.max(planned, now + LEAST * intervalMs);
  }

  /** A packet went out of turn, as there was news: plans the next from here. */
  restart(now: number, intervalMs: number, detectMultiplier: number): void {
    this.#nextAt = now + this.#jittered(intervalMs, detectMultiplier);
  }

  /** Plans a packet if none is planned, or sooner if the interval has become shorter. */
  ensure(now: number, intervalMs: number, detectMultiplier: number): void {
    if (this.#nextAt > now + intervalMs) this.restart(now, intervalMs, detectMultiplier);
  }

  stop(): void {
    this.#nextAt = Number.POSITIVE_INFINITY;
  }

  /** With a multiplier of 1 the whole interval would be the whole detection time. */
  #jittered(intervalMs: number, detectMultiplier: number): number {
    const most = detectMultiplier === 1 ? 0.9 : 1;
    return intervalMs * (most - this.#random() * (most - LEAST));
  }
}

/** The least share of the interval that jitter leaves. */
const LEAST = 0.75;

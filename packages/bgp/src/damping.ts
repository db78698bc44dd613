/** How long a peer that keeps failing is left alone. */
export interface DampingOptions {
  /** After the first failure; doubles with each further one. By default 1,000. */
  readonly baseMs?: number;
  /** No wait is longer. By default 300,000. */
  readonly mostMs?: number;
  /** A session that was Established for this long forgives all failures before it. By default 300,000. */
  readonly forgetAfterMs?: number;
}

/**
 * DampPeerOscillations: the wait before the next attempt, by the failures so far. Holds no timer.
 *
 * @see RFC 4271 section 8.1.1
 */
export class Damping {
  readonly #options: Required<DampingOptions>;
  #failures = 0;

  constructor(options: Required<DampingOptions>) {
    this.#options = options;
  }

  /** Failures that are not forgotten. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure of a session that was Established for `upMs` (0: never) and gives the wait. */
  failed(upMs: number): number {
    if (upMs >= this.#options.forgetAfterMs) this.#failures = 0;
    const { baseMs, mostMs } = this.#options;
    // The exponent is bounded, as 2 ** 1024 times nothing is no number.
    const wait = baseMs * 2 ** Math.min(this.#failures, 40);
    this.#failures += 1;
    return Math.min(wait, mostMs);
  }

  /** Forgets all failures, as when the operator starts the peer by hand. */
  clear(): void {
    this.#failures = 0;
  }
}

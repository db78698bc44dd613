/**
 * How long to wait between tries: exponential, with jitter, and never less than the server asks for. What it
 * asks for the first time is enough.
 */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** `random` gives numbers in [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Things went well for a while: the next failure is a first one again. */
  reset(): void {
    this.#failures = 0;
  }

  /** Counts a failure; how long to wait after it. A server that names a time gets a little more. */
  nextMs(retryAfterMs: number): number {
    const isFirst = this.#failures === 0;
    const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 20);
    const askedMs = retryAfterMs * (1 + this.#random() / 4);
    if (isFirst && askedMs > 0) return askedMs;
    return Math.max(fullMs * (0.5 + this.#random() / 2), askedMs);
  }
}

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

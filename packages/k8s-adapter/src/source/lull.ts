import type { Clock } from "../clock.ts";

/** What a {@link Lull} works with. */
export interface LullOptions {
  readonly clock: Clock;
  /** For how long nothing must have happened, milliseconds. */
  readonly quietMs: number;
  /** A stir that lasts for longer lets one through now and then. */
  readonly mostMs: number;
  /** How often it does. */
  readonly everyMs: number;
}

/**
 * Lets what nobody waits for stand back while Services come and change: every node has something to say
 * about each of them, and the API server that takes it down has the next Service to serve.
 */
export class Lull {
  readonly #options: LullOptions;
  readonly #waiting: (() => void)[] = [];
  #begunAt = Number.NEGATIVE_INFINITY;
  #lastAt = Number.NEGATIVE_INFINITY;
  #passedAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #ended = false;

  constructor(options: LullOptions) {
    this.#options = options;
  }

  /** Something happened. */
  stir(): void {
    const { clock, quietMs } = this.#options;
    const now = clock.now();
    if (now - this.#lastAt >= quietMs) this.#begunAt = now;
    this.#lastAt = now;
  }

  /** Resolves when it is quiet, at once if it is; in its turn when it has not been for long. */
  turn(): Promise<void> {
    if (this.#isQuiet) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#look();
    });
  }

  /** Holds up nothing from now on. */
  end(): void {
    this.#ended = true;
    this.#cancelTimer?.();
    for (const go of this.#waiting.splice(0)) go();
  }

  get #isQuiet(): boolean {
    const { clock, quietMs } = this.#options;
    return this.#ended || clock.now() - this.#lastAt >= quietMs;
  }

  // One timer for a stir of a thousand Services: it looks again when it wakes.
  #look(): void {
    if (this.#cancelTimer !== undefined || this.#waiting.length === 0) return;
    const { clock, quietMs, mostMs, everyMs } = this.#options;
    const passAt = Math.max(this.#begunAt + mostMs, this.#passedAt + everyMs);
    const delayMs = Math.min(this.#lastAt + quietMs, passAt) - clock.now();
    this.#cancelTimer = clock.setTimer(Math.max(0, delayMs), () => this.#wake());
  }

  #wake(): void {
    this.#cancelTimer = undefined;
    const { clock, mostMs, everyMs } = this.#options;
    const now = clock.now();
    if (this.#isQuiet) for (const go of this.#waiting.splice(0)) go();
    else if (now - this.#begunAt >= mostMs && now - this.#passedAt >= everyMs) {
      this.#passedAt = now;
      this.#waiting.shift()?.();
    }
    this.#look();
  }
}

/** When this node's own hellos are due, and how far apart it says they are. */
export class Beat {
  readonly #intervalMs: number;
  readonly #random: () => number;
  #stretchMs = 0;
  #stretchedAt = 0;
  #peers = 0;
  #deadline = Number.NEGATIVE_INFINITY;

  constructor(intervalMs: number, random: () => number) {
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  /** When the next hello is due. */
  get deadline(): number {
    return this.#deadline;
  }

  /** What to announce: the option, more when peers are many, and more while own timers are late. */
  get intervalMs(): number {
    // Each of N nodes once in N / 2 ms: 2,000 hellos a second on the segment.
    return Math.ceil(Math.max(this.#intervalMs, (this.#peers + 1) / 2) + this.#stretchMs);
  }

  set peers(count: number) {
    this.#peers = count;
  }

  /** How late a wake-up is that says something about this node rather than about its peers. */
  get toleranceMs(): number {
    return Math.max(10, this.#intervalMs / 2);
  }

  /** This node was not run in time: a peer must not take that for its death. */
  stretch(lateMs: number, now: number): void {
    const most = Math.min(3 * this.#intervalMs, Math.max(0, 1_000 - this.#intervalMs));
    this.#stretchMs = Math.min(most, Math.max(this.#stretchMs, lateMs));
    this.#stretchedAt = now;
  }

  /** A hello goes out now. */
  sent(now: number): void {
    if (now - this.#stretchedAt > RELAX_MS) this.#stretchMs = 0;
    // A little early, never late: speakers that started together drift apart.
    this.#deadline = now + this.intervalMs * (1 - 0.05 * this.#random());
  }

  /** Makes a hello due at once. */
  hurry(now: number): void {
    this.#deadline = Math.min(this.#deadline, now);
  }
}

const RELAX_MS = 2_000;

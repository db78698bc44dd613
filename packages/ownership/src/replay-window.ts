/**
 * The sequence numbers that were met, of the last 1,024: each is good once, in whatever order they
 * come, and older ones never (as RFC 4303 section 3.4.3 does).
 */
export class ReplayWindow {
  readonly #met = new Uint8Array(SIZE);
  #highest: number;

  /** @param first the lowest number that is good: what was sent before it may have been recorded. */
  constructor(first: number) {
    this.#met.fill(1);
    this.#highest = first - 1;
  }

  /** Whether it was met, or is too old to tell. */
  hasMet(sequence: number): boolean {
    if (sequence > this.#highest) return false;
    return sequence <= this.#highest - SIZE || this.#met[sequence % SIZE] === 1;
  }

  meet(sequence: number): void {
    if (sequence > this.#highest) {
      const from = Math.max(this.#highest + 1, sequence - SIZE + 1);
      for (let skipped = from; skipped < sequence; skipped++) this.#met[skipped % SIZE] = 0;
      this.#highest = sequence;
    }
    if (sequence > this.#highest - SIZE) this.#met[sequence % SIZE] = 1;
  }
}

const SIZE = 1_024;

// This node's interfaces, and whether it listens there before it claims anything.
//
//             | up, was down | cut off: lost all of several peers at once, | 3 intervals and all sets, or 1 s
//             |              | or hears the first of several again         |
//  down       | listening    | -                                           | -
//  listening  | -            | listening anew                              | ready
//  ready      | -            | listening                                   | -

/** An interface that hellos go by. */
export interface Segment {
  readonly name: string;
  readonly mac: number;
}

/** Which interfaces are there, and by which of them this node may claim. */
export class Segments {
  readonly #leastMs: number;
  readonly #up = new Map<string, Segment>();
  readonly #known = new Set<string>();
  readonly #listensSince = new Map<string, number>();

  /** @param leastMs how long it listens at least; a second at most. */
  constructor(leastMs: number) {
    this.#leastMs = Math.min(leastMs, MOST_MS);
  }

  get up(): ReadonlyMap<string, Segment> {
    return this.#up;
  }

  /** When listening may end next. */
  deadlineAfter(now: number): number {
    let deadline = Number.POSITIVE_INFINITY;
    for (const since of this.#listensSince.values()) {
      const least = since + this.#leastMs;
      deadline = Math.min(deadline, now < least ? least : since + MOST_MS);
    }
    return deadline;
  }

  raise(name: string, mac: number, now: number): void {
    if (!this.#up.has(name)) this.listen(name, now);
    this.#up.set(name, { name, mac });
    this.#known.add(name);
  }

  lower(name: string): void {
    this.#up.delete(name);
    this.#known.add(name);
    this.#listensSince.delete(name);
  }

  listen(name: string, now: number): void {
    this.#listensSince.set(name, now);
  }

  /** Ends listening where it is due; returns whether it ended anywhere. */
  end(now: number, hasAllSets: (name: string) => boolean): boolean {
    const before = this.#listensSince.size;
    for (const [name, since] of this.#listensSince) {
      const isDone = now >= since + this.#leastMs && hasAllSets(name);
      if (isDone || now >= since + MOST_MS) this.#listensSince.delete(name);
    }
    return this.#listensSince.size < before;
  }

  /** Whether it listens anywhere. */
  get isListening(): boolean {
    return this.#listensSince.size > 0;
  }

  /** Whether none of these is up and ready; none named means all. */
  isListeningOn(names: readonly string[]): boolean {
    const candidates = names.length > 0 ? names : [...this.#known];
    return !candidates.some((name) => this.#up.has(name) && !this.#listensSince.has(name));
  }

  /**
   * Whether these are all down while another is up, so that others can be told. With none up at all
   * the cable may just have been replugged, and nobody would hear.
   */
  isCutFrom(names: readonly string[]): boolean {
    return names.length > 0 && this.#up.size > 0 && !names.some((name) => this.#up.has(name));
  }
}

const MOST_MS = 1_000;

/** A handful of named deadlines; a deadline that is not armed is infinite. */
export class Timers<Name extends string> {
  readonly #due: Map<Name, number>;
  #next: number = Number.POSITIVE_INFINITY;

  /** @param names in the order in which timers that are due at one moment fire. */
  constructor(names: readonly Name[]) {
    this.#due = new Map(names.map((name) => [name, Number.POSITIVE_INFINITY]));
  }

  /** The earliest of all. */
  get deadline(): number {
    return this.#next;
  }

  isArmed(name: Name): boolean {
    return this.#due.get(name) !== Number.POSITIVE_INFINITY;
  }

  arm(name: Name, at: number): void {
    const before = this.#due.get(name);
    this.#due.set(name, at);
    if (at <= this.#next) this.#next = at;
    else if (before === this.#next) this.#next = Math.min(...this.#due.values());
  }

  disarm(name: Name): void {
    this.arm(name, Number.POSITIVE_INFINITY);
  }

  disarmAll(): void {
    for (const name of this.#due.keys()) this.#due.set(name, Number.POSITIVE_INFINITY);
    this.#next = Number.POSITIVE_INFINITY;
  }

  /** Disarms one timer that is due and names it; undefined when none is. */
  take(now: number): Name | undefined {
    if (now < this.#next) return undefined;
    for (const [name, at] of this.#due) {
      if (at > now) continue;
      this.disarm(name);
      return name;
    }
    return undefined;
  }
}

/**
 * What is to be looked at when it has been quiet for a while: each new disturbance puts it off. Holds
 * no timer: ask it at its deadline.
 */
export class Settling {
  readonly #due = new Map<string, number>();
  #deadline = Number.POSITIVE_INFINITY;

  /** When something is due at the earliest; it may turn out that it was put off. */
  get deadline(): number {
    return this.#deadline;
  }

  /** To be looked at then, and not before. */
  put(key: string, at: number): void {
    this.#due.set(key, at);
    this.#deadline = Math.min(this.#deadline, at);
  }

  /** Not to be looked at. */
  drop(key: string): void {
    this.#due.delete(key);
  }

  /** What is due, which is forgotten by that. */
  take(now: number): readonly string[] {
    if (now < this.#deadline) return [];
    const keys: string[] = [];
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const [key, at] of this.#due) {
      if (at <= now) keys.push(key);
      else this.#deadline = Math.min(this.#deadline, at);
    }
    for (const key of keys) this.#due.delete(key);
    return keys;
  }
}

/**
 * Things that others told of, each until its time is over. Holds so many at most, so that nobody can
 * fill the memory with them: what would be one more is not kept.
 */
export class ExpiringTable<T> {
  readonly #most: number;
  readonly #entries = new Map<string, Entry<T>>();
  #deadline = Number.POSITIVE_INFINITY;

  constructor(most: number) {
    this.#most = most;
  }

  /** When the next one expires; infinite while none does. */
  get deadline(): number {
    return this.#deadline;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** In the order in which they came. */
  values(): readonly T[] {
    return Array.from(this.#entries.values(), ({ value }) => value);
  }

  /** False when there is no room for another. */
  set(key: string, value: T, expiresAt: number): boolean {
    if (!this.#entries.has(key) && this.#entries.size >= this.#most) return false;
    this.#entries.set(key, { value, expiresAt });
    this.#reckon();
    return true;
  }

  /** What was there. */
  delete(key: string): T | undefined {
    const value = this.get(key);
    this.#entries.delete(key);
    this.#reckon();
    return value;
  }

  /** Removes and returns what has expired. */
  expire(now: number): readonly T[] {
    if (now < this.#deadline) return [];
    const expired: T[] = [];
    for (const [key, { value, expiresAt }] of this.#entries) {
      if (expiresAt > now) continue;
      this.#entries.delete(key);
      expired.push(value);
    }
    this.#reckon();
    return expired;
  }

  #reckon(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#entries.values()) {
      this.#deadline = Math.min(this.#deadline, expiresAt);
    }
  }
}

interface Entry<T> {
  readonly value: T;
  readonly expiresAt: number;
}

import type { Key } from "../domain.ts";
import type { Holds } from "./holds.ts";

/**
 * Addresses that were given up a moment ago, and are kept from others for a while. Holds no timer:
 * tick it at its deadline. It is not stored: a controller that takes over knows of none.
 */
export class CoolDowns {
  readonly #holds: Holds;
  readonly #until = new Map<string, { readonly key: Key; readonly at: number }>();
  #deadline = Number.POSITIVE_INFINITY;

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  /** When to tick next; infinite while nothing cools down. It may come early, never late. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Nobody but this Service has the address again before `at`. */
  begin(address: string, key: Key, at: number): void {
    this.end(address);
    this.#until.set(address, { key, at });
    this.#deadline = Math.min(this.#deadline, at);
    this.#holds.put(address, "cooling down", key);
  }

  /** Somebody has the address. */
  end(address: string): void {
    const known = this.#until.get(address);
    if (known === undefined) return;
    this.#until.delete(address);
    this.#holds.drop(address, "cooling down", known.key);
  }

  /** What came free. */
  tick(now: number): readonly string[] {
    const freed: string[] = [];
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const [address, { key, at }] of this.#until) {
      if (at > now) this.#deadline = Math.min(this.#deadline, at);
      else {
        this.#until.delete(address);
        if (this.#holds.drop(address, "cooling down", key)) freed.push(address);
      }
    }
    return freed;
  }
}

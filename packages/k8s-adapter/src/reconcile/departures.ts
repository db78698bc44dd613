import type { Allocator, Assignment } from "@ingot/allocator";
import type { Key } from "../domain.ts";
import type { Holds } from "./holds.ts";

/**
 * Addresses that a Service has given up but that its status still names. They are held until the
 * status is written: given to another at once, two statuses would name one address for a moment,
 * or for good if the controller ended between the two writes.
 */
export class Departures {
  readonly #allocator: Allocator;
  readonly #holds: Holds;
  readonly #leaving = new Map<Key, readonly string[]>();

  constructor(allocator: Allocator, holds: Holds) {
    this.#allocator = allocator;
    this.#holds = holds;
  }

  /**
   * Call it right after a decision, before which the Service's holds were lifted.
   *
   * @param published What the status names; nothing for a Service that is gone.
   * @param before What the Service held before the decision.
   * @returns What came free at once.
   */
  hold(key: Key, published: readonly string[], before: Assignment | undefined): readonly string[] {
    const after = this.#allocator.assignment(key)?.addresses ?? [];
    const held = this.#leaving.get(key) ?? [];
    const leaving = published.filter((address) => !after.includes(address));
    for (const address of held) {
      if (!leaving.includes(address)) this.#holds.drop(address, "leaving", key);
    }
    for (const address of leaving) this.#holds.put(address, "leaving", key);
    if (leaving.length > 0) this.#leaving.set(key, leaving);
    else this.#leaving.delete(key);
    this.#holds.lower(key);
    const left = new Set([...(before?.addresses ?? []), ...held]);
    return [...left].filter(
      (address) =>
        !after.includes(address) && !leaving.includes(address) && !this.#holds.regain(address),
    );
  }

  /** Whether the status of a Service names what it gave up. */
  isLeaving(key: Key): boolean {
    return this.#leaving.has(key);
  }

  /** The status is written, or the Service is gone. Returns what came free by that. */
  settle(key: Key): readonly string[] {
    const left = this.#leaving.get(key) ?? [];
    this.#leaving.delete(key);
    return left.filter((address) => this.#holds.drop(address, "leaving", key));
  }
}

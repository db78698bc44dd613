import type { Allocator, Assignment } from "@ingot/allocator";
import type { Key } from "../domain.ts";

/**
 * Addresses that a Service has given up but that its status still names. They are held until the
 * status is written: given to another at once, two statuses would name one address for a moment,
 * or for good if the controller ended between the two writes.
 */
export class Departures {
  readonly #allocator: Allocator;

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  /**
   * Call it right after a decision.
   *
   * @param published What the status names; nothing for a Service that is gone.
   * @param before What the Service held before the decision.
   * @returns What came free at once.
   */
  hold(key: Key, published: readonly string[], before: Assignment | undefined): readonly string[] {
    const after = this.#allocator.assignment(key)?.addresses ?? [];
    const left = (before?.addresses ?? []).filter((address) => !after.includes(address));
    const held = left.filter((address) => published.includes(address));
    if (held.length > 0) this.#allocator.claim(holderOf(key), held);
    return left.filter((address) => !held.includes(address));
  }

  /** The status is written, or the Service is gone. Returns what came free by that. */
  settle(key: Key): Assignment | undefined {
    return this.#allocator.release(holderOf(key));
  }
}

// A blank is in no name of a Kubernetes object.
function holderOf(key: Key): string {
  return `${key} (leaving)`;
}

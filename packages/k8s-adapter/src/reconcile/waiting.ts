import type { Key } from "../domain.ts";

/**
 * Who waits for what: keys indexed by the topics that would help them, so that an address that
 * becomes free wakes those that wait for it and nobody else.
 */
export class Waiting {
  readonly #topicsOf = new Map<Key, readonly string[]>();
  readonly #waitersOf = new Map<string, Set<Key>>();

  get size(): number {
    return this.#topicsOf.size;
  }

  /** Replaces what `key` waits for; no topics: it waits no longer. Its place in the queue stays. */
  set(key: Key, topics: readonly string[]): void {
    if (this.#topicsOf.get(key)?.join() === topics.join()) return;
    for (const topic of this.#topicsOf.get(key) ?? []) {
      const waiters = this.#waitersOf.get(topic);
      waiters?.delete(key);
      if (waiters?.size === 0) this.#waitersOf.delete(topic);
    }
    if (topics.length === 0) {
      this.#topicsOf.delete(key);
      return;
    }
    this.#topicsOf.set(key, topics);
    for (const topic of topics) {
      const waiters = this.#waitersOf.get(topic) ?? new Set();
      waiters.add(key);
      this.#waitersOf.set(topic, waiters);
    }
  }

  /** Keys that wait for any of the topics, longest waiting first; they go on waiting until `set`. */
  waitersOf(topics: Iterable<string>): readonly Key[] {
    const woken = new Set<Key>();
    for (const topic of topics) {
      for (const key of this.#waitersOf.get(topic) ?? []) woken.add(key);
    }
    return [...woken];
  }

  /** Keys that wait for a topic, longest waiting first; it follows what changes meanwhile. */
  inOrder(topic: string): Iterator<Key, undefined> {
    return (this.#waitersOf.get(topic) ?? new Set<Key>()).values();
  }
}

/** Topic of those that wait for any change of the pools. */
export const ANY_POOL = "pools";

/** Topic of those that wait for an address of a pool. */
export function poolTopic(pool: string): string {
  return `pool:${pool}`;
}

/** Topic of those that wait for one address. */
export function addressTopic(address: string): string {
  return `address:${address}`;
}

/** Topic of those that wait until their namespace may have more addresses. */
export function quotaTopic(namespace: string): string {
  return `quota:${namespace}`;
}

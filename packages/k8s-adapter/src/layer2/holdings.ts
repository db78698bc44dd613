import type { OwnershipNews } from "../dataplane/messages.ts";
import type { Key } from "../domain.ts";

/** What this node claims, what it answers for, and which Services have what. */
export class Holdings {
  readonly #claimed = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #keys = new Map<string, Set<Key>>();
  readonly #addresses = new Map<Key, readonly string[]>();

  /** With those that are left to another host for now. */
  get claimed(): ReadonlySet<string> {
    return this.#claimed;
  }

  /** The addresses that a Service has; empty: it is gone, or nobody answers for it. */
  setService(key: Key, addresses: readonly string[]): void {
    for (const address of this.#addresses.get(key) ?? []) {
      const keys = this.#keys.get(address);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(address);
    }
    if (addresses.length === 0) this.#addresses.delete(key);
    else this.#addresses.set(key, addresses);
    for (const address of addresses) {
      const keys = this.#keys.get(address) ?? new Set();
      this.#keys.set(address, keys.add(key));
    }
  }

  /** The Services that have an address. */
  servicesOf(address: string): readonly Key[] {
    return [...(this.#keys.get(address) ?? [])];
  }

  /** The addresses of a Service that this node answers for. */
  answeredOf(key: Key): readonly string[] {
    return (this.#addresses.get(key) ?? []).filter((address) => this.#answered.has(address));
  }

  /** Takes in what came of ownership; returns the Services that it is about. */
  hear({ answering, silenced, facts }: OwnershipNews): ReadonlySet<Key> {
    for (const fact of facts) {
      if (fact.kind === "claimed") this.#claimed.add(fact.address);
      if (fact.kind === "stopped") this.#claimed.delete(fact.address);
    }
    for (const address of silenced) this.#answered.delete(address);
    for (const address of answering) this.#answered.add(address);
    return new Set([...silenced, ...answering].flatMap((address) => this.servicesOf(address)));
  }

  /** The dataplane is gone, and everything with it; returns the Services that it is about. */
  lose(): ReadonlySet<Key> {
    const silenced = [...this.#answered];
    this.#claimed.clear();
    return this.hear({ answering: [], silenced, facts: [], at: 0 });
  }
}

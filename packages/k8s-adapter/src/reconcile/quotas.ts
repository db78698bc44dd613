import { familyOf } from "../address.ts";
import type { Family, Key, NamespaceRecord } from "../domain.ts";

/**
 * How many addresses each namespace has that has a quota. What is there when a quota comes is not taken
 * away; an address that several Services share counts once.
 */
export class Quotas {
  readonly #namespaces: ReadonlyMap<Key, NamespaceRecord>;
  /** By namespace and address: how many Services of it have that. */
  readonly #used = new Map<string, Map<string, number>>();

  constructor(namespaces: ReadonlyMap<Key, NamespaceRecord>) {
    this.#namespaces = namespaces;
  }

  /** Whether there is anything to count in a namespace. */
  isLimited(namespace: string): boolean {
    return this.#namespaces.get(namespace)?.quota !== undefined;
  }

  /** Counts a namespace anew, from all that its Services have. */
  recount(namespace: string, held: Iterable<readonly string[]>): void {
    this.#used.delete(namespace);
    if (!this.isLimited(namespace)) return;
    for (const addresses of held) this.note(namespace, [], addresses);
  }

  /** A Service of the namespace has other addresses. */
  note(namespace: string, before: readonly string[], after: readonly string[]): void {
    if (!this.isLimited(namespace)) return;
    const used = this.#used.get(namespace) ?? new Map<string, number>();
    this.#used.set(namespace, used);
    for (const address of after) used.set(address, (used.get(address) ?? 0) + 1);
    for (const address of before) {
      const left = (used.get(address) ?? 0) - 1;
      if (left > 0) used.set(address, left);
      else used.delete(address);
    }
  }

  /**
   * Why a Service may not have these addresses; empty when it may. What it has itself is not counted
   * meanwhile.
   *
   * @param before What it has already, and may keep.
   */
  refusal(namespace: string, before: readonly string[], after: readonly string[]): string {
    const quota = this.#namespaces.get(namespace)?.quota;
    if (quota === undefined) return "";
    if (quota.problem !== "") return `namespace "${namespace}": ${quota.problem}`;
    const used = this.#used.get(namespace) ?? new Map<string, number>();
    for (const family of [4, 6] as const) {
      const limit = (family === 4 ? quota.ipv4 : quota.ipv6) ?? Number.POSITIVE_INFINITY;
      const others = countOf(used.keys(), family);
      const own = after.filter((address) => familyOf(address) === family && !used.has(address));
      if (own.every((address) => before.includes(address))) continue;
      if (others + own.length <= limit) continue;
      return `namespace "${namespace}" has ${others + countOf(before, family)} of the ${limit} IPv${family} addresses that ingot.dev/quota-ipv${family} allows`;
    }
    return "";
  }
}

function countOf(addresses: Iterable<string>, family: Family): number {
  let count = 0;
  for (const address of addresses) if (familyOf(address) === family) count += 1;
  return count;
}

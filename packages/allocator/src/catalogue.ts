import type { Address } from "./address.ts";
import { overlapOf, type PoolEntry, type PoolOptions, readEntries } from "./entries.ts";
import { Pool } from "./pool.ts";
import { type AddressRange, byFirst, intervalAt } from "./range.ts";

/** The pools, by name and by address. */
export class Catalogue {
  readonly #pools = new Map<string, Pool>();
  readonly #ipv4: readonly Territory[];
  readonly #ipv6: readonly Territory[];

  /**
   * @throws {RangeError} when a pool has no name, no addresses or the name of another, and when an
   * entry cannot be read or overlaps with another.
   */
  constructor(pools: readonly PoolOptions[]) {
    checkNames(pools);
    const entries: PoolEntry[] = [];
    const territories: Territory[] = [];
    for (const options of pools) {
      const own = readEntries(options);
      const ranges = own.map((entry) => entry.range);
      const pool = new Pool(options, ranges);
      this.#pools.set(pool.name, pool);
      for (const entry of own) entries.push(entry);
      for (const range of ranges) territories.push({ ...range, pool });
    }
    checkOverlap(entries);
    this.#ipv4 = territories.filter(({ family }) => family === 4).sort(byFirst);
    this.#ipv6 = territories.filter(({ family }) => family === 6).sort(byFirst);
  }

  /** In the order given. */
  get names(): readonly string[] {
    return [...this.#pools.keys()];
  }

  named(name: string): Pool | undefined {
    return this.#pools.get(name);
  }

  /** The pool with a range that contains the address, even if it avoids it. */
  around(address: Address): Pool | undefined {
    const sorted = address.family === 4 ? this.#ipv4 : this.#ipv6;
    return intervalAt(sorted, address.value)?.pool;
  }
}

/** A range and the pool it belongs to. */
interface Territory extends AddressRange {
  readonly pool: Pool;
}

function checkNames(pools: readonly PoolOptions[]): void {
  const names = new Set<string>();
  for (const { name, addresses } of pools) {
    if (name === "") throw new RangeError("a pool must have a name");
    if (names.has(name)) throw new RangeError(`pool "${name}" is defined twice`);
    if (addresses.length === 0) throw new RangeError(`pool "${name}" has no addresses`);
    names.add(name);
  }
}

function checkOverlap(entries: readonly PoolEntry[]): void {
  const overlap = overlapOf(entries);
  if (overlap === undefined) return;
  const { pool, entry, otherPool, otherEntry } = overlap;
  const where = otherPool === pool ? "of the same pool" : `of pool "${otherPool}"`;
  throw new RangeError(`pool "${pool}": "${entry}" overlaps with "${otherEntry}" ${where}`);
}

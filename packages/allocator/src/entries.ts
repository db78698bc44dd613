import { type AddressRange, byFirst, parseRange } from "./range.ts";

/** A named set of addresses to hand out. */
export interface PoolOptions {
  readonly name: string;
  /** CIDRs and ranges, in the order in which to hand them out; at least one. */
  readonly addresses: readonly string[];
  /** Never hand out IPv4 addresses that end in 0 or 255. Default false. */
  readonly avoidBuggyIPs?: boolean;
}

/** Two entries that have an address in common; `pool` and `entry` are what was written later. */
export interface Overlap {
  readonly pool: string;
  readonly entry: string;
  readonly otherPool: string;
  readonly otherEntry: string;
}

/** An entry of a pool, as written and as read. */
export interface PoolEntry {
  readonly pool: PoolOptions;
  readonly text: string;
  readonly range: AddressRange;
}

/**
 * Looks for entries that overlap, within a pool or between two. O(n log n) in the entries.
 *
 * @throws {RangeError} when an entry cannot be read; the message names the pool and the entry.
 */
export function findOverlap(pools: readonly PoolOptions[]): Overlap | undefined {
  return overlapOf(pools.flatMap(readEntries));
}

/** The entries of a pool, as written. @throws {RangeError} as {@link findOverlap} does. */
export function readEntries(pool: PoolOptions): readonly PoolEntry[] {
  return pool.addresses.map((text) => readEntry(pool, text));
}

/** As {@link findOverlap}, of entries that have been read. */
export function overlapOf(entries: readonly PoolEntry[]): Overlap | undefined {
  const written = entries.map((entry, index) => ({ entry, index }));
  for (const family of [4, 6]) {
    const sorted = written
      .filter(({ entry }) => entry.range.family === family)
      .sort((a, b) => byFirst(a.entry.range, b.entry.range));
    let previous: (typeof sorted)[number] | undefined;
    for (const next of sorted) {
      if (previous !== undefined && next.entry.range.first <= previous.entry.range.last) {
        const [other, later] = previous.index < next.index ? [previous, next] : [next, previous];
        return describe(later.entry, other.entry);
      }
      previous = next;
    }
  }
  return undefined;
}

function readEntry(pool: PoolOptions, text: string): PoolEntry {
  try {
    return { pool, text, range: parseRange(text) };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new RangeError(`pool "${pool.name}": ${why}`, { cause });
  }
}

function describe(later: PoolEntry, other: PoolEntry): Overlap {
  return {
    pool: later.pool.name,
    entry: later.text,
    otherPool: other.pool.name,
    otherEntry: other.text,
  };
}

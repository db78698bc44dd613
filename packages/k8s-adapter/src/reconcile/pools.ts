import { findOverlap } from "@ingot/allocator";
import type { Key, ObjectError, PoolRecord } from "../domain.ts";

/** The pools in force, and what is wrong with those that are not, or not in their newest form. */
export interface ResolvedPools {
  /** By name, in name order. */
  readonly accepted: ReadonlyMap<string, PoolRecord>;
  readonly rejected: readonly ObjectError[];
}

/**
 * Settles which pools are in force when some overlap. What was in force and did not change goes
 * first, then by age, then by name: so the object whose change made the overlap is the one that
 * is refused. A refused change leaves the pool's last form in force where that still fits.
 */
export function resolvePools(
  previous: ReadonlyMap<string, PoolRecord>,
  records: Iterable<PoolRecord>,
): ResolvedPools {
  const accepted = new Map<string, PoolRecord>();
  const rejected: ObjectError[] = [];
  const inOrder = Array.from(records).sort(
    (a, b) => rank(previous, a) - rank(previous, b) || byAge(a, b),
  );
  for (const record of inOrder) {
    const error = overlapError(accepted, record);
    if (error !== undefined) rejected.push(error);
    const inForce = error === undefined ? record : previous.get(record.name);
    if (inForce === undefined) continue;
    if (error !== undefined && overlapError(accepted, inForce) !== undefined) continue;
    accepted.set(record.name, inForce);
  }
  return { accepted: new Map([...accepted].sort(([a], [b]) => compareText(a, b))), rejected };
}

/** Whether the same pools are in force, and nothing that decides about addresses has changed but those. */
export function differInReservationsAlone(
  before: ReadonlyMap<string, PoolRecord>,
  after: ReadonlyMap<string, PoolRecord>,
): boolean {
  const text = (pools: ReadonlyMap<string, PoolRecord>) =>
    JSON.stringify(
      Array.from(pools.values(), (pool) => ({
        ...pool,
        resourceVersion: "",
        counters: undefined,
        reservations: [],
      })),
    );
  return before.size > 0 && text(before) === text(after);
}

/** Compares by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rank(previous: ReadonlyMap<string, PoolRecord>, record: PoolRecord): number {
  const before = previous.get(record.name);
  return before !== undefined && sameAddresses(before, record) ? 0 : 1;
}

function sameAddresses(a: PoolRecord, b: PoolRecord): boolean {
  return a.uid === b.uid && a.addresses.join() === b.addresses.join();
}

function byAge(a: PoolRecord, b: PoolRecord): number {
  return a.createdMs - b.createdMs || compareText(a.name, b.name);
}

function overlapError(
  accepted: ReadonlyMap<Key, PoolRecord>,
  record: PoolRecord,
): ObjectError | undefined {
  const overlap = findOverlap([...accepted.values(), record]);
  if (overlap === undefined) return undefined;
  const [mine, other] =
    overlap.pool === record.name
      ? [overlap.entry, { pool: overlap.otherPool, entry: overlap.otherEntry }]
      : [overlap.otherEntry, { pool: overlap.pool, entry: overlap.entry }];
  return {
    kind: "pool",
    key: record.key,
    field: `spec.addresses[${Math.max(0, record.addresses.indexOf(mine))}]`,
    message: `CIDR "${mine}" in pool "${record.name}" overlaps with already defined CIDR "${other.entry}" of pool "${other.pool}"`,
  };
}

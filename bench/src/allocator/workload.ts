import { Allocator, type Family } from "@ingot/allocator";

/** What is asked of an allocator. */
export interface Workload {
  /** The one pool's only entry. */
  readonly range: string;
  readonly family: Family;
  /** Owners, each of which gets an address; at least 500. */
  readonly addresses: number;
  /**
   * `filled`: every owner is given an address, from the empty pool on. `fragmented`: that has been
   * done, then every second owner's was released, and these are given one again.
   */
  readonly kind: "filled" | "fragmented";
}

/** An allocator before the calls that are measured, and the owners to call it with, in order. */
export interface Prepared {
  readonly allocator: Allocator;
  readonly owners: readonly string[];
}

/** Makes as many owners' names as the workload needs, as Services are called. */
export function ownersOf(workload: Workload): readonly string[] {
  return Array.from({ length: workload.addresses }, (_, i) => `default/service-${i}`);
}

/** Makes a new allocator ready for the measured calls. */
export function prepare(workload: Workload, owners: readonly string[]): Prepared {
  const allocator = new Allocator();
  allocator.setPools([{ name: POOL, addresses: [workload.range] }]);
  if (workload.kind === "filled") return { allocator, owners };
  for (const owner of owners) allocate(allocator, owner, workload.family);
  const seconds = owners.filter((_, i) => i % 2 === 1);
  for (const owner of seconds) allocator.release(owner);
  return { allocator, owners: seconds };
}

/** The call that is measured. @throws {Error} when it gives no address. */
export function allocate(allocator: Allocator, owner: string, family: Family): void {
  const result = allocator.allocate(owner, { pool: POOL, families: [family] });
  if (!result.ok) throw new Error(`${owner} got no address: ${result.message}`);
}

const POOL = "pool";

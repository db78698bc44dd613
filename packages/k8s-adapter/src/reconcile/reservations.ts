import { familyOf } from "../address.ts";
import type { Key, PoolRecord, Reservation } from "../domain.ts";
import type { Holds } from "./holds.ts";

/** What a change of reservations means for others. */
export interface ReservationChange {
  /** Addresses that nothing is kept of any more. */
  readonly dropped: readonly string[];
  /** Services for which something is kept that was not. */
  readonly gained: readonly Key[];
  /** Pools whose list is to be written. */
  readonly pools: readonly string[];
}

/**
 * Which addresses are reserved for which Services, whether they are there or not: what the pools'
 * lists say, and what is not written there yet.
 */
export class Reservations {
  readonly #holds: Holds;
  readonly #listed = new Map<string, Entry>();
  /** By address; without a Service: it is to be taken off the list. */
  readonly #unwritten = new Map<string, Entry>();
  readonly #kept = new Map<string, Key>();

  constructor(holds: Holds) {
    this.#holds = holds;
  }

  /** The pools as they are now. */
  setPools(pools: Iterable<PoolRecord>): ReservationChange {
    this.#listed.clear();
    for (const { name: pool, reservations } of pools) {
      for (const { address, service } of reservations) this.#listed.set(address, { pool, service });
    }
    for (const [address, { service }] of this.#unwritten) {
      if (this.#listed.get(address)?.service === service) this.#unwritten.delete(address);
    }
    return this.#settle(new Set());
  }

  /**
   * A Service has these addresses, and says of them what its annotation says: that they are its own
   * from now on, that nothing is, or nothing at all.
   */
  note(
    service: Key,
    annotation: string | undefined,
    addresses: readonly string[],
    poolOf: (address: string) => string | undefined,
  ): ReservationChange {
    if (annotation !== "true" && annotation !== "false") return NOTHING;
    const wanted = annotation === "true" ? addresses : [];
    const pools = new Set<string>();
    for (const [address, key] of this.#kept) {
      if (key !== service || wanted.includes(address)) continue;
      const isReplaced = wanted.some((other) => familyOf(other) === familyOf(address));
      if (annotation === "true" && !isReplaced) continue;
      this.#want(address, undefined, this.#entry(address)?.pool, pools);
    }
    for (const address of wanted) {
      // What is somebody else's stays that, though it was given to this Service before.
      if (this.#kept.has(address)) continue;
      this.#want(address, service, poolOf(address), pools);
    }
    return pools.size === 0 ? NOTHING : this.#settle(pools);
  }

  /** What the list of a pool should say. */
  of(pool: string): readonly Reservation[] {
    const list: Reservation[] = [];
    for (const [address, service] of this.#kept) {
      if (this.#entry(address)?.pool === pool) list.push({ address, service });
    }
    return list;
  }

  #entry(address: string): Entry | undefined {
    return this.#unwritten.get(address) ?? this.#listed.get(address);
  }

  #want(
    address: string,
    service: Key | undefined,
    pool: string | undefined,
    pools: Set<string>,
  ): void {
    if (pool === undefined) return;
    pools.add(pool);
    this.#unwritten.set(address, { pool, service });
  }

  #settle(pools: ReadonlySet<string>): ReservationChange {
    const wanted = new Map<string, Key>();
    for (const [address, { service }] of [...this.#listed, ...this.#unwritten]) {
      if (service === undefined) wanted.delete(address);
      else wanted.set(address, service);
    }
    const dropped: string[] = [];
    for (const [address, key] of this.#kept) {
      if (wanted.get(address) === key) continue;
      this.#kept.delete(address);
      if (this.#holds.drop(address, "reserved", key)) dropped.push(address);
    }
    const gained = new Set<Key>();
    for (const [address, key] of wanted) {
      if (this.#kept.has(address)) continue;
      this.#kept.set(address, key);
      this.#holds.put(address, "reserved", key);
      gained.add(key);
    }
    return { dropped, gained: [...gained], pools: [...pools] };
  }
}

interface Entry {
  readonly pool: string;
  readonly service: Key | undefined;
}

const NOTHING: ReservationChange = { dropped: [], gained: [], pools: [] };

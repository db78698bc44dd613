import { type Address, type Family, parseAddress } from "./address.ts";
import { Catalogue } from "./catalogue.ts";
import { ChurnMap } from "./churn-map.ts";
import type { PoolOptions } from "./entries.ts";
import type { PooledAddress } from "./ledger.ts";
import type { Pool, PoolStats } from "./pool.ts";
import {
  type AllocationResult,
  type Assignment,
  checkFamilies,
  nothingAsked,
  type Refusal,
  refuse,
} from "./result.ts";
import type { Sharing } from "./slot.ts";

/** Which addresses to allocate. */
export interface AllocationRequest {
  readonly pool: string;
  /** One, or both in the order wanted. */
  readonly families: readonly Family[];
  readonly sharing?: Sharing;
}

/** What to check of a claim, and on which terms it is made. */
export interface ClaimOptions {
  /** Refuse addresses of another pool. */
  readonly pool?: string;
  readonly sharing?: Sharing;
}

/** An owner whose addresses are no longer in one pool, and what it held. */
export interface Eviction {
  readonly owner: string;
  readonly assignment: Assignment;
}

/**
 * Hands out the addresses of pools to owners, which are any texts.
 *
 * Each owner holds at most one assignment: one address, or one of each family, all from one pool.
 * Same calls, same answers: nothing depends on time or chance. A call takes O(log n) steps however
 * full the pools are, and requests never throw: what is wrong with one is in its answer.
 */
export class Allocator {
  #catalogue = new Catalogue([]);
  #holdings = new ChurnMap<Holding>();

  /** The names of the pools, in the order given. */
  get pools(): readonly string[] {
    return this.#catalogue.names;
  }

  /**
   * Replaces the pools.
   *
   * An assignment stays while one pool, of any name, has all its addresses; it follows them there.
   * The others are released and returned.
   * @throws {RangeError} when a pool has no name, no addresses or the name of another, and when an
   * entry cannot be read or overlaps with another; the message names it, and nothing has changed.
   */
  setPools(pools: readonly PoolOptions[]): readonly Eviction[] {
    this.#catalogue = new Catalogue(pools);
    const before = this.#holdings;
    this.#holdings = new ChurnMap();
    const evictions: Eviction[] = [];
    for (const [owner, held] of before.entries()) {
      const found = this.#locate(held.addresses);
      if (!found.ok) evictions.push({ owner, assignment: assignmentOf(held) });
      else this.#assign(owner, found.pool, found.addresses, held.sharing);
    }
    return evictions;
  }

  /** The pool that can hand out this address; undefined also when it avoids it. */
  poolOf(address: string): string | undefined {
    const parsed = parseAddress(address);
    const found = parsed && this.#locate([parsed]);
    return found?.ok ? found.pool.name : undefined;
  }

  /** What the owner holds. */
  assignment(owner: string): Assignment | undefined {
    const held = this.#holdings.get(owner);
    return held && assignmentOf(held);
  }

  /** Who holds the address: several when it is shared, nobody when it is free or in no pool. */
  ownersOf(address: string): readonly string[] {
    const parsed = parseAddress(address);
    return (parsed && this.#catalogue.around(parsed)?.ownersOf(parsed)) ?? [];
  }

  /**
   * Gives the owner exactly these addresses: one, or one of each family.
   *
   * For an explicit request, and for what a status says at the start. What the owner held otherwise
   * is released, but only when the claim succeeds.
   */
  claim(owner: string, addresses: readonly string[], options: ClaimOptions = {}): AllocationResult {
    const asked: Address[] = [];
    for (const text of addresses) {
      const address = parseAddress(text);
      if (address === undefined) return refuse("invalid", `"${text}" is not an IP address`);
      asked.push(address);
    }
    const wrong = checkFamilies(asked.map((address) => address.family));
    if (wrong !== undefined) return wrong;
    const wanted = options.pool === undefined ? undefined : this.#catalogue.named(options.pool);
    if (options.pool !== undefined && wanted === undefined) return unknownPool(options.pool);
    const found = this.#locate(asked, wanted);
    if (!found.ok) return found;
    const sharing = agreed(options.sharing);
    for (const address of found.addresses) {
      const conflict = found.pool.conflict(address, owner, sharing);
      if (conflict !== undefined) return refuse("in-use", conflict);
    }
    return this.#assign(owner, found.pool, found.addresses, sharing);
  }

  /**
   * Gives the owner the lowest acceptable address of each family from one pool, all or none.
   *
   * Lowest is first in the order in which the pool's entries are written, and ascending in each.
   * Acceptable is what is free, or can be shared on these terms. What the owner already holds of the
   * pool stays, as long as its terms allow, so asking again changes nothing and a second family
   * leaves the first alone. What else it held is released, but only when the request succeeds.
   */
  allocate(owner: string, request: AllocationRequest): AllocationResult {
    const wrong = checkFamilies(request.families);
    if (wrong !== undefined) return wrong;
    const pool = this.#catalogue.named(request.pool);
    if (pool === undefined) return unknownPool(request.pool);
    const sharing = agreed(request.sharing);
    const chosen: PooledAddress[] = [];
    for (const family of request.families) {
      const address = this.#kept(owner, pool, family, sharing) ?? pool.lowest(family, sharing);
      if (address === undefined) return nothingLeft(pool, family);
      chosen.push(address);
    }
    return this.#assign(owner, pool, chosen, sharing);
  }

  /** Takes back what the owner holds, and returns it. */
  release(owner: string): Assignment | undefined {
    const held = this.#holdings.get(owner);
    if (held === undefined) return undefined;
    for (const address of held.addresses) held.pool.remove(address, owner);
    this.#holdings.delete(owner);
    return assignmentOf(held);
  }

  /** How full the pool is. */
  stats(pool: string): PoolStats | undefined {
    return this.#catalogue.named(pool)?.stats();
  }

  /** The one pool that can hand out all of these, or why there is none. */
  #locate(asked: readonly Address[], wanted?: Pool): Located | Refusal {
    let pool = wanted;
    const addresses: PooledAddress[] = [];
    for (const address of asked) {
      const around = this.#catalogue.around(address);
      if (around === undefined) return refuse("not-in-a-pool", `"${address.text}" is in no pool`);
      pool ??= around;
      if (around !== pool) return otherPool(address, around, pool);
      const located = pool.locate(address);
      if (located === undefined) return avoided(address, pool);
      addresses.push(located);
    }
    return pool === undefined ? nothingAsked : { ok: true, pool, addresses };
  }

  /** What the owner holds of this pool and family, if it may keep it on these terms. */
  #kept(owner: string, pool: Pool, family: Family, sharing?: Sharing): PooledAddress | undefined {
    const held = this.#holdings.get(owner);
    if (held?.pool !== pool) return undefined;
    const address = held.addresses.find((each) => each.family === family);
    return address && pool.conflict(address, owner, sharing) === undefined ? address : undefined;
  }

  /** Releases what the owner holds and gives it these, which nothing must speak against. */
  #assign(
    owner: string,
    pool: Pool,
    addresses: readonly PooledAddress[],
    sharing: Sharing | undefined,
  ): AllocationResult {
    this.release(owner);
    for (const address of addresses) pool.put(address, owner, sharing);
    // A copy is as long as it has to be; an array that grew keeps room for 16 more.
    const holding = { pool, addresses: [...addresses], sharing };
    this.#holdings.set(owner, holding);
    return { ok: true, assignment: assignmentOf(holding) };
  }
}

/** What an owner holds. */
interface Holding {
  readonly pool: Pool;
  readonly addresses: readonly PooledAddress[];
  readonly sharing: Sharing | undefined;
}

/** Addresses and the pool they are all from. */
interface Located {
  readonly ok: true;
  readonly pool: Pool;
  readonly addresses: readonly PooledAddress[];
}

function assignmentOf({ pool, addresses }: Holding): Assignment {
  return { pool: pool.name, addresses: addresses.map((address) => address.text) };
}

/** A copy of the terms, so that the caller may reuse its own; undefined when nothing is shared. */
function agreed(sharing: Sharing | undefined): Sharing | undefined {
  if (sharing === undefined || sharing.key === "") return undefined;
  return { key: sharing.key, backend: sharing.backend, ports: [...sharing.ports] };
}

function unknownPool(name: string): Refusal {
  return refuse("unknown-pool", `unknown pool "${name}"`);
}

function otherPool({ text }: Address, pool: Pool, wanted: Pool): Refusal {
  return refuse("different-pools", `"${text}" is in pool "${pool.name}", not in "${wanted.name}"`);
}

function avoided({ text }: Address, pool: Pool): Refusal {
  return refuse("avoided", `"${text}" is avoided: pool "${pool.name}" has avoidBuggyIPs`);
}

function nothingLeft(pool: Pool, family: Family): Refusal {
  if (!pool.serves(family)) {
    return refuse("family", `pool "${pool.name}" has no IPv${family} range`);
  }
  const { inUse, total } = pool.usage(family);
  return refuse(
    "exhausted",
    `no available IPv${family} address in pool "${pool.name}": ${inUse} of ${total} in use`,
  );
}

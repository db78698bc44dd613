import type { Address, Family } from "./address.ts";
import type { PoolOptions } from "./entries.ts";
import { Ledger, type PooledAddress } from "./ledger.ts";
import type { AddressRange } from "./range.ts";
import type { Sharing } from "./slot.ts";

/** How full a pool is, in distinct addresses. Exact: an IPv6 pool can be larger than 2^63. */
export interface PoolStats {
  readonly assignedIPv4: bigint;
  readonly availableIPv4: bigint;
  readonly assignedIPv6: bigint;
  readonly availableIPv6: bigint;
}

/** One pool: a ledger for each family. */
export class Pool {
  readonly name: string;
  readonly #families: ReadonlySet<Family>;
  readonly #ipv4: Ledger;
  readonly #ipv6: Ledger;

  /** The ranges are those of `options.addresses`, and do not overlap. */
  constructor(options: PoolOptions, ranges: readonly AddressRange[]) {
    const ledger = (family: Family) =>
      new Ledger(
        family,
        ranges.filter((range) => range.family === family),
        options.avoidBuggyIPs ?? false,
      );
    this.name = options.name;
    this.#families = new Set(ranges.map((range) => range.family));
    this.#ipv4 = ledger(4);
    this.#ipv6 = ledger(6);
  }

  /** Whether a range of this family is written, even if all of it is avoided. */
  serves(family: Family): boolean {
    return this.#families.has(family);
  }

  /** @see Ledger.locate */
  locate(address: Address): PooledAddress | undefined {
    return this.#ledger(address.family).locate(address);
  }

  ownersOf(address: Address): readonly string[] {
    return this.#ledger(address.family).ownersOf(address);
  }

  /** @see Ledger.conflict */
  conflict(address: PooledAddress, owner: string, sharing?: Sharing): string | undefined {
    return this.#ledger(address.family).conflict(address, owner, sharing);
  }

  /** @see Ledger.lowest */
  lowest(family: Family, sharing: Sharing | undefined): PooledAddress | undefined {
    return this.#ledger(family).lowest(sharing);
  }

  /** @see Ledger.put */
  put(address: PooledAddress, owner: string, sharing: Sharing | undefined): void {
    this.#ledger(address.family).put(address, owner, sharing);
  }

  /** @see Ledger.remove */
  remove(address: PooledAddress, owner: string): void {
    this.#ledger(address.family).remove(address, owner);
  }

  /** Distinct addresses of a family: those in use, and all that may be. */
  usage(family: Family): { readonly inUse: bigint; readonly total: bigint } {
    const { assigned, capacity } = this.#ledger(family);
    return { inUse: assigned, total: capacity };
  }

  stats(): PoolStats {
    return {
      assignedIPv4: this.#ipv4.assigned,
      availableIPv4: this.#ipv4.capacity - this.#ipv4.assigned,
      assignedIPv6: this.#ipv6.assigned,
      availableIPv6: this.#ipv6.capacity - this.#ipv6.assigned,
    };
  }

  #ledger(family: Family): Ledger {
    return family === 4 ? this.#ipv4 : this.#ipv6;
  }
}

import { type Address, type Family, formatAddress } from "./address.ts";
import { AddressSpace } from "./address-space.ts";
import { ChurnMap } from "./churn-map.ts";
import type { AddressRange } from "./range.ts";
import { SharedPositions } from "./shared-positions.ts";
import { type Sharing, Slot } from "./slot.ts";
import { UsedPositions } from "./used-positions.ts";

/** An address that a pool can hand out. */
export interface PooledAddress extends Address {
  /** In the order in which the pool's addresses of this family are handed out. */
  readonly position: bigint;
}

/** The addresses of one family of one pool, and who holds which. */
export class Ledger {
  readonly #family: Family;
  readonly #space: AddressSpace;
  readonly #used = new UsedPositions();
  readonly #shared = new SharedPositions();
  // By text: V8 hashes a bigint by its low 64 bits, and 2001:db8:0:1::1, 2001:db8:0:2::1, ... would
  // make one long chain.
  readonly #slots = new ChurnMap<Slot>();

  /** The ranges are of this family, as written, and do not overlap. */
  constructor(family: Family, ranges: readonly AddressRange[], avoidBuggyIPs: boolean) {
    this.#family = family;
    this.#space = new AddressSpace(ranges, avoidBuggyIPs);
  }

  /** How many addresses can be handed out. */
  get capacity(): bigint {
    return this.#space.size;
  }

  /** How many addresses are held, however many owners each has. */
  get assigned(): bigint {
    return BigInt(this.#slots.size);
  }

  /** The address with its position; undefined outside of the ranges, and where it is avoided. */
  locate({ family, value, text }: Address): PooledAddress | undefined {
    const position = this.#space.positionOf(value);
    return position === undefined ? undefined : { family, value, text, position };
  }

  ownersOf(address: Address): readonly string[] {
    return this.#slots.get(address.text)?.owners ?? [];
  }

  /** Why the owner cannot hold the address on these terms; undefined when it can. */
  conflict({ text }: PooledAddress, owner: string, sharing?: Sharing): string | undefined {
    return this.#slots.get(text)?.conflict(owner, sharing);
  }

  /** The first address, in the order as written, that is free or that these terms may join. */
  lowest(sharing: Sharing | undefined): PooledAddress | undefined {
    const free = this.#used.lowestFree;
    const joinable = sharing && this.#shared.lowest(sharing);
    const position = joinable !== undefined && joinable < free ? joinable : free;
    const value = this.#space.addressAt(position);
    if (value === undefined) return undefined;
    const text = formatAddress(this.#family, value);
    return { family: this.#family, value, text, position };
  }

  /** Adds an owner that is not present, where {@link conflict} has nothing against it. */
  put({ text, position }: PooledAddress, owner: string, sharing: Sharing | undefined): void {
    let slot = this.#slots.get(text);
    if (slot === undefined) {
      slot = new Slot(text);
      this.#slots.set(text, slot);
      this.#used.add(position);
    }
    slot.add(owner, sharing);
    if (sharing !== undefined) this.#shared.join(position, sharing);
  }

  /** Removes an owner that is present. */
  remove({ text, position }: PooledAddress, owner: string): void {
    const slot = this.#slots.get(text);
    if (slot === undefined) return;
    const sharing = slot.delete(owner);
    if (sharing !== undefined) this.#shared.leave(position, sharing);
    if (!slot.isEmpty) return;
    this.#slots.delete(text);
    this.#used.delete(position);
  }
}

import { type AddressRange, byFirst, type Interval, intervalAt } from "./range.ts";

/**
 * Numbers the usable addresses of some ranges 0, 1, 2, ... in the order in which they are handed
 * out: range after range as written, each ascending.
 *
 * Avoided addresses have no position, so nobody has to skip them, and a prefix of any size costs
 * the same. Both directions are O(log n) in the number of ranges.
 */
export class AddressSpace {
  readonly #numbering: Numbering;
  readonly #byAddress: readonly Span[];
  readonly #byPosition: readonly Span[];
  /** How many addresses are usable. */
  readonly size: bigint;

  /** The ranges are of one family and do not overlap. `avoidBuggyIPs` concerns IPv4 only. */
  constructor(ranges: readonly AddressRange[], avoidBuggyIPs: boolean) {
    const avoids = avoidBuggyIPs && ranges[0]?.family === 4;
    const numbering = avoids ? withoutBuggyIPs : everyAddress;
    const byAddress: Span[] = [];
    const byPosition: Span[] = [];
    let size = 0n;
    for (const { first, last } of ranges) {
      const offset = numbering.rank(first) - size;
      const end = numbering.rank(last + 1n) - offset;
      byAddress.push({ first, last, offset });
      byPosition.push({ first: size, last: end - 1n, offset });
      size = end;
    }
    this.#numbering = numbering;
    this.#byAddress = byAddress.sort(byFirst);
    this.#byPosition = byPosition;
    this.size = size;
  }

  /** Undefined for an address outside the ranges, or an avoided one. */
  positionOf(value: bigint): bigint | undefined {
    const span = intervalAt(this.#byAddress, value);
    if (span === undefined || !this.#numbering.counts(value)) return undefined;
    return this.#numbering.rank(value) - span.offset;
  }

  /** The address at a position; undefined when the space ends before it. */
  addressAt(position: bigint): bigint | undefined {
    const span = intervalAt(this.#byPosition, position);
    return span && this.#numbering.unrank(position + span.offset);
  }
}

/** A range, by its addresses or by its positions: `rank(address) = position + offset`. */
interface Span extends Interval {
  readonly offset: bigint;
}

/** Counts the usable addresses of the whole family from address 0 on. */
interface Numbering {
  counts(value: bigint): boolean;
  /** How many usable addresses are below the value. */
  rank(value: bigint): bigint;
  /** The usable address that has so many below it. */
  unrank(rank: bigint): bigint;
}

const everyAddress: Numbering = {
  counts: () => true,
  rank: (value) => value,
  unrank: (rank) => rank,
};

// Of each 256 addresses, those that end in 1 to 254.
const withoutBuggyIPs: Numbering = {
  counts: (value) => {
    const octet = value & 0xffn;
    return octet !== 0n && octet !== 0xffn;
  },
  rank: (value) => {
    const octet = value & 0xffn;
    return (value >> 8n) * 254n + (octet === 0n ? 0n : octet - 1n);
  },
  unrank: (rank) => (rank / 254n) * 256n + (rank % 254n) + 1n,
};

import { Afi } from "./constants.ts";
import type { Family } from "./message.ts";
import { read32 } from "./octets.ts";

/**
 * Called with a prefix's length in bits, where its packed octets begin, and its path identifier (0
 * without ADD-PATH). Bits after the length may be anything.
 */
export type PrefixVisitor = (lengthBits: number, offset: number, pathId: number) => void;

/**
 * The prefixes of one field of an UPDATE, as they stand on the wire: nothing is read until asked for,
 * and no object is made for a prefix.
 *
 * @see RFC 4271 section 4.3, RFC 4760 section 5, RFC 7911 section 3
 */
export class Nlri {
  readonly family: Family;
  /** The field; offsets count from its start. */
  readonly octets: Uint8Array;
  readonly addPath: boolean;

  constructor(family: Family, octets: Uint8Array, addPath = false) {
    this.family = family;
    this.octets = octets;
    this.addPath = addPath;
  }

  /** Visits every prefix up to the end, or to the first malformed one; none of an opaque family. */
  forEach(visit: PrefixVisitor): void {
    const { octets } = this;
    const maxBits = maxPrefixLength(this.family);
    if (maxBits === undefined) return;
    const pathIdLength = this.addPath ? 4 : 0;
    for (let at = 0; at + pathIdLength < octets.length; ) {
      const pathId = this.addPath ? read32(octets, at) : 0;
      at += pathIdLength;
      const lengthBits = octets[at++] ?? 0;
      const end = at + ((lengthBits + 7) >>> 3);
      if (lengthBits > maxBits || end > octets.length) return;
      visit(lengthBits, at, pathId);
      at = end;
    }
  }

  /** How many prefixes there are. */
  count(): number {
    let count = 0;
    this.forEach(() => {
      count++;
    });
    return count;
  }
}

/**
 * Where in a range of octets the first malformed prefix is: too long for its family, or running past
 * the end. -1 when there is none, as in a family whose prefixes this package cannot read.
 */
export function findMalformedPrefix(
  octets: Uint8Array,
  start: number,
  end: number,
  family: Family,
  addPath: boolean,
): number {
  const maxBits = maxPrefixLength(family);
  if (maxBits === undefined) return -1;
  const pathIdLength = addPath ? 4 : 0;
  for (let at = start; at < end; ) {
    const lengthAt = at + pathIdLength;
    const lengthBits = octets[lengthAt] ?? 0;
    const next = lengthAt + 1 + ((lengthBits + 7) >>> 3);
    if (lengthBits > maxBits || next > end) return at;
    at = next;
  }
  return -1;
}

/** The most bits of a prefix; undefined when the family's are not plain prefixes. */
function maxPrefixLength({ afi, safi }: Family): number | undefined {
  // Unicast and multicast look the same.
  if (safi !== 1 && safi !== 2) return undefined;
  if (afi === Afi.ipv4) return 32;
  return afi === Afi.ipv6 ? 128 : undefined;
}

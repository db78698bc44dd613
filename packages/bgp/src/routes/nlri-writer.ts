import { writeAddress } from "./prefix-key.ts";
import { Field, PAGE_RECORDS, PAGE_SHIFT, type RouteTable } from "./route-table.ts";

/** How many prefixes were written, and the offset after them. */
export interface WrittenNlri {
  readonly count: number;
  readonly end: number;
}

/**
 * Writes the prefixes of the slots from `from` to before `to`, as many as fit before `limit`. Each has
 * the path identifier 1 before it where `pathIdOctets` is 4: a peer never gets two paths.
 *
 * @see RFC 4271 section 4.3, RFC 7911 section 3
 */
export function writeNlri(
  table: RouteTable,
  slots: Int32Array,
  from: number,
  to: number,
  octets: Uint8Array,
  start: number,
  limit: number,
  pathIdOctets: number,
): WrittenNlri {
  const { pages, stride } = table;
  const isNarrow = stride === Field.address + 1;
  let offset = start;
  let at = from;
  for (; at < to; at++) {
    const slot = slots[at] as number;
    const page = pages[slot >>> PAGE_SHIFT] as Int32Array;
    const base = (slot & (PAGE_RECORDS - 1)) * stride;
    const length = page[base + Field.length] as number;
    const count = (length + 7) >>> 3;
    if (offset + pathIdOctets + 1 + count > limit) break;
    if (pathIdOctets > 0) {
      // The buffer is new: the three octets before are zeros.
      octets[offset + 3] = 1;
      offset += pathIdOctets;
    }
    octets[offset++] = length;
    if (isNarrow) {
      const address = page[base + Field.address] as number;
      if (count > 0) octets[offset++] = address >>> 24;
      if (count > 1) octets[offset++] = address >>> 16;
      if (count > 2) octets[offset++] = address >>> 8;
      if (count > 3) octets[offset++] = address;
    } else offset = writeAddress(octets, offset, page, base + Field.address, count);
  }
  return { count: at - from, end: offset };
}

import { Address4, Address6 } from "ip-address";

/** 4 or 6, as in IPv4 and IPv6. */
export type Family = 4 | 6;

/** An address as number and as text: equal addresses have equal text. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
  /** Canonical: dotted decimal, or RFC 5952. */
  readonly text: string;
}

/**
 * Reads an address in any of its spellings; undefined when the text is none. Surrounding space, a
 * prefix length and a zone are refused. An IPv4-mapped IPv6 address is the IPv4 address in it.
 */
export function parseAddress(text: string): Address | undefined {
  if (!SPELLING.test(text)) return undefined;
  try {
    if (!text.includes(":")) return addressOf(4, new Address4(text).bigInt());
    const value = new Address6(text).bigInt();
    return value >> 32n === MAPPED ? addressOf(4, value & 0xffff_ffffn) : addressOf(6, value);
  } catch {
    return undefined;
  }
}

/** The canonical text of an address, whose number must be one of the family. */
export function formatAddress(family: Family, value: bigint): string {
  return family === 4 ? formatIPv4(Number(value)) : formatIPv6(value);
}

function addressOf(family: Family, value: bigint): Address {
  return { family, value, text: formatAddress(family, value) };
}

// ip-address also takes "/64" and "%eth0", which no address in a pool or in a request has.
const SPELLING = /^[0-9a-fA-F:.]+$/;
/** The upper 96 bits of `::ffff:0:0/96`. */
const MAPPED = 0xffffn;

// Formatting is by hand, and without arrays, because each allocation formats: ip-address alone would
// take longer than all the rest of it.

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
}

function formatIPv6(value: bigint): string {
  octets.setBigUint64(0, value >> 64n);
  octets.setBigUint64(8, value & 0xffff_ffff_ffff_ffffn);
  const { start, end } = longestZeroRun();
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === start) text += "::";
    if (group >= start && group < end) continue;
    if (group > 0 && group !== end) text += ":";
    text += octets.getUint16(2 * group).toString(16);
  }
  return text;
}

/** The first of the longest, if there are two zeros in a row: RFC 5952 sections 4.2.2 and 4.2.3. */
function longestZeroRun(): { readonly start: number; readonly end: number } {
  let start = -1;
  let end = 0;
  let current = 0;
  for (let group = 0; group < 8; group++) {
    if (octets.getUint16(2 * group) !== 0) {
      current = group + 1;
    } else if (group > current && group - current >= end - start) {
      start = current;
      end = group + 1;
    }
  }
  return { start, end };
}

/** Of the address that is being written. */
const octets = new DataView(new ArrayBuffer(16));

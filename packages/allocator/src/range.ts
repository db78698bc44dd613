import { type Address, type Family, parseAddress } from "./address.ts";

/** Numbers from `first` to `last`, both included. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** An interval of addresses of one family. */
export interface AddressRange extends Interval {
  readonly family: Family;
}

/**
 * Reads an entry of a pool: `192.0.2.0/24`, `2001:db8::/64` or `192.0.2.10-192.0.2.20`.
 *
 * Host bits of a CIDR are masked off. Space is allowed around the ends of a range.
 * @throws {RangeError} when the text is neither; the message names it and says what is wrong.
 */
export function parseRange(text: string): AddressRange {
  const dash = text.indexOf("-");
  return dash < 0 ? parseCidr(text) : parseEnds(text, text.slice(0, dash), text.slice(dash + 1));
}

/** The interval that contains the value; `sorted` ascends and does not overlap. O(log n). */
export function intervalAt<T extends Interval>(sorted: readonly T[], value: bigint): T | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = sorted[middle];
    if (candidate === undefined || value < candidate.first) high = middle;
    else if (value > candidate.last) low = middle + 1;
    else return candidate;
  }
  return undefined;
}

/** Orders intervals by where they begin. */
export function byFirst(a: Interval, b: Interval): number {
  if (a.first === b.first) return 0;
  return a.first < b.first ? -1 : 1;
}

function parseCidr(text: string): AddressRange {
  const slash = text.indexOf("/");
  const base = slash < 0 ? text : text.slice(0, slash);
  const address = parseAddress(base);
  if (address === undefined) throw new RangeError(`invalid CIDR ${JSON.stringify(text)}`);
  const width = address.family === 4 ? 32 : 128;
  if (slash < 0) {
    throw invalidCidr(text, `write a single address as ${address.text}/${width}`);
  }
  if (address.family === 4 && base.includes(":")) {
    throw invalidCidr(text, "write an IPv4-mapped prefix as IPv4");
  }
  const digits = text.slice(slash + 1);
  const length = /^\d{1,3}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(length <= width)) {
    throw invalidCidr(text, `the prefix length must be 0 to ${width}, got "${digits}"`);
  }
  const hostBits = BigInt(width - length);
  const first = (address.value >> hostBits) << hostBits;
  return { family: address.family, first, last: first + (1n << hostBits) - 1n };
}

function parseEnds(text: string, startText: string, endText: string): AddressRange {
  const start = parseEnd(text, "start", startText);
  const end = parseEnd(text, "end", endText);
  if (start.family !== end.family) {
    throw invalidRange(
      text,
      `start IP "${start.text}" is IPv${start.family}, end IP "${end.text}" is IPv${end.family}`,
    );
  }
  if (start.value > end.value) {
    throw invalidRange(text, `start IP "${start.text}" is after the end IP "${end.text}"`);
  }
  return { family: start.family, first: start.value, last: end.value };
}

function parseEnd(text: string, which: "start" | "end", end: string): Address {
  const address = parseAddress(end.trim());
  if (address === undefined) throw invalidRange(text, `invalid ${which} IP "${end.trim()}"`);
  return address;
}

function invalidCidr(text: string, why: string): RangeError {
  return new RangeError(`invalid CIDR "${text}": ${why}`);
}

function invalidRange(text: string, why: string): RangeError {
  return new RangeError(`invalid IP range "${text}": ${why}`);
}

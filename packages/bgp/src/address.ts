import { NO_OCTETS, read16 } from "./octets.ts";

/** Whether an address in text is IPv6; it is IPv4 otherwise, if it is one at all. */
export function isIpv6(address: string): boolean {
  return address.includes(":");
}

/** Whether an address in canonical text is in fe80::/10: it means a host only beside an interface. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/.test(address);
}

/**
 * The octets of an address: four or sixteen.
 *
 * @throws {TypeError} when the text is neither IPv4 nor IPv6; zones and prefix lengths are not.
 */
export function parseAddress(text: string): Uint8Array {
  const octets = readAddress(text);
  if (octets.length > 0) return octets;
  throw new TypeError(
    `address must be text such as 192.0.2.10 or 2001:db8::10, got ${String(text)}`,
  );
}

/** As {@link parseAddress}, but no octets where that throws. */
export function readAddress(text: string): Uint8Array {
  if (typeof text !== "string") return NO_OCTETS;
  return isIpv6(text) ? readIpv6(text) : readIpv4(text);
}

/** The octets of an IPv4 address. @throws {TypeError} when the text is none, naming the field. */
export function parseIpv4(field: string, text: string): Uint8Array {
  const octets = readAddress(text);
  if (octets.length === 4) return octets;
  throw new TypeError(`${field} must be an IPv4 address such as 192.0.2.10, got ${String(text)}`);
}

/** The text of the four or sixteen octets, otherwise of none: `invalid`. */
export function formatAddress(octets: Uint8Array): string {
  if (octets.length === 4) return formatIpv4(octets, 0);
  return octets.length === 16 ? formatIpv6(octets, 0) : "invalid";
}

/** The dotted quad of the four octets at an offset. */
export function formatIpv4(octets: Uint8Array, offset: number): string {
  return `${octets[offset]}.${octets[offset + 1]}.${octets[offset + 2]}.${octets[offset + 3]}`;
}

/** The canonical text of the sixteen octets at an offset. @see RFC 5952 */
export function formatIpv6(octets: Uint8Array, offset: number): string {
  if (isMapped(octets, offset)) return `::ffff:${formatIpv4(octets, offset + 12)}`;
  const { start, length } = longestZeros(octets, offset);
  let text = "";
  for (let group = 0; group < 8; group++) {
    if (group === start) {
      text += "::";
      group += length - 1;
      continue;
    }
    if (group > 0 && group !== start + length) text += ":";
    text += read16(octets, offset + 2 * group).toString(16);
  }
  return text;
}

/** Whether the four octets at an offset can be a host's address: no class A 0 or 127, D or E. */
export function isIpv4Host(octets: Uint8Array, offset: number): boolean {
  const first = octets[offset] ?? 0;
  return first !== 0 && first !== 127 && first < 224;
}

/** Whether the sixteen octets at an offset can be a host's address: not ::, ::1, or multicast. */
export function isIpv6Host(octets: Uint8Array, offset: number): boolean {
  if (octets[offset] === 0xff) return false;
  for (let i = offset; i < offset + 15; i++) if (octets[i] !== 0) return true;
  return (octets[offset + 15] ?? 0) > 1;
}

function readIpv4(text: string): Uint8Array {
  const octets = new Uint8Array(4);
  return readDotted(text, 0, octets, 0) ? octets : NO_OCTETS;
}

/** Reads a dotted quad that reaches to the end of the text: no leading zeros, as some take them for octal. */
function readDotted(text: string, from: number, octets: Uint8Array, offset: number): boolean {
  let at = from;
  for (let i = 0; i < 4; i++) {
    if (i > 0 && text.charCodeAt(at++) !== DOT) return false;
    const first = at;
    let value = 0;
    for (let digit = digitAt(text, at); digit < 10; digit = digitAt(text, ++at)) {
      if (at === first + 3 || (at > first && value === 0)) return false;
      value = value * 10 + digit;
    }
    if (at === first || value > 0xff) return false;
    octets[offset + i] = value;
  }
  return at === text.length;
}

/** RFC 4291 section 2.2. */
function readIpv6(text: string): Uint8Array {
  const octets = new Uint8Array(16);
  let at = 0;
  let filled = 0;
  // Where the "::" stands, counted in octets.
  let gap = -1;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (filled === 16) return NO_OCTETS;
    const first = at;
    let value = 0;
    for (let digit = digitAt(text, at); digit < 16; digit = digitAt(text, ++at)) {
      if (at === first + 4) return NO_OCTETS;
      value = value * 16 + digit;
    }
    if (at === first) return NO_OCTETS;
    if (text.charCodeAt(at) === DOT) {
      if (filled > 12 || !readDotted(text, first, octets, filled)) return NO_OCTETS;
      filled += 4;
      at = text.length;
      break;
    }
    octets[filled] = value >>> 8;
    octets[filled + 1] = value;
    filled += 2;
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== COLON) return NO_OCTETS;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return NO_OCTETS;
      gap = filled;
      at++;
    } else if (at === text.length) return NO_OCTETS;
  }
  if (gap < 0) return filled === 16 ? octets : NO_OCTETS;
  if (filled > 14) return NO_OCTETS;
  octets.copyWithin(16 - (filled - gap), gap, filled);
  octets.fill(0, gap, 16 - (filled - gap));
  return octets;
}

/** The value of a hexadecimal digit; 16 for any other character. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : 16;
}

/** Whether the address is within ::ffff:0:0/96. */
function isMapped(octets: Uint8Array, offset: number): boolean {
  for (let i = 0; i < 10; i++) if (octets[offset + i] !== 0) return false;
  return read16(octets, offset + 10) === 0xffff;
}

/** The first of the longest runs of two or more groups of zeros. */
function longestZeros(octets: Uint8Array, offset: number): { start: number; length: number } {
  const longest = { start: -1, length: 1 };
  let length = 0;
  for (let group = 0; group < 8; group++) {
    length = read16(octets, offset + 2 * group) === 0 ? length + 1 : 0;
    if (length > longest.length) {
      longest.start = group - length + 1;
      longest.length = length;
    }
  }
  return longest;
}

const DOT = 0x2e;
const COLON = 0x3a;

import { formatIpv4, formatIpv6, readAddress } from "./address.ts";
import { Afi, Safi } from "./constants.ts";
import { Nlri } from "./nlri.ts";

/**
 * A prefix such as `192.0.2.0/24` or `2001:db8::/32` as it stands in an UPDATE: its length, then as
 * many octets as the length needs.
 *
 * @throws {TypeError} when the text is no prefix, or has bits set after its length.
 * @see RFC 4271 section 4.3
 */
export function encodePrefix(text: string): Uint8Array {
  const slash = typeof text === "string" ? text.lastIndexOf("/") : -1;
  const address = readAddress(slash < 0 ? "" : text.slice(0, slash));
  const lengthBits = slash < 0 ? -1 : readLength(text, slash + 1);
  if (address.length === 0 || lengthBits < 0 || lengthBits > 8 * address.length) {
    throw new TypeError(
      `prefix must be text such as 192.0.2.0/24 or 2001:db8::/32, got ${String(text)}`,
    );
  }
  const lengthBytes = (lengthBits + 7) >>> 3;
  if (hasBitsAfter(address, lengthBits)) {
    throw new TypeError(`prefix must have no bits set after its length, got ${text}`);
  }
  const octets = new Uint8Array(1 + lengthBytes);
  octets[0] = lengthBits;
  for (let i = 0; i < lengthBytes; i++) octets[1 + i] = address[i] ?? 0;
  return octets;
}

/** The family's number that a prefix in text belongs to. */
export function afiOf(prefix: string): number {
  return prefix.includes(":") ? Afi.ipv6 : Afi.ipv4;
}

/**
 * The canonical text of a prefix that stands in octets, at an offset, as {@link encodePrefix} writes
 * it. Bits after the length are taken for zeros, as RFC 4271 section 4.3 wants.
 */
export function formatPrefix(afi: number, octets: Uint8Array, offset = 0): string {
  const lengthBits = octets[offset] ?? 0;
  const lengthBytes = (lengthBits + 7) >>> 3;
  const address = scratch.fill(0);
  for (let i = 0; i < lengthBytes && i < 16; i++) address[i] = octets[offset + 1 + i] ?? 0;
  const spare = lengthBits & 7;
  if (spare > 0) address[lengthBytes - 1] = (address[lengthBytes - 1] ?? 0) & (0xff00 >> spare);
  const text = afi === Afi.ipv4 ? formatIpv4(address, 0) : formatIpv6(address, 0);
  return `${text}/${lengthBits}`;
}

/** For the address of a prefix while it is formatted: an array for each costs as much as the rest. */
const scratch = new Uint8Array(16);

/** The prefixes in a unicast field, to be visited one by one. */
export function decodePrefixes(octets: Uint8Array, afi: number, addPath = false): Nlri {
  return new Nlri({ afi, safi: Safi.unicast }, octets, addPath);
}

/** The prefixes of a field in text: for display and tests, not for many. */
export function prefixTexts(nlri: Nlri): string[] {
  const texts: string[] = [];
  nlri.forEach((_, offset) => {
    texts.push(formatPrefix(nlri.family.afi, nlri.octets, offset - 1));
  });
  return texts;
}

/** One to three digits without leading zeros, up to the end; -1 otherwise. */
function readLength(text: string, from: number): number {
  const digits = text.length - from;
  if (digits < 1 || digits > 3 || (digits > 1 && text[from] === "0")) return -1;
  let value = 0;
  for (let i = from; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function hasBitsAfter(address: Uint8Array, lengthBits: number): boolean {
  const whole = lengthBits >>> 3;
  if (((address[whole] ?? 0) & (0xff >> (lengthBits & 7))) !== 0) return true;
  for (let i = whole + 1; i < address.length; i++) if (address[i] !== 0) return true;
  return false;
}

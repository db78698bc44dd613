import { isIPv4 } from "node:net";
import { addressText, ipv6Octets } from "./address.ts";

/** An address of either family; an IPv4-mapped one counts as IPv4. */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly octets: Uint8Array;
  /** Canonical: `192.0.2.1`, `2001:db8::1`. */
  readonly text: string;
}

/**
 * Reads an address in text.
 *
 * @throws {RangeError} when it is none, or has a zone; the message calls it by `name`.
 */
export function ipAddress(name: string, text: string): IpAddress {
  const octets = octetsOf(name, text);
  return { family: octets.length === 4 ? 4 : 6, octets, text: addressText(octets) };
}

/** Whether an address means something on one link only (RFC 4291 section 2.5.6). */
export function isLinkLocal({ family, octets }: IpAddress): boolean {
  return family === 6 && octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80;
}

/** Whether an address is that of one host: neither a group nor unspecified. */
export function isUnicast({ family, octets }: IpAddress): boolean {
  const first = octets[0] ?? 0;
  const isGroup = family === 6 ? first === 0xff : first >= 224;
  return !isGroup && octets.some((octet) => octet !== 0);
}

/** Canonical text of an address as Node tells it: without its zone, and IPv4 if it is mapped. */
export function canonicalAddress(told: string): string {
  return ipAddress("address", told.replace(/%.*$/, "")).text;
}

function octetsOf(name: string, text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split("."), Number);
  if (!text.includes(":")) {
    throw new RangeError(`${name} must be an IP address, got ${JSON.stringify(text)}`);
  }
  const octets = ipv6Octets(name, text);
  return MAPPED.every((octet, i) => octets[i] === octet) ? octets.slice(12) : octets;
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

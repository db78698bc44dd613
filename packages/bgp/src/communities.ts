import { parseIpv4, readAddress } from "./address.ts";
import { checkFits, OctetWriter, read32 } from "./octets.ts";
import type { LargeCommunity } from "./path-attributes.ts";

/** Communities with a meaning of their own. @see IANA "BGP Well-known Communities" */
export const WellKnownCommunity = {
  gracefulShutdown: 0xffff_0000,
  llgrStale: 0xffff_0006,
  noLlgr: 0xffff_0007,
  blackhole: 0xffff_029a,
  noExport: 0xffff_ff01,
  noAdvertise: 0xffff_ff02,
  noExportSubconfed: 0xffff_ff03,
  noPeer: 0xffff_ff04,
} as const;

/**
 * The community of two numbers of 16 bits: `"65001:100"` is `0xfde90064`.
 *
 * @throws {TypeError} when the text is none.
 * @see RFC 1997
 */
export function parseCommunity(text: string): number {
  const [high, low] = readNumbers("community", "65001:100", text, 2, 0xffff);
  return (high ?? 0) * 0x1_0000 + (low ?? 0);
}

/** The text of a community: two numbers with a colon between. */
export function formatCommunity(community: number): string {
  return `${community >>> 16}:${community & 0xffff}`;
}

/**
 * The large community of three numbers of 32 bits, such as `"4200000001:1:2"`.
 *
 * @throws {TypeError} when the text is none.
 * @see RFC 8092 section 5
 */
export function parseLargeCommunity(text: string): LargeCommunity {
  const numbers = readNumbers("large community", "65001:1:2", text, 3, 0xffff_ffff);
  const [globalAdministrator = 0, localData1 = 0, localData2 = 0] = numbers;
  return { globalAdministrator, localData1, localData2 };
}

/** The text of a large community: three numbers with colons between. */
export function formatLargeCommunity(community: LargeCommunity): string {
  const { globalAdministrator, localData1, localData2 } = community;
  return `${globalAdministrator}:${localData1}:${localData2}`;
}

/** An extended community that names a target or an origin of routes. @see RFC 4360 sections 4, 5 */
export interface RouteMark {
  readonly kind: "route-target" | "route-origin";
  /** An AS number, or an IPv4 address. */
  readonly administrator: number | string;
  /** 32 bits beside a two-octet AS number, 16 otherwise. */
  readonly value: number;
}

/**
 * The eight octets of a route target or origin. An AS number of four octets takes the form of
 * RFC 5668.
 *
 * @throws {RangeError} when the AS number or the value does not fit.
 * @throws {TypeError} when the address is none.
 */
export function encodeRouteMark({ kind, administrator, value }: RouteMark): Uint8Array {
  const octets = new OctetWriter();
  const subtype = kind === "route-target" ? 0x02 : 0x03;
  if (typeof administrator === "number" && administrator <= 0xffff) {
    octets.put16("type", subtype);
    octets.put16("administrator", administrator);
    octets.put32("value", value);
    return octets.toOctets();
  }
  if (typeof administrator === "number") {
    octets.put16("type", 0x0200 | subtype);
    octets.put32("administrator", administrator);
  } else {
    octets.put16("type", 0x0100 | subtype);
    octets.putOctets(parseIpv4("administrator", administrator));
  }
  octets.put16("value", value);
  return octets.toOctets();
}

/**
 * The twenty octets of a route target or origin whose administrator is an IPv6 address.
 *
 * @throws {RangeError} when the value does not fit 16 bits.
 * @throws {TypeError} when the address is no IPv6 address.
 * @see RFC 5701 section 2
 */
export function encodeIpv6RouteMark({ kind, administrator, value }: RouteMark): Uint8Array {
  const address = readAddress(String(administrator));
  if (address.length !== 16) {
    throw new TypeError(`administrator must be an IPv6 address, got ${administrator}`);
  }
  const octets = new OctetWriter();
  octets.put16("type", kind === "route-target" ? 0x02 : 0x03);
  octets.putOctets(address);
  octets.put16("value", value);
  return octets.toOctets();
}

/**
 * The eight octets that say how much a link carries, in octets a second. Not transitive, as most
 * implementations have it.
 *
 * @throws {RangeError} when the AS number does not fit two octets or the bandwidth is negative.
 * @see draft-ietf-idr-link-bandwidth section 2
 */
export function encodeLinkBandwidth(asn: number, bytesPerSecond: number): Uint8Array {
  checkFits("asn", asn, 0xffff);
  if (!(bytesPerSecond >= 0)) {
    throw new RangeError(`bytesPerSecond must be at least 0, got ${bytesPerSecond}`);
  }
  const octets = Uint8Array.of(0x40, 0x04, asn >>> 8, asn, 0, 0, 0, 0);
  new DataView(octets.buffer).setFloat32(4, bytesPerSecond);
  return octets;
}

/** What {@link encodeLinkBandwidth} wrote, or a peer; undefined for another extended community. */
export function decodeLinkBandwidth(
  community: Uint8Array,
): { readonly asn: number; readonly bytesPerSecond: number } | undefined {
  const isBandwidth = ((community[0] ?? 0) & 0xbf) === 0 && community[1] === 0x04;
  if (!isBandwidth || community.length !== 8) return undefined;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setUint32(0, read32(community, 4));
  const asn = ((community[2] ?? 0) << 8) | (community[3] ?? 0);
  return { asn, bytesPerSecond: bits.getFloat32(0) };
}

function readNumbers(
  kind: string,
  example: string,
  text: string,
  count: number,
  most: number,
): number[] {
  const parts = typeof text === "string" ? text.split(":") : [];
  const numbers = parts.map((part) =>
    /^(0|[1-9]\d{0,9})$/.test(part) ? Number(part) : Number.NaN,
  );
  if (numbers.length === count && numbers.every((number) => number <= most)) return numbers;
  throw new TypeError(`${kind} must be text such as ${example}, got ${String(text)}`);
}

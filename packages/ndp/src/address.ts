declare const packed: unique symbol;

/**
 * An IPv6 address as eight UTF-16 units, one for each group of four hexadecimal digits: compares
 * with `===` and keys a `Map` at a tenth of what text costs. Made by {@link parseIpv6} and
 * {@link ipv6FromBytes}; not for display.
 */
export type Ipv6Address = string & { readonly [packed]: true };

/**
 * The address in text of any form that RFC 4291 section 2.2 allows, packed.
 *
 * @throws {TypeError} when the text is not an IPv6 address; zones and prefix lengths are not.
 */
export function parseIpv6(text: string): Ipv6Address {
  const groups = typeof text === "string" ? readGroups(text) : undefined;
  if (groups === undefined) {
    throw new TypeError(`address must be IPv6 text such as 2001:db8::10, got ${String(text)}`);
  }
  return packIpv6(...groups);
}

/** The canonical text of an address. @see RFC 5952 */
export function formatIpv6(address: Ipv6Address): string {
  const groups = Array.from({ length: 8 }, (_, i) => address.charCodeAt(i));
  const [high = 0, low = 0] = groups.slice(6);
  if (address.startsWith(MAPPED)) {
    return `::ffff:${high >>> 8}.${high & 0xff}.${low >>> 8}.${low & 0xff}`;
  }
  const text = groups.map((group) => group.toString(16)).join(":");
  let longest = { start: 0, length: 0 };
  for (const { 0: zeros, index: start } of text.matchAll(/\b0(?::0)+\b/g)) {
    if (zeros.length > longest.length) longest = { start, length: zeros.length };
  }
  if (longest.length === 0) return text;
  const head = text.slice(0, longest.start).replace(/:$/, "");
  const tail = text.slice(longest.start + longest.length).replace(/^:/, "");
  return `${head}::${tail}`;
}

/**
 * The address in 16 octets, packed.
 *
 * @throws {RangeError} when there are not 16.
 */
export function ipv6FromBytes(bytes: Uint8Array): Ipv6Address {
  if (bytes.length !== 16) throw new RangeError(`address must have 16 octets, got ${bytes.length}`);
  const group = (i: number) => ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return packIpv6(...[0, 2, 4, 6, 8, 10, 12, 14].map(group));
}

/** The address of eight groups of four hexadecimal digits, each a number, packed. */
export function packIpv6(...groups: readonly number[]): Ipv6Address {
  return String.fromCharCode(...groups) as Ipv6Address;
}

/**
 * The link-local address that is made from a hardware address.
 *
 * @see RFC 4291 appendix A, "modified EUI-64"
 */
export function linkLocalOf(mac: number): Ipv6Address {
  const high = Math.floor(mac / 2 ** 24);
  const low = mac % 2 ** 24;
  return packIpv6(
    0xfe80,
    0,
    0,
    0,
    (high >>> 8) ^ 0x0200,
    ((high & 0xff) << 8) | 0xff,
    0xfe00 | (low >>> 16),
    low & 0xffff,
  );
}

/** The 16 octets of an address, in a fresh array. */
export function ipv6ToBytes(address: Ipv6Address): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, i) => {
    const group = address.charCodeAt(i >> 1);
    return i % 2 === 0 ? group >>> 8 : group & 0xff;
  });
}

/**
 * The MAC address in colon-separated text of either case, as a 48-bit number:
 * `"02:00:00:00:00:01"` is `0x020000000001`.
 *
 * @throws {TypeError} when the text is not six pairs of hexadecimal digits.
 */
export function parseMac(text: string): number {
  if (typeof text !== "string" || !MAC.test(text)) {
    throw new TypeError(`mac must be text such as 02:00:00:00:00:01, got ${String(text)}`);
  }
  return Number.parseInt(text.replaceAll(":", ""), 16);
}

/** The text of a 48-bit number, in lower case. */
export function formatMac(mac: number): string {
  return mac
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?!$)/g, "$&:");
}

/**
 * The 48-bit number in six octets.
 *
 * @throws {RangeError} when there are not six.
 */
export function macFromBytes(bytes: Uint8Array): number {
  if (bytes.length !== 6) throw new RangeError(`mac must have 6 octets, got ${bytes.length}`);
  let mac = 0;
  for (const octet of bytes) mac = mac * 0x100 + octet;
  return mac;
}

/** The six octets of a 48-bit number, in a fresh array. */
export function macToBytes(mac: number): Uint8Array {
  return Uint8Array.from({ length: 6 }, (_, i) => Math.floor(mac / 0x100 ** (5 - i)));
}

/** The eight groups; undefined when the text is no address. */
function readGroups(text: string): number[] | undefined {
  const [head = "", tail, more] = text.replace(DOTTED_END, dottedToGroups).split("::");
  const before = readList(head);
  const after = readList(tail ?? "");
  if (before === undefined || after === undefined || more !== undefined) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...before, ...new Array<number>(missing).fill(0), ...after];
}

function readList(text: string): number[] | undefined {
  if (text === "") return [];
  const groups = text.split(":");
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

function dottedToGroups(quad: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = quad.split(".").map(Number);
  return `${(a * 0x100 + b).toString(16)}:${(c * 0x100 + d).toString(16)}`;
}

const MAC = /^[\da-f]{2}(:[\da-f]{2}){5}$/i;
const OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const DOTTED_END = new RegExp(`(?<=:)${OCTET}(?:\\.${OCTET}){3}$`);
/** The first six groups of ::ffff:0:0/96. */
const MAPPED = packIpv6(0, 0, 0, 0, 0, 0xffff);

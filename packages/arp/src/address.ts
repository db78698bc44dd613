/** The Ethernet broadcast address, ff:ff:ff:ff:ff:ff. */
export const BROADCAST_MAC = 0xffff_ffff_ffff;

/**
 * The IPv4 address in dotted-quad text, as a 32-bit number: `"192.0.2.10"` is `0xc000020a`.
 *
 * @throws {TypeError} when the text is not canonical: four decimal octets without leading zeros.
 */
export function parseIpv4(text: string): number {
  if (typeof text !== "string" || !IPV4.test(text)) {
    throw new TypeError(`address must be IPv4 text such as 192.0.2.10, got ${String(text)}`);
  }
  return text.split(".").reduce((address, octet) => address * 0x100 + Number(octet), 0);
}

/** The dotted-quad text of a 32-bit number. */
export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
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

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);
const MAC = /^[\da-f]{2}(:[\da-f]{2}){5}$/i;

import { type Ipv6Address, parseIpv6 } from "./address.ts";

/**
 * A prefix in text, packed: `"2001:db8:1::/64"`.
 *
 * @throws {TypeError} when it is none, or has bits set after its length.
 */
export function parsePrefix(text: string): { prefix: Ipv6Address; prefixLength: number } {
  const [address = "", length = "", ...more] = text.split("/");
  const prefixLength = /^(?:\d|[1-9]\d{1,2})$/.test(length) ? Number(length) : Number.NaN;
  const prefix = parseIpv6(address);
  if (!(prefixLength <= 128) || more.length > 0 || maskPrefix(prefix, prefixLength) !== prefix) {
    throw new TypeError(`prefix must be text such as 2001:db8:1::/64, got ${text}`);
  }
  return { prefix, prefixLength };
}

/** An address with every bit after the length cleared. */
export function maskPrefix(address: Ipv6Address, prefixLength: number): Ipv6Address {
  const groups = Array.from({ length: 8 }, (_, i) => {
    const kept = Math.min(16, Math.max(0, prefixLength - 16 * i));
    return address.charCodeAt(i) & (0xffff_0000 >>> kept);
  });
  return String.fromCharCode(...groups) as Ipv6Address;
}

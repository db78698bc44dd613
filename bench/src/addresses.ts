/** So many IPv4 addresses in a row. @throws {RangeError} when they do not fit behind `first`. */
export function ipv4Addresses(first: string, count: number): readonly string[] {
  const start = first.split(".").reduce((value, octet) => value * 256 + Number(octet), 0);
  if (!(start + count <= 2 ** 32)) throw new RangeError(`no ${count} addresses from ${first} on`);
  return Array.from({ length: count }, (_, i) =>
    [24, 16, 8, 0].map((shift) => ((start + i) >>> shift) & 0xff).join("."),
  );
}

/**
 * So many IPv6 addresses in a row, from 1 on, behind a prefix that ends with `::`.
 *
 * @throws {RangeError} when there are more than the last two octets can tell apart.
 */
export function ipv6Addresses(prefix: string, count: number): readonly string[] {
  if (!(count <= 0xffff)) throw new RangeError(`count must be at most 65535, got ${count}`);
  return Array.from({ length: count }, (_, i) => `${prefix}${(i + 1).toString(16)}`);
}

import { type Ipv6Address, packIpv6 } from "./address.ts";

// By index, not by DataView: asking a small array for its buffer costs ten times the writing.

/** The big-endian number in some octets; those beyond the end count as zero. */
export function readNumber(octets: Uint8Array, offset: number, lengthBytes: number): number {
  let value = 0;
  for (let i = offset; i < offset + lengthBytes; i++) value = value * 0x100 + (octets[i] ?? 0);
  return value;
}

/** The number in two octets; those beyond the end count as zero. */
export function read16(octets: Uint8Array, offset: number): number {
  return ((octets[offset] ?? 0) << 8) | (octets[offset + 1] ?? 0);
}

/** The hardware address in six octets, as {@link readNumber} reads it in a fraction of the time. */
export function readMac(octets: Uint8Array, offset: number): number {
  const low = read16(octets, offset + 2) * 0x1_0000 + read16(octets, offset + 4);
  return read16(octets, offset) * 2 ** 32 + low;
}

/** The address in 16 octets; those beyond the end count as zero. */
export function readIpv6(octets: Uint8Array, offset: number): Ipv6Address {
  // Spelled out, as this runs for every frame and a loop takes five times as long.
  return packIpv6(
    read16(octets, offset),
    read16(octets, offset + 2),
    read16(octets, offset + 4),
    read16(octets, offset + 6),
    read16(octets, offset + 8),
    read16(octets, offset + 10),
    read16(octets, offset + 12),
    read16(octets, offset + 14),
  );
}

/** Writes one octet. @throws {RangeError} when the value does not fit, naming the field. */
export function put8(octets: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xff);
  octets[offset] = value;
}

/** Writes two octets. @throws {RangeError} when the value does not fit, naming the field. */
export function put16(octets: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff);
  octets[offset] = value >>> 8;
  octets[offset + 1] = value;
}

/** Writes four octets. @throws {RangeError} when the value does not fit, naming the field. */
export function put32(octets: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff_ffff);
  octets[offset] = value >>> 24;
  octets[offset + 1] = value >>> 16;
  octets[offset + 2] = value >>> 8;
  octets[offset + 3] = value;
}

/** Writes six octets. @throws {RangeError} when the value does not fit, naming the field. */
export function putMac(octets: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff_ffff_ffff);
  put16(octets, offset, field, Math.floor(value / 2 ** 32));
  put32(octets, offset + 2, field, value % 2 ** 32);
}

/** Writes 16 octets. @throws {RangeError} when it is no packed address, naming the field. */
export function putIpv6(
  octets: Uint8Array,
  offset: number,
  field: string,
  address: Ipv6Address,
): void {
  if (address.length !== 8) {
    throw new RangeError(`${field} must be a packed address, got ${JSON.stringify(address)}`);
  }
  for (let i = 0; i < 8; i++) {
    const group = address.charCodeAt(i);
    octets[offset + 2 * i] = group >>> 8;
    octets[offset + 2 * i + 1] = group;
  }
}

function checkFits(field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`${field} must be a whole number from 0 to ${most}, got ${value}`);
}

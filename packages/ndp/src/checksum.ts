/**
 * The ICMPv6 checksum of a frame without extension headers, whose source and destination address and
 * message follow each other from an offset on: what belongs in the checksum field if that is zero
 * now, and 0 if the message is sound with the checksum that it has.
 *
 * @param start where the 16 octets of the source are; 16 of the destination and the message follow.
 * @param end where the message ends.
 * @see RFC 4443 section 2.3, RFC 8200 section 8.1 for the pseudo-header
 */
export function icmp6Checksum(octets: Uint8Array, start: number, end: number): number {
  const messageBytes = end - start - ADDRESSES_BYTES;
  let sum = messageBytes + NEXT_HEADER_ICMP6;
  const lastPair = end - 1;
  for (let i = start; i < lastPair; i += 2) {
    sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
  }
  // Beyond an odd length the pad is zero.
  if (messageBytes % 2 !== 0) sum += (octets[lastPair] ?? 0) << 8;
  // Twice, as the first fold may carry.
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const ADDRESSES_BYTES = 32;
const NEXT_HEADER_ICMP6 = 58;

/**
 * The ICMPv6 checksum over the source and destination address and the message, as they follow each
 * other in a packet without extension headers: what belongs in the checksum field if that is zero
 * now, and 0 if the message is sound with the checksum that it has.
 *
 * @param octets 16 of the source, 16 of the destination, and the whole message.
 * @see RFC 4443 section 2.3, RFC 8200 section 8.1 for the pseudo-header
 */
export function icmp6Checksum(octets: Uint8Array): number {
  const messageBytes = octets.length - ADDRESSES_BYTES;
  let sum = messageBytes + NEXT_HEADER_ICMP6;
  for (let i = 0; i < octets.length; i += 2) {
    // Beyond the end of an odd length the pad is zero.
    sum += (octets[i] ?? 0) * 0x100 + (octets[i + 1] ?? 0);
  }
  // Twice, as the first fold may carry.
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const ADDRESSES_BYTES = 32;
const NEXT_HEADER_ICMP6 = 58;

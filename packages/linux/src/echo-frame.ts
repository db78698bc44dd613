/** One UDP packet in an IPv4 packet in an Ethernet frame. */
export interface UdpFrame {
  readonly destinationMac: Uint8Array;
  readonly sourceMac: Uint8Array;
  /** Four octets, as the destination. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly ttl: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** The frame, with DSCP CS6 and without fragmentation, in a fresh array. */
export function encodeUdpFrame(frame: UdpFrame): Uint8Array {
  const bytes = new Uint8Array(PAYLOAD_OFFSET + frame.payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(frame.destinationMac, 0);
  bytes.set(frame.sourceMac, 6);
  view.setUint16(12, ETHERTYPE_IPV4);
  view.setUint16(IP_OFFSET, VERSION_AND_TRAFFIC_CLASS);
  view.setUint16(IP_OFFSET + 2, bytes.length - IP_OFFSET);
  view.setUint16(IP_OFFSET + 6, DO_NOT_FRAGMENT);
  view.setUint8(IP_OFFSET + 8, frame.ttl);
  view.setUint8(IP_OFFSET + 9, PROTOCOL_UDP);
  bytes.set(frame.source, IP_OFFSET + 12);
  bytes.set(frame.destination, IP_OFFSET + 16);
  view.setUint16(IP_OFFSET + 10, checksum(bytes.subarray(IP_OFFSET, UDP_OFFSET), 0));
  const udp = bytes.subarray(UDP_OFFSET);
  view.setUint16(UDP_OFFSET, frame.sourcePort);
  view.setUint16(UDP_OFFSET + 2, frame.destinationPort);
  view.setUint16(UDP_OFFSET + 4, udp.length);
  bytes.set(frame.payload, PAYLOAD_OFFSET);
  const addresses = bytes.subarray(IP_OFFSET + 12, UDP_OFFSET);
  // Zero would mean that there is none (RFC 768).
  const sum = checksum(udp, PROTOCOL_UDP + udp.length + sumOf(addresses)) || 0xffff;
  view.setUint16(UDP_OFFSET + 6, sum);
  return bytes;
}

/**
 * Reads a frame whose IP header has no options and is of UDP, as a filter has made sure of. Its
 * checksums are not looked at: those of a neighbour on the same machine are often not filled in.
 * Nothing when it is short. The arrays are parts of the frame's own.
 */
export function decodeUdpFrame(frame: Uint8Array): UdpFrame | undefined {
  if (frame.length < PAYLOAD_OFFSET) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const end = UDP_OFFSET + view.getUint16(UDP_OFFSET + 4);
  if (end < PAYLOAD_OFFSET || end > frame.length) return undefined;
  return {
    destinationMac: frame.subarray(0, 6),
    sourceMac: frame.subarray(6, 12),
    source: frame.subarray(IP_OFFSET + 12, IP_OFFSET + 16),
    destination: frame.subarray(IP_OFFSET + 16, UDP_OFFSET),
    ttl: view.getUint8(IP_OFFSET + 8),
    sourcePort: view.getUint16(UDP_OFFSET),
    destinationPort: view.getUint16(UDP_OFFSET + 2),
    payload: frame.subarray(PAYLOAD_OFFSET, end),
  };
}

/** The Internet checksum. @see RFC 1071 */
function checksum(bytes: Uint8Array, start: number): number {
  let sum = start + sumOf(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

const IP_OFFSET = 14;
const UDP_OFFSET = 34;
const PAYLOAD_OFFSET = 42;
const ETHERTYPE_IPV4 = 0x0800;
/** Version 4, a header of five words, CS6. */
const VERSION_AND_TRAFFIC_CLASS = 0x45c0;
const DO_NOT_FRAGMENT = 0x4000;
const PROTOCOL_UDP = 17;

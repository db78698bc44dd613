import { Parser } from "binary-parser";
import type { Ipv6Address } from "./address.ts";
import { icmp6Checksum } from "./checksum.ts";
import { NdpDecodeError } from "./decode-error.ts";
import {
  decodeMessage,
  encodeMessage,
  messageLength,
  NdpNumber,
  type NdpPacket,
} from "./message.ts";
import { put8, put16, putIpv6, putMac, read16, readIpv6, readMac } from "./octets.ts";

/**
 * Reads an Ethernet frame. Octets after the IPv6 packet are ignored, as Ethernet pads; so are the
 * reserved ones. Whether the packet may be acted on, its checksum included, is for `invalidity` to
 * judge.
 *
 * @throws {NdpDecodeError} when the frame is short, not ICMPv6 right behind an IPv6 header (a VLAN
 *   tag or an extension header too makes it another type), not one of the four messages, or has an
 *   option of length 0 or beyond its end.
 * @see RFC 4861 section 4
 */
export function decodeNdp(frame: Uint8Array): NdpPacket {
  if (frame.length < BODY) throw new NdpDecodeError("frame is short", frame.length);
  const etherType = read16(frame, 12);
  if (etherType !== ETHER_TYPE) {
    throw new NdpDecodeError(`ether type must be 0x86dd, got ${hex(etherType)}`, 12);
  }
  const fields = layout.parse(frame.subarray(IP, BODY)) as Layout;
  const version = fields.versionClassFlow >>> 28;
  if (version !== 6) throw new NdpDecodeError(`IP version must be 6, got ${version}`, IP);
  if (fields.nextHeader !== ICMP6) {
    throw new NdpDecodeError(`next header must be 58, got ${fields.nextHeader}`, 20);
  }
  const end = MESSAGE + fields.payloadLength;
  if (frame.length < end) throw new NdpDecodeError("frame is short", frame.length);
  return decodeMessage(frame, MESSAGE, end, {
    destinationMac: readMac(frame, 0),
    sourceMac: readMac(frame, 6),
    destination: readIpv6(fields.addresses, 16),
    source: readIpv6(fields.addresses, 0),
    hopLimit: fields.hopLimit,
    number: fields.type,
    code: fields.code,
    flags: fields.flags,
  });
}

/**
 * The target of a frame with a Neighbor Solicitation or Advertisement, taken for NDP unseen;
 * undefined when the frame is too short or holds another message.
 *
 * Most solicitations on a segment are for others: this tells for a fraction of what decoding costs.
 */
export function peekTarget(frame: Uint8Array): Ipv6Address | undefined {
  if (frame.length < TARGET_END) return undefined;
  const isNeighbor =
    frame[MESSAGE] === NdpNumber["neighbor-solicitation"] ||
    frame[MESSAGE] === NdpNumber["neighbor-advertisement"];
  return isNeighbor ? readIpv6(frame, BODY) : undefined;
}

/** Whether the checksum of a frame that {@link decodeNdp} could read is right. */
export function isChecksumRight(frame: Uint8Array): boolean {
  return icmp6Checksum(frame, ADDRESSES, MESSAGE + read16(frame, 18)) === 0;
}

/**
 * The frame of a packet, with its checksum, in a fresh array; at least Ethernet's 60 octets.
 *
 * @throws {RangeError} when a field does not fit its place; the message names it and its value.
 */
export function encodeNdp(packet: NdpPacket): Uint8Array {
  return writeNdp(packet, new Uint8Array(frameLength(packet)));
}

/** How many octets the frame of a packet takes. */
export function frameLength(packet: NdpPacket): number {
  return MESSAGE + messageLength(packet);
}

/**
 * Writes the frame of a packet into octets that are zero, and returns these.
 *
 * @param frame of {@link frameLength}.
 * @throws {RangeError} as {@link encodeNdp} does.
 */
export function writeNdp(packet: NdpPacket, frame: Uint8Array): Uint8Array {
  putMac(frame, 0, "destinationMac", packet.destinationMac);
  putMac(frame, 6, "sourceMac", packet.sourceMac);
  put16(frame, 12, "etherType", ETHER_TYPE);
  frame[IP] = 0x60;
  put16(frame, 18, "message length", frame.length - MESSAGE);
  frame[20] = ICMP6;
  put8(frame, 21, "hopLimit", packet.hopLimit);
  putIpv6(frame, ADDRESSES, "source", packet.source);
  putIpv6(frame, ADDRESSES + 16, "destination", packet.destination);
  encodeMessage(packet, frame, MESSAGE);
  put16(frame, MESSAGE + 2, "checksum", icmp6Checksum(frame, ADDRESSES, frame.length));
  return frame;
}

const IP = 14;
const ADDRESSES = 22;
const MESSAGE = 54;
/** What follows the first eight octets of a message; that of a neighbour message is its target. */
const BODY = 62;
const TARGET_END = 78;
const ETHER_TYPE = 0x86dd;
const ICMP6 = 58;

const NO_OCTETS = new Uint8Array(0);

/**
 * What the layout below reads into. binary-parser sets two fields of its own on it and deletes them
 * again, which makes a plain object slow for good; here they are swallowed.
 */
class Layout {
  versionClassFlow = 0;
  payloadLength = 0;
  nextHeader = 0;
  hopLimit = 0;
  addresses = NO_OCTETS;
  type = 0;
  code = 0;
  checksum = 0;
  flags = 0;

  set $parent(_: unknown) {}
  set $root(_: unknown) {}
}

// RFC 8200 section 3 after the Ethernet header, and what all messages begin with: the flags are reserved
// in some, and more than flags in Router Advertisements. It is one layout, as each costs a view of its
// own, and both addresses are one array for the same reason:
//
// |                       versionClassFlow                        |
// |         payloadLength         |  nextHeader   |   hopLimit    |
// |                            source                             |
// |                          destination                          |
// |     type      |     code      |           checksum            |
// |                             flags                             |
const layout = new Parser()
  .endianness("big")
  .uint32("versionClassFlow")
  .uint16("payloadLength")
  .uint8("nextHeader")
  .uint8("hopLimit")
  .buffer("addresses", { length: 32 })
  .uint8("type")
  .uint8("code")
  .uint16("checksum")
  .uint32("flags")
  .create(Layout);

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}

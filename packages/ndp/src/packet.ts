import { Parser } from "binary-parser";
import { type Ipv6Address, ipv6FromBytes } from "./address.ts";
import { icmp6Checksum } from "./checksum.ts";
import { NdpDecodeError } from "./decode-error.ts";
import {
  decodeMessage,
  encodeMessage,
  messageLength,
  NdpNumber,
  type NdpPacket,
} from "./message.ts";
import { put8, put16, putIpv6, putMac, readNumber } from "./octets.ts";

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
  if (frame.length < MESSAGE) throw new NdpDecodeError("frame is short", frame.length);
  const etherType = readNumber(frame, 12, 2);
  if (etherType !== ETHER_TYPE) {
    throw new NdpDecodeError(`ether type must be 0x86dd, got ${hex(etherType)}`, 12);
  }
  const ip = layout.parse(frame.subarray(IP, MESSAGE)) as Layout;
  const version = ip.versionClassFlow >>> 28;
  if (version !== 6) throw new NdpDecodeError(`IP version must be 6, got ${version}`, IP);
  if (ip.nextHeader !== ICMP6) {
    throw new NdpDecodeError(`next header must be 58, got ${ip.nextHeader}`, 20);
  }
  const end = MESSAGE + ip.payloadLength;
  if (frame.length < end) throw new NdpDecodeError("frame is short", frame.length);
  return decodeMessage(frame.subarray(0, end), MESSAGE, {
    destinationMac: readNumber(frame, 0, 6),
    sourceMac: readNumber(frame, 6, 6),
    destination: ipv6FromBytes(ip.destination),
    source: ipv6FromBytes(ip.source),
    hopLimit: ip.hopLimit,
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
  return isNeighbor ? ipv6FromBytes(frame.subarray(TARGET, TARGET_END)) : undefined;
}

/** Whether the checksum of a frame that {@link decodeNdp} could read is right. */
export function isChecksumRight(frame: Uint8Array): boolean {
  const end = MESSAGE + readNumber(frame, 18, 2);
  return icmp6Checksum(frame.subarray(ADDRESSES, end)) === 0;
}

/**
 * The frame of a packet, with its checksum, in a fresh array; at least Ethernet's 60 octets.
 *
 * @throws {RangeError} when a field does not fit its place; the message names it and its value.
 */
export function encodeNdp(packet: NdpPacket): Uint8Array {
  const messageBytes = messageLength(packet);
  const frame = new Uint8Array(MESSAGE + messageBytes);
  putMac(frame, 0, "destinationMac", packet.destinationMac);
  putMac(frame, 6, "sourceMac", packet.sourceMac);
  put16(frame, 12, "etherType", ETHER_TYPE);
  frame[IP] = 0x60;
  put16(frame, 18, "message length", messageBytes);
  frame[20] = ICMP6;
  put8(frame, 21, "hopLimit", packet.hopLimit);
  putIpv6(frame, ADDRESSES, "source", packet.source);
  putIpv6(frame, ADDRESSES + 16, "destination", packet.destination);
  encodeMessage(packet, frame, MESSAGE);
  put16(frame, MESSAGE + 2, "checksum", icmp6Checksum(frame.subarray(ADDRESSES)));
  return frame;
}

const IP = 14;
const ADDRESSES = 22;
const MESSAGE = 54;
const TARGET = 62;
const TARGET_END = 78;
const ETHER_TYPE = 0x86dd;
const ICMP6 = 58;

// RFC 8200 section 3, after the Ethernet header:
//
// |                       versionClassFlow                        |
// |         payloadLength         |  nextHeader   |   hopLimit    |
// |                            source                             |
// |                          destination                          |
const layout = new Parser()
  .endianness("big")
  .uint32("versionClassFlow")
  .uint16("payloadLength")
  .uint8("nextHeader")
  .uint8("hopLimit")
  .buffer("source", { length: 16 })
  .buffer("destination", { length: 16 });

interface Layout {
  readonly versionClassFlow: number;
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}

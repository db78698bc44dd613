import { Parser } from "binary-parser";

/**
 * An ARP packet with 6-octet hardware and 4-octet protocol addresses, in its Ethernet frame.
 *
 * MAC addresses are 48-bit numbers and IPv4 addresses 32-bit numbers, so that packets compare and
 * copy cheaply; `formatMac` and `formatIpv4` make text of them.
 */
export interface ArpPacket {
  /** Where the frame goes to and comes from. */
  readonly destination: number;
  readonly source: number;
  /** {@link ArpHardware.ethernet}, or a kind that nobody here speaks. */
  readonly hardwareType: number;
  /** {@link ArpProtocol.ipv4}, or a kind that nobody here speaks. */
  readonly protocolType: number;
  /** One of {@link ArpOperation}, or one that is not ARP's own (RARP, InARP). */
  readonly operation: number;
  readonly senderMac: number;
  readonly senderAddress: number;
  readonly targetMac: number;
  readonly targetAddress: number;
}

/** What an ARP packet says (`ar$op`). */
export const ArpOperation = { request: 1, reply: 2 } as const;

/** The link layers of interest (`ar$hrd`). */
export const ArpHardware = { ethernet: 1 } as const;

/** The protocols of interest (`ar$pro`). */
export const ArpProtocol = { ipv4: 0x0800 } as const;

/** Octets that are not such a packet. `offset` is where reading stopped. */
export class ArpDecodeError extends Error {
  override readonly name = "ArpDecodeError";
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.offset = offset;
  }
}

/**
 * Reads an Ethernet frame. Octets after the ARP packet are ignored, as Ethernet pads. Whether the
 * packet is of a kind to act on is for the reader to judge.
 *
 * @throws {ArpDecodeError} when the frame is short, not ARP (a VLAN tag too makes it another type),
 *   or its addresses are not of 6 and 4 octets.
 * @see RFC 826
 */
export function decodeArp(frame: Uint8Array): ArpPacket {
  if (frame.length < ARP_END) throw new ArpDecodeError("frame is short", frame.length);
  const etherType = readNumber(frame, 12, 2);
  if (etherType !== ETHER_TYPE) {
    throw new ArpDecodeError(`ether type must be 0x0806, got ${hex(etherType)}`, 12);
  }
  const fields = layout.parse(frame.subarray(ARP_START, ARP_END)) as Layout;
  if (fields.hardwareLength !== 6) {
    throw new ArpDecodeError(`hardware length must be 6, got ${fields.hardwareLength}`, 18);
  }
  if (fields.protocolLength !== 4) {
    throw new ArpDecodeError(`protocol length must be 4, got ${fields.protocolLength}`, 19);
  }
  return {
    destination: readNumber(frame, 0, 6),
    source: readNumber(frame, 6, 6),
    hardwareType: fields.hardwareType,
    protocolType: fields.protocolType,
    operation: fields.operation,
    senderMac: fields.senderMacHigh * 2 ** 32 + fields.senderMacLow,
    senderAddress: fields.senderAddress,
    targetMac: fields.targetMacHigh * 2 ** 32 + fields.targetMacLow,
    targetAddress: fields.targetAddress,
  };
}

/**
 * The target address of a frame, taken for ARP unseen; undefined when the frame is too short.
 *
 * Most packets on a segment are about others: this and {@link peekSender} tell for a fraction of what
 * decoding costs.
 */
export function peekTarget(frame: Uint8Array): number | undefined {
  return frame.length < ARP_END ? undefined : read32(frame, 38);
}

/** The sender address of a frame, as {@link peekTarget} the target's. */
export function peekSender(frame: Uint8Array): number | undefined {
  return frame.length < ARP_END ? undefined : read32(frame, 28);
}

/**
 * The frame of a packet, in a fresh array, padded to Ethernet's least: 60 octets and the check
 * sequence that the hardware adds.
 *
 * @throws {RangeError} when a field does not fit its place; the message names it and its value.
 */
export function encodeArp(packet: ArpPacket): Uint8Array {
  return writeArp(packet, new Uint8Array(FRAME_BYTES));
}

/** How many octets a frame has: 60, padding included. */
export const FRAME_BYTES = 60;

/**
 * Writes the frame of a packet, but for its padding, and returns it.
 *
 * @param frame of {@link FRAME_BYTES}, its padding zero.
 * @throws {RangeError} as {@link encodeArp} does.
 */
export function writeArp(packet: ArpPacket, frame: Uint8Array): Uint8Array {
  putMac(frame, 0, "destination", packet.destination);
  putMac(frame, 6, "source", packet.source);
  put16(frame, 12, "etherType", ETHER_TYPE);
  put16(frame, 14, "hardwareType", packet.hardwareType);
  put16(frame, 16, "protocolType", packet.protocolType);
  frame[18] = 6;
  frame[19] = 4;
  put16(frame, 20, "operation", packet.operation);
  putMac(frame, 22, "senderMac", packet.senderMac);
  put32(frame, 28, "senderAddress", packet.senderAddress);
  putMac(frame, 32, "targetMac", packet.targetMac);
  put32(frame, 38, "targetAddress", packet.targetAddress);
  return frame;
}

const ARP_START = 14;
const ARP_END = 42;
const ETHER_TYPE = 0x0806;

/**
 * What the layout below reads into. binary-parser sets two fields of its own on it and deletes them
 * again, which makes a plain object slow for good; here they are swallowed. A third of the time.
 */
class Layout {
  hardwareType = 0;
  protocolType = 0;
  hardwareLength = 0;
  protocolLength = 0;
  operation = 0;
  senderMacHigh = 0;
  senderMacLow = 0;
  senderAddress = 0;
  targetMacHigh = 0;
  targetMacLow = 0;
  targetAddress = 0;

  set $parent(_: unknown) {}
  set $root(_: unknown) {}
}

// RFC 826 "Packet format", after the Ethernet header:
//
// |          hardwareType         |          protocolType         |
// | hardwareLength| protocolLength|           operation           |
// |                           senderMac                           |
// |                               |         senderAddress         |
// |                               |           targetMac           |
// |                                                               |
// |                         targetAddress                         |
const layout = new Parser()
  .endianness("big")
  .uint16("hardwareType")
  .uint16("protocolType")
  .uint8("hardwareLength")
  .uint8("protocolLength")
  .uint16("operation")
  .uint16("senderMacHigh")
  .uint32("senderMacLow")
  .uint32("senderAddress")
  .uint16("targetMacHigh")
  .uint32("targetMacLow")
  .uint32("targetAddress")
  .create(Layout);

// By index, not by DataView: asking a small array for its buffer costs ten times the writing.

function readNumber(frame: Uint8Array, offset: number, lengthBytes: number): number {
  let value = 0;
  for (let i = offset; i < offset + lengthBytes; i++) value = value * 0x100 + (frame[i] ?? 0);
  return value;
}

/** What `readNumber` reads four octets to, in a fraction of the time. */
function read32(frame: Uint8Array, offset: number): number {
  const high = ((frame[offset] ?? 0) << 8) | (frame[offset + 1] ?? 0);
  const low = ((frame[offset + 2] ?? 0) << 8) | (frame[offset + 3] ?? 0);
  return high * 0x1_0000 + low;
}

function put16(frame: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff);
  frame[offset] = value >>> 8;
  frame[offset + 1] = value;
}

function put32(frame: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff_ffff);
  frame[offset] = value >>> 24;
  frame[offset + 1] = value >>> 16;
  frame[offset + 2] = value >>> 8;
  frame[offset + 3] = value;
}

function putMac(frame: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff_ffff_ffff);
  const high = Math.floor(value / 2 ** 32);
  put16(frame, offset, field, high);
  put32(frame, offset + 2, field, value % 2 ** 32);
}

function checkFits(field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`${field} must be a whole number from 0 to ${most}, got ${value}`);
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, "0")}`;
}

import { Parser } from "binary-parser";
import type { Ipv6Address } from "./address.ts";
import { NdpDecodeError } from "./decode-error.ts";
import { put8, put16, put32, putIpv6, readIpv6 } from "./octets.ts";
import { decodeOptions, encodeOption, type NdpOption, optionLength } from "./option.ts";

/** What every NDP packet has: its Ethernet and IPv6 addresses, and its options. */
export interface NdpHeader {
  /** 48-bit numbers, as every MAC address inside this package. */
  readonly destinationMac: number;
  readonly sourceMac: number;
  readonly destination: Ipv6Address;
  readonly source: Ipv6Address;
  /** 255, or a router forwarded the packet. */
  readonly hopLimit: number;
  /** The ICMPv6 code: 0 in every packet that is defined. */
  readonly code: number;
  readonly options: readonly NdpOption[];
}

/** Who has `target`? A probe, when the source is `::`. @see RFC 4861 section 4.3 */
export interface NeighborSolicitation extends NdpHeader {
  readonly type: "neighbor-solicitation";
  readonly target: Ipv6Address;
}

/** `target` is here. @see RFC 4861 section 4.4 */
export interface NeighborAdvertisement extends NdpHeader {
  readonly type: "neighbor-advertisement";
  readonly target: Ipv6Address;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
}

/** Which routers are there? @see RFC 4861 section 4.1 */
export interface RouterSolicitation extends NdpHeader {
  readonly type: "router-solicitation";
}

/** A router is here. @see RFC 4861 section 4.2 */
export interface RouterAdvertisement extends NdpHeader {
  readonly type: "router-advertisement";
  /** What hosts should send with; 0 says nothing. */
  readonly currentHopLimit: number;
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
  readonly preference: RouterPreference;
  /** As a default router; 0 when it is none. */
  readonly lifetimeSeconds: number;
  /** 0 says nothing. */
  readonly reachableMs: number;
  /** 0 says nothing. */
  readonly retransmitMs: number;
}

/** How much a default router wants to be used. @see RFC 4191 section 2.1 */
export type RouterPreference = "high" | "medium" | "low";

/** A packet of the Neighbor Discovery Protocol, Redirect excepted, in its Ethernet frame. */
export type NdpPacket =
  | NeighborSolicitation
  | NeighborAdvertisement
  | RouterSolicitation
  | RouterAdvertisement;

/** The ICMPv6 types of the messages. */
export const NdpNumber = {
  "router-solicitation": 133,
  "router-advertisement": 134,
  "neighbor-solicitation": 135,
  "neighbor-advertisement": 136,
} as const;

/** What every frame tells of its packet. */
export interface Preamble extends Omit<NdpHeader, "options"> {
  /** One of {@link NdpNumber}, or another. */
  readonly number: number;
  /** The four octets after the checksum. */
  readonly flags: number;
}

/**
 * Reads the message from an offset to its end. Reserved octets are ignored.
 *
 * @param end no more than the length of `octets`.
 * @param preamble what these and the octets before them told already.
 * @throws {NdpDecodeError} when it is short, not one of the four, or an option cannot be read.
 */
export function decodeMessage(
  octets: Uint8Array,
  at: number,
  end: number,
  preamble: Preamble,
): NdpPacket {
  if (end === at) throw new NdpDecodeError("message is short", end);
  const type = TYPES[preamble.number - NdpNumber["router-solicitation"]];
  if (type === undefined) {
    throw new NdpDecodeError(`message type must be 133 to 136, got ${preamble.number}`, at);
  }
  const start = at + FIXED_BYTES[type];
  if (end < start) throw new NdpDecodeError("message is short", end);
  const options = decodeOptions(octets, start, end);
  // Spelled out, as every frame of a responder comes here and spreading takes twenty times as long.
  const { destinationMac, sourceMac, destination, source, hopLimit, code, flags } = preamble;
  switch (type) {
    case "neighbor-solicitation":
      return {
        type,
        destinationMac,
        sourceMac,
        destination,
        source,
        hopLimit,
        code,
        options,
        target: readIpv6(octets, at + 8),
      };
    case "neighbor-advertisement":
      return {
        type,
        destinationMac,
        sourceMac,
        destination,
        source,
        hopLimit,
        code,
        options,
        target: readIpv6(octets, at + 8),
        router: (flags & ROUTER) !== 0,
        solicited: (flags & SOLICITED) !== 0,
        override: (flags & OVERRIDE) !== 0,
      };
    default: {
      const header = { destinationMac, sourceMac, destination, source, hopLimit, code, options };
      if (type === "router-solicitation") return { type, ...header };
      return { type, ...header, ...decodeRouter(octets.subarray(at, start)) };
    }
  }
}

/** How many octets the message of a packet takes. */
export function messageLength(packet: NdpPacket): number {
  let lengthBytes = FIXED_BYTES[packet.type];
  for (const option of packet.options) lengthBytes += optionLength(option);
  return lengthBytes;
}

/**
 * Writes the message of a packet, of {@link messageLength}, at an offset into octets that are zero;
 * all but its checksum.
 *
 * @throws {RangeError} when a field does not fit its place; the message names it and its value.
 */
export function encodeMessage(packet: NdpPacket, octets: Uint8Array, at: number): void {
  put8(octets, at, "type", NdpNumber[packet.type]);
  put8(octets, at + 1, "code", packet.code);
  switch (packet.type) {
    case "neighbor-solicitation":
      putIpv6(octets, at + 8, "target", packet.target);
      break;
    case "neighbor-advertisement":
      put32(octets, at + 4, "flags", neighborFlags(packet));
      putIpv6(octets, at + 8, "target", packet.target);
      break;
    case "router-advertisement":
      put8(octets, at + 4, "currentHopLimit", packet.currentHopLimit);
      put8(octets, at + 5, "flags", routerFlags(packet));
      put16(octets, at + 6, "lifetimeSeconds", packet.lifetimeSeconds);
      put32(octets, at + 8, "reachableMs", packet.reachableMs);
      put32(octets, at + 12, "retransmitMs", packet.retransmitMs);
  }
  let next = at + FIXED_BYTES[packet.type];
  for (const option of packet.options) {
    encodeOption(option, octets, next);
    next += optionLength(option);
  }
}

function decodeRouter(fixed: Uint8Array): Omit<RouterAdvertisement, keyof NdpHeader | "type"> {
  const { flags, ...fields } = routerLayout.parse(fixed) as RouterLayout;
  return {
    currentHopLimit: fields.currentHopLimit,
    managed: (flags & MANAGED) !== 0,
    otherConfiguration: (flags & OTHER_CONFIGURATION) !== 0,
    // The reserved value is to be taken for medium.
    preference: PREFERENCES[(flags >>> 3) & 3] ?? "medium",
    lifetimeSeconds: fields.lifetimeSeconds,
    reachableMs: fields.reachableMs,
    retransmitMs: fields.retransmitMs,
  };
}

function neighborFlags(packet: NeighborAdvertisement): number {
  const { router, solicited, override } = packet;
  return (router ? ROUTER : 0) + (solicited ? SOLICITED : 0) + (override ? OVERRIDE : 0);
}

function routerFlags(packet: RouterAdvertisement): number {
  const preference = PREFERENCES.indexOf(packet.preference) << 3;
  const configuration = packet.otherConfiguration ? OTHER_CONFIGURATION : 0;
  return (packet.managed ? MANAGED : 0) + configuration + preference;
}

/** By their number, from 133 on. */
const TYPES: readonly NdpPacket["type"][] = [
  "router-solicitation",
  "router-advertisement",
  "neighbor-solicitation",
  "neighbor-advertisement",
];

/** How many octets a message has before its options. */
const FIXED_BYTES: Readonly<Record<NdpPacket["type"], number>> = {
  "router-solicitation": 8,
  "router-advertisement": 16,
  "neighbor-solicitation": 24,
  "neighbor-advertisement": 24,
};

const ROUTER = 0x8000_0000;
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;
const MANAGED = 0x80;
const OTHER_CONFIGURATION = 0x40;
/** By the two bits that stand for them. */
const PREFERENCES: readonly (RouterPreference | undefined)[] = ["medium", "high", undefined, "low"];

// RFC 4861 section 4.2:
//
// |     type      |     code      |           checksum            |
// |currentHopLimit|     flags     |        lifetimeSeconds        |
// |                          reachableMs                          |
// |                         retransmitMs                          |
const routerLayout = new Parser()
  .endianness("big")
  .uint8("type")
  .uint8("code")
  .uint16("checksum")
  .uint8("currentHopLimit")
  .uint8("flags")
  .uint16("lifetimeSeconds")
  .uint32("reachableMs")
  .uint32("retransmitMs");

interface RouterLayout {
  readonly currentHopLimit: number;
  readonly flags: number;
  readonly lifetimeSeconds: number;
  readonly reachableMs: number;
  readonly retransmitMs: number;
}

import { Parser } from "binary-parser";
import { type Ipv6Address, ipv6FromBytes } from "./address.ts";
import { NdpDecodeError } from "./decode-error.ts";
import { put8, put32, putIpv6, putMac, readIpv6, readMac, readNumber } from "./octets.ts";

/** The sender's, or the target's, hardware address. @see RFC 4861 section 4.6.1 */
export interface LinkLayerOption {
  readonly type: "source-link-layer" | "target-link-layer";
  readonly mac: number;
}

/** A prefix that is on the link, or to form addresses from. @see RFC 4861 section 4.6.2 */
export interface PrefixOption {
  readonly type: "prefix";
  /** The bits after `prefixLength` are the sender's business. */
  readonly prefix: Ipv6Address;
  /** 0 to 128. */
  readonly prefixLength: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  /** 0xffffffff is for ever. */
  readonly validSeconds: number;
  /** 0xffffffff is for ever. */
  readonly preferredSeconds: number;
}

/** The link's MTU. @see RFC 4861 section 4.6.4 */
export interface MtuOption {
  readonly type: "mtu";
  readonly mtu: number;
}

/** What tells a looped-back probe from another's. @see RFC 3971 section 5.3.2, RFC 7527 */
export interface NonceOption {
  readonly type: "nonce";
  /** 6, 14, 22 … octets. */
  readonly bytes: Uint8Array;
}

/** Recursive DNS servers. @see RFC 8106 section 5.1 */
export interface RdnssOption {
  readonly type: "rdnss";
  /** 0xffffffff is for ever. */
  readonly lifetimeSeconds: number;
  /** At least one. */
  readonly servers: readonly Ipv6Address[];
}

/** An option of another kind, or one of the above with a length that it does not have here. */
export interface OtherOption {
  readonly type: "other";
  /** The option's type on the wire. */
  readonly number: number;
  /** What follows its type and length: 6, 14, 22 … octets. */
  readonly bytes: Uint8Array;
}

/** An option of an NDP packet. */
export type NdpOption =
  | LinkLayerOption
  | PrefixOption
  | MtuOption
  | NonceOption
  | RdnssOption
  | OtherOption;

/** The types of the options that have a name here, as they are on the wire. */
export const NdpOptionNumber = {
  sourceLinkLayer: 1,
  targetLinkLayer: 2,
  prefix: 3,
  mtu: 5,
  nonce: 14,
  rdnss: 25,
} as const;

/**
 * Reads the options from an offset to an end, in their order.
 *
 * @param end no more than the length of `octets`.
 * @throws {NdpDecodeError} when one has length 0 or does not end in time.
 */
export function decodeOptions(
  octets: Uint8Array,
  start: number,
  end: number,
): readonly NdpOption[] {
  const options: NdpOption[] = [];
  let at = start;
  while (at < end) {
    if (at + 2 > end) throw new NdpDecodeError("option is short", end);
    const lengthBytes = (octets[at + 1] ?? 0) * UNIT;
    if (lengthBytes === 0) throw new NdpDecodeError("option length is 0", at + 1);
    if (at + lengthBytes > end) throw new NdpDecodeError("option is short", end);
    options.push(decodeOption(octets, at, lengthBytes));
    at += lengthBytes;
  }
  return options;
}

/** How many octets an option takes. */
export function optionLength(option: NdpOption): number {
  switch (option.type) {
    case "source-link-layer":
    case "target-link-layer":
    case "mtu":
      return UNIT;
    case "prefix":
      return PREFIX_BYTES;
    case "rdnss":
      return UNIT + option.servers.length * ADDRESS_BYTES;
    case "nonce":
    case "other":
      return 2 + option.bytes.length;
  }
}

/**
 * Writes one option, of {@link optionLength}, at an offset into octets that are zero.
 *
 * @throws {RangeError} when a field does not fit its place; the message names it and its value.
 */
export function encodeOption(option: NdpOption, octets: Uint8Array, at: number): void {
  const lengthBytes = optionLength(option);
  if (lengthBytes % UNIT !== 0) {
    throw new RangeError(`bytes must be 6, 14, 22 ... octets, got ${lengthBytes - 2}`);
  }
  put8(octets, at, "number", numberOf(option));
  put8(octets, at + 1, "option length", lengthBytes / UNIT);
  switch (option.type) {
    case "source-link-layer":
    case "target-link-layer":
      putMac(octets, at + 2, "mac", option.mac);
      break;
    case "mtu":
      put32(octets, at + 4, "mtu", option.mtu);
      break;
    case "prefix":
      putPrefix(octets, at, option);
      break;
    case "rdnss":
      putRdnss(octets, at, option);
      break;
    case "nonce":
    case "other":
      octets.set(option.bytes, at + 2);
  }
}

/** One whole option. A length that its type does not have makes it one of another kind. */
function decodeOption(octets: Uint8Array, at: number, length: number): NdpOption {
  const number = octets[at] ?? 0;
  switch (number) {
    case NdpOptionNumber.sourceLinkLayer:
      if (length !== UNIT) break;
      return { type: "source-link-layer", mac: readMac(octets, at + 2) };
    case NdpOptionNumber.targetLinkLayer:
      if (length !== UNIT) break;
      return { type: "target-link-layer", mac: readMac(octets, at + 2) };
    case NdpOptionNumber.prefix:
      if (length !== PREFIX_BYTES || readNumber(octets, at + 2, 1) > 128) break;
      return decodePrefix(octets.subarray(at, at + length));
    case NdpOptionNumber.mtu:
      if (length !== UNIT) break;
      return { type: "mtu", mtu: readNumber(octets, at + 4, 4) };
    case NdpOptionNumber.nonce:
      return { type: "nonce", bytes: octets.slice(at + 2, at + length) };
    case NdpOptionNumber.rdnss:
      if (length < UNIT + ADDRESS_BYTES || length % ADDRESS_BYTES !== UNIT) break;
      return decodeRdnss(octets, at, length);
  }
  return { type: "other", number, bytes: octets.slice(at + 2, at + length) };
}

function decodePrefix(octets: Uint8Array): PrefixOption {
  const fields = prefixLayout.parse(octets) as PrefixLayout;
  return {
    type: "prefix",
    prefix: ipv6FromBytes(fields.prefix),
    prefixLength: fields.prefixLength,
    onLink: (fields.flags & ON_LINK) !== 0,
    autonomous: (fields.flags & AUTONOMOUS) !== 0,
    validSeconds: fields.validSeconds,
    preferredSeconds: fields.preferredSeconds,
  };
}

function decodeRdnss(octets: Uint8Array, at: number, length: number): RdnssOption {
  const servers: Ipv6Address[] = [];
  for (let next = at + UNIT; next < at + length; next += ADDRESS_BYTES) {
    servers.push(readIpv6(octets, next));
  }
  return { type: "rdnss", lifetimeSeconds: readNumber(octets, at + 4, 4), servers };
}

function numberOf(option: NdpOption): number {
  switch (option.type) {
    case "source-link-layer":
      return NdpOptionNumber.sourceLinkLayer;
    case "target-link-layer":
      return NdpOptionNumber.targetLinkLayer;
    case "other":
      return option.number;
    default:
      return NdpOptionNumber[option.type];
  }
}

function putPrefix(octets: Uint8Array, at: number, option: PrefixOption): void {
  if (!(option.prefixLength <= 128)) {
    throw new RangeError(`prefixLength must be from 0 to 128, got ${option.prefixLength}`);
  }
  put8(octets, at + 2, "prefixLength", option.prefixLength);
  octets[at + 3] = (option.onLink ? ON_LINK : 0) | (option.autonomous ? AUTONOMOUS : 0);
  put32(octets, at + 4, "validSeconds", option.validSeconds);
  put32(octets, at + 8, "preferredSeconds", option.preferredSeconds);
  putIpv6(octets, at + 16, "prefix", option.prefix);
}

function putRdnss(octets: Uint8Array, at: number, option: RdnssOption): void {
  if (option.servers.length === 0) throw new RangeError("servers must name one, got none");
  put32(octets, at + 4, "lifetimeSeconds", option.lifetimeSeconds);
  for (const [i, server] of option.servers.entries()) {
    putIpv6(octets, at + UNIT + i * ADDRESS_BYTES, `servers[${i}]`, server);
  }
}

/** What the length of an option counts, in octets. */
const UNIT = 8;
const ADDRESS_BYTES = 16;
const PREFIX_BYTES = 32;
const ON_LINK = 0x80;
const AUTONOMOUS = 0x40;

// RFC 4861 section 4.6.2:
//
// |      type     |     length    | prefixLength  |     flags     |
// |                         validSeconds                          |
// |                       preferredSeconds                        |
// |                           reserved                            |
// |                            prefix                             |
const prefixLayout = new Parser()
  .endianness("big")
  .uint8("type")
  .uint8("length")
  .uint8("prefixLength")
  .uint8("flags")
  .uint32("validSeconds")
  .uint32("preferredSeconds")
  .uint32("reserved")
  .buffer("prefix", { length: ADDRESS_BYTES });

interface PrefixLayout {
  readonly prefixLength: number;
  readonly flags: number;
  readonly validSeconds: number;
  readonly preferredSeconds: number;
  readonly prefix: Uint8Array;
}

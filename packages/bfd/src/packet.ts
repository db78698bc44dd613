import { Parser } from "binary-parser";
import { BFD_STATES, type BfdState } from "./state.ts";

/** A BFD Control packet. Intervals are in microseconds, as on the wire. */
export interface BfdPacket {
  /** One of {@link BfdDiagnostic}, or a reserved one, 0 to 31. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  readonly controlPlaneIndependent: boolean;
  readonly demand: boolean;
  readonly multipoint: boolean;
  readonly detectMultiplier: number;
  readonly myDiscriminator: number;
  readonly yourDiscriminator: number;
  readonly desiredMinTxUs: number;
  readonly requiredMinRxUs: number;
  readonly requiredMinEchoRxUs: number;
  /** The whole authentication section, type and length included; aliases what was decoded. */
  readonly authentication?: Uint8Array;
}

/** Which of the rules for any octets were broken. */
export type MalformedReason = "short" | "version" | "length";

/** Octets that are not a control packet. `offset` is where reading stopped. */
export class BfdDecodeError extends Error {
  override readonly name = "BfdDecodeError";
  readonly reason: MalformedReason;
  readonly offset: number;

  constructor(reason: MalformedReason, message: string, offset: number) {
    super(`${message} at offset ${offset}`);
    this.reason = reason;
    this.offset = offset;
  }
}

/**
 * Reads one UDP payload. Octets after the length that the packet gives itself are ignored. Whether
 * the packet is to be acted on is for `discardReason` and for the session to judge.
 *
 * @throws {BfdDecodeError} when the payload is short, or its version or length is wrong.
 * @see RFC 5880 section 4.1, and the first three rules of section 6.8.6
 */
export function decodeBfd(bytes: Uint8Array): BfdPacket {
  if (bytes.length < MANDATORY_BYTES) {
    throw new BfdDecodeError("short", "packet is short", bytes.length);
  }
  const fields = layout.parse(bytes.subarray(0, MANDATORY_BYTES)) as Layout;
  const { versionAndDiagnostic, stateAndFlags: flags, lengthBytes } = fields;
  const version = versionAndDiagnostic >>> 5;
  if (version !== VERSION) {
    throw new BfdDecodeError("version", `version must be 1, got ${version}`, 0);
  }
  const hasAuthentication = (flags & Flag.authentication) !== 0;
  const least = hasAuthentication ? MANDATORY_BYTES + 2 : MANDATORY_BYTES;
  if (lengthBytes < least || lengthBytes > bytes.length) {
    const range = `from ${least} to the ${bytes.length} of the payload`;
    throw new BfdDecodeError("length", `length must be ${range}, got ${lengthBytes}`, 3);
  }
  const packet = {
    diagnostic: versionAndDiagnostic & 0x1f,
    state: BFD_STATES[flags >>> 6] as BfdState,
    poll: (flags & Flag.poll) !== 0,
    final: (flags & Flag.final) !== 0,
    controlPlaneIndependent: (flags & Flag.controlPlaneIndependent) !== 0,
    demand: (flags & Flag.demand) !== 0,
    multipoint: (flags & Flag.multipoint) !== 0,
    detectMultiplier: fields.detectMultiplier,
    myDiscriminator: fields.myDiscriminator,
    yourDiscriminator: fields.yourDiscriminator,
    desiredMinTxUs: fields.desiredMinTxUs,
    requiredMinRxUs: fields.requiredMinRxUs,
    requiredMinEchoRxUs: fields.requiredMinEchoRxUs,
  };
  if (!hasAuthentication) return packet;
  return { ...packet, authentication: bytes.subarray(MANDATORY_BYTES, lengthBytes) };
}

/**
 * The octets of a packet, in a fresh array.
 *
 * @throws {RangeError} when a field does not fit its place; the message names it and its value.
 */
export function encodeBfd(packet: BfdPacket): Uint8Array {
  const { authentication } = packet;
  const lengthBytes = MANDATORY_BYTES + (authentication?.length ?? 0);
  checkFits("diagnostic", packet.diagnostic, 0x1f);
  checkFits("detectMultiplier", packet.detectMultiplier, 0xff);
  checkFits("lengthBytes", lengthBytes, 0xff);
  const bytes = new Uint8Array(lengthBytes);
  bytes[0] = (VERSION << 5) | packet.diagnostic;
  bytes[1] = stateAndFlags(packet);
  bytes[2] = packet.detectMultiplier;
  bytes[3] = lengthBytes;
  put32(bytes, 4, "myDiscriminator", packet.myDiscriminator);
  put32(bytes, 8, "yourDiscriminator", packet.yourDiscriminator);
  put32(bytes, 12, "desiredMinTxUs", packet.desiredMinTxUs);
  put32(bytes, 16, "requiredMinRxUs", packet.requiredMinRxUs);
  put32(bytes, 20, "requiredMinEchoRxUs", packet.requiredMinEchoRxUs);
  if (authentication !== undefined) bytes.set(authentication, MANDATORY_BYTES);
  return bytes;
}

/** The length of a packet without authentication. */
export const MANDATORY_BYTES = 24;

const VERSION = 1;

/** The bits beside the state. */
const Flag = {
  poll: 0x20,
  final: 0x10,
  controlPlaneIndependent: 0x08,
  authentication: 0x04,
  demand: 0x02,
  multipoint: 0x01,
} as const;

function stateAndFlags(packet: BfdPacket): number {
  return (
    (BFD_STATES.indexOf(packet.state) << 6) |
    (packet.poll ? Flag.poll : 0) |
    (packet.final ? Flag.final : 0) |
    (packet.controlPlaneIndependent ? Flag.controlPlaneIndependent : 0) |
    (packet.authentication === undefined ? 0 : Flag.authentication) |
    (packet.demand ? Flag.demand : 0) |
    (packet.multipoint ? Flag.multipoint : 0)
  );
}

/**
 * What the layout below reads into. binary-parser sets two fields of its own on it and deletes them
 * again, which makes a plain object slow for good; here they are swallowed.
 */
class Layout {
  versionAndDiagnostic = 0;
  stateAndFlags = 0;
  detectMultiplier = 0;
  lengthBytes = 0;
  myDiscriminator = 0;
  yourDiscriminator = 0;
  desiredMinTxUs = 0;
  requiredMinRxUs = 0;
  requiredMinEchoRxUs = 0;

  set $parent(_: unknown) {}
  set $root(_: unknown) {}
}

// RFC 5880 section 4.1, the mandatory section:
//
// |Vers |  Diag   |Sta|P|F|C|A|D|M|  Detect Mult  |    Length     |
// |                       My Discriminator                        |
// |                      Your Discriminator                       |
// |                    Desired Min TX Interval                    |
// |                   Required Min RX Interval                    |
// |                 Required Min Echo RX Interval                 |
const layout = new Parser()
  .endianness("big")
  .uint8("versionAndDiagnostic")
  .uint8("stateAndFlags")
  .uint8("detectMultiplier")
  .uint8("lengthBytes")
  .uint32("myDiscriminator")
  .uint32("yourDiscriminator")
  .uint32("desiredMinTxUs")
  .uint32("requiredMinRxUs")
  .uint32("requiredMinEchoRxUs")
  .create(Layout);

// By index, not by DataView: asking a small array for its buffer costs ten times the writing.
function put32(bytes: Uint8Array, offset: number, field: string, value: number): void {
  checkFits(field, value, 0xffff_ffff);
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

function checkFits(field: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`${field} must be a whole number from 0 to ${most}, got ${value}`);
}

import { AttributeFlag, AttributeType, MessageType } from "../constants.ts";
import type { Family } from "../message.ts";

/** An UPDATE that lacks nothing but its prefixes, and the lengths that depend on them. */
export interface MessageForm {
  /** What stands before the prefixes. */
  readonly before: Uint8Array;
  /** What stands behind them. */
  readonly after: Uint8Array;
  /** Fields of two octets that tell how long the prefixes are, and something more. */
  readonly lengths: readonly LengthField[];
}

/** Holds the octets of the prefixes plus `more`. */
export interface LengthField {
  readonly at: number;
  readonly more: number;
}

/** Announces prefixes in the field at the end, which is for IPv4 alone. @see RFC 4271 section 4.3 */
export function classicReach(attributes: Uint8Array): MessageForm {
  const before = concat(HEADER, zeros(2), sixteen(attributes.length), attributes);
  return form(before, zeros(0), []);
}

/**
 * Announces prefixes in MP_REACH_NLRI, which goes first.
 *
 * @param head the attribute's value before the prefixes.
 * @see RFC 4760 section 3, RFC 7606 section 5.1
 */
export function multiprotocolReach(head: Uint8Array, attributes: Uint8Array): MessageForm {
  return multiprotocol(AttributeType.mpReachNlri, head, attributes);
}

/** Withdraws IPv4 prefixes in the field for them. @see RFC 4271 section 4.3 */
export function classicUnreach(): MessageForm {
  return form(concat(HEADER, zeros(2)), zeros(2), [{ at: HEADER.length, more: 0 }]);
}

/** Withdraws prefixes in MP_UNREACH_NLRI. @see RFC 4760 section 4 */
export function multiprotocolUnreach({ afi, safi }: Family): MessageForm {
  const head = Uint8Array.of(afi >>> 8, afi, safi);
  return multiprotocol(AttributeType.mpUnreachNlri, head, zeros(0));
}

/** Writes what surrounds prefixes that begin at `offset` and are so long; returns the message's end. */
export function surround(
  message: MessageForm,
  octets: Uint8Array,
  offset: number,
  length: number,
): number {
  const start = offset - message.before.length;
  octets.set(message.before, start);
  octets.set(message.after, offset + length);
  for (const { at, more } of message.lengths) {
    octets[start + at] = (length + more) >>> 8;
    octets[start + at + 1] = length + more;
  }
  return offset + length + message.after.length;
}

const HEADER = Uint8Array.of(...new Array<number>(16).fill(0xff), 0, 0, MessageType.update);
/** Where the header says how long the message is. */
const MESSAGE_LENGTH_AT = 16;

function multiprotocol(type: number, head: Uint8Array, attributes: Uint8Array): MessageForm {
  const flags = AttributeFlag.optional | AttributeFlag.extendedLength;
  const before = concat(HEADER, zeros(4), Uint8Array.of(flags, type, 0, 0), head);
  const attributesAt = HEADER.length + 2;
  const inAttributes = before.length - attributesAt - 2 + attributes.length;
  return form(before, attributes, [
    { at: attributesAt, more: inAttributes },
    { at: attributesAt + 4, more: head.length },
  ]);
}

function form(before: Uint8Array, after: Uint8Array, lengths: LengthField[]): MessageForm {
  const more = before.length + after.length;
  return { before, after, lengths: [{ at: MESSAGE_LENGTH_AT, more }, ...lengths] };
}

function sixteen(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function zeros(count: number): Uint8Array {
  return new Uint8Array(count);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

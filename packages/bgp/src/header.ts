import { HEADER_LENGTH, MAX_EXTENDED_MESSAGE_LENGTH, type MessageType } from "./constants.ts";

/**
 * A whole message: marker, length and type before the body.
 *
 * @throws {RangeError} when it would be longer than the length field can say.
 * @see RFC 4271 section 4.1
 */
export function encodeMessage(type: MessageType, body: Uint8Array): Uint8Array {
  const length = HEADER_LENGTH + body.length;
  if (length > MAX_EXTENDED_MESSAGE_LENGTH) {
    throw new RangeError(`message must have at most 65535 octets, got ${length}`);
  }
  const message = new Uint8Array(length);
  message.fill(0xff, 0, MARKER_LENGTH);
  message[16] = length >>> 8;
  message[17] = length;
  message[18] = type;
  message.set(body, HEADER_LENGTH);
  return message;
}

/** Octets of the marker, all ones. */
export const MARKER_LENGTH = 16;

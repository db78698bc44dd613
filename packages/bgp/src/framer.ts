import {
  ErrorCode,
  HEADER_LENGTH,
  HeaderError,
  MAX_MESSAGE_LENGTH,
  MessageType,
} from "./constants.ts";
import { type Fault, faultOf } from "./fault.ts";
import { MARKER_LENGTH } from "./header.ts";
import { KEEPALIVE } from "./keepalive.ts";
import { NO_OCTETS, read16 } from "./octets.ts";

/** One message of the stream. Both arrays are lent until the next `push`. */
export interface Frame {
  readonly type: MessageType;
  /** Without the 19 octets of the header. */
  readonly body: Uint8Array;
  /** With them. */
  readonly message: Uint8Array;
}

/** The header is wrong: the stream is lost, and this is the NOTIFICATION to say so with. */
export type HeaderFault = Fault;

/**
 * Cuts a stream into messages: however the octets arrive, the same messages leave.
 *
 * After a fault it is done: it returns nothing more, and takes nothing more in.
 *
 * @see RFC 4271 section 6.1
 */
export class Framer {
  /** 4,096, or 65,535 once both ends have the Extended Message capability; OPEN and KEEPALIVE stay at 4,096. */
  maxLength: number = MAX_MESSAGE_LENGTH;

  #octets: Uint8Array = NO_OCTETS;
  #start = 0;
  #end = 0;
  #lost = false;

  /** Takes octets in, as they came; they are copied. */
  push(bytes: Uint8Array): void {
    if (this.#lost) return;
    if (this.#end + bytes.length > this.#octets.length) this.#makeRoom(bytes.length);
    this.#octets.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next message; undefined when it is not whole yet. */
  next(): Frame | HeaderFault | undefined {
    if (this.#end - this.#start < HEADER_LENGTH) return undefined;
    const octets = this.#octets;
    const start = this.#start;
    const length = read16(octets, start + MARKER_LENGTH);
    const type = octets[start + MARKER_LENGTH + 2] ?? 0;
    const fault = checkHeader(octets, start, length, type, this.maxLength);
    if (fault !== undefined) {
      this.#lost = true;
      this.#start = this.#end = 0;
      return fault;
    }
    if (this.#end - start < length) return undefined;
    this.#start += length;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (type === MessageType.keepalive) return KEEPALIVE_FRAME;
    const body = octets.subarray(start + HEADER_LENGTH, start + length);
    return new LentFrame(type as MessageType, body);
  }

  /**
   * Moves what is unread to the front, or to an array twice as large. It is moved only when more was
   * read than is left, so that each octet is copied a bounded number of times.
   */
  #makeRoom(lengthBytes: number): void {
    const needed = this.#end - this.#start + lengthBytes;
    if (2 * needed <= this.#octets.length) {
      this.#octets.copyWithin(0, this.#start, this.#end);
    } else {
      const larger = new Uint8Array(2 * Math.max(needed, this.#octets.length));
      larger.set(this.#octets.subarray(this.#start, this.#end));
      this.#octets = larger;
    }
    this.#end -= this.#start;
    this.#start = 0;
  }
}

/** Hardly anybody asks for the header, and a view of octets takes its time to make. */
class LentFrame implements Frame {
  readonly type: MessageType;
  readonly body: Uint8Array;

  constructor(type: MessageType, body: Uint8Array) {
    this.type = type;
    this.body = body;
  }

  get message(): Uint8Array {
    const { buffer, byteOffset, length } = this.body;
    return new Uint8Array(buffer, byteOffset - HEADER_LENGTH, HEADER_LENGTH + length);
  }
}

const KEEPALIVE_FRAME: Frame = { type: MessageType.keepalive, body: NO_OCTETS, message: KEEPALIVE };

/** In the order of RFC 4271 section 6.1, except that a length no type allows is found before the type. */
function checkHeader(
  octets: Uint8Array,
  start: number,
  length: number,
  type: number,
  maxLength: number,
): Fault | undefined {
  for (let i = start; i < start + MARKER_LENGTH; i++) {
    if (octets[i] !== 0xff) return faultOf(ErrorCode.header, HeaderError.marker);
  }
  if (length < HEADER_LENGTH || length > maxLength) return badLength(length);
  switch (type) {
    case MessageType.update:
      return length < 23 ? badLength(length) : undefined;
    case MessageType.keepalive:
      return length === HEADER_LENGTH ? undefined : badLength(length);
    case MessageType.open:
      return length < 29 || length > MAX_MESSAGE_LENGTH ? badLength(length) : undefined;
    case MessageType.notification:
      return length < 21 ? badLength(length) : undefined;
    // Too short a body is no header error when it begins or ends a replay: RFC 7313 section 5.
    case MessageType.routeRefresh:
      return length < 22 ? badLength(length) : undefined;
    default:
      return faultOf(ErrorCode.header, HeaderError.type, Uint8Array.of(type));
  }
}

function badLength(length: number): Fault {
  return faultOf(ErrorCode.header, HeaderError.length, Uint8Array.of(length >>> 8, length));
}

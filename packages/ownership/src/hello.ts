import { Parser } from "binary-parser";
import { HelloDecodeError } from "./decode-error.ts";
import { decodeItems, encodeItem, type HelloItem } from "./hello-items.ts";
import { bytesOf } from "./octets.ts";

/** What speakers tell each other: that one is there, and what it answers for. */
export interface Hello {
  readonly keyId: number;
  /** Tells one run of a speaker from another: Unix milliseconds at its start, below 2^48. */
  readonly boot: number;
  /** Counts the datagrams of a run, on all interfaces together; below 2^48. */
  readonly sequence: number;
  /** How far apart the sender's hellos are at the moment; 1 to 65,535. */
  readonly intervalMs: number;
  /** How often the sender's claims have changed; whoever has seen another number lacks some. */
  readonly version: number;
  /** The sender has just come, or come back, and claims nothing that had a holder before. */
  readonly isListening: boolean;
  /** The sender. */
  readonly node: string;
  readonly items: readonly HelloItem[];
}

/** The start of a hello: all that is needed to turn most strangers away. */
export interface HelloHead {
  readonly keyId: number;
  readonly boot: number;
  readonly sequence: number;
  readonly intervalMs: number;
  readonly version: number;
  readonly isListening: boolean;
  readonly node: string;
  /** Where the items begin. */
  readonly end: number;
}

/**
 * The id of the key that octets claim to be sealed with, when they look like a hello; else undefined.
 * Costs next to nothing: it is what strangers are turned away by.
 */
export function peekKeyId(bytes: Uint8Array): number | undefined {
  if (bytes.length <= HEADER_BYTES || bytes[0] !== MAGIC >> 8 || bytes[1] !== (MAGIC & 0xff))
    return;
  const nameLength = bytes[3] ?? 0;
  if (bytes[2] !== FORMAT || nameLength === 0 || HEADER_BYTES + nameLength > bytes.length) return;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
}

/**
 * Reads header and name.
 *
 * @param bytes without the authenticator at their end.
 * @throws {HelloDecodeError} when they are short, or not of this protocol and version.
 */
export function decodeHead(bytes: Uint8Array): HelloHead {
  if (bytes.length <= HEADER_BYTES) throw new HelloDecodeError("hello is short", bytes.length);
  const fields = header.parse(bytes.subarray(0, HEADER_BYTES)) as Header;
  if (fields.magic !== MAGIC) throw new HelloDecodeError("magic is not 0x4948", 0);
  if (fields.format !== FORMAT) throw new HelloDecodeError("format is not 1", 2);
  const end = HEADER_BYTES + fields.nameLength;
  if (fields.nameLength === 0 || end > bytes.length) {
    throw new HelloDecodeError("name is missing or cut off", HEADER_BYTES);
  }
  return {
    keyId: fields.keyId,
    boot: fields.bootHigh * TWO_32 + fields.bootLow,
    sequence: fields.sequenceHigh * TWO_32 + fields.sequenceLow,
    intervalMs: fields.intervalMs,
    version: fields.version,
    isListening: (fields.flags & LISTENING) !== 0,
    node: String.fromCharCode(...bytes.subarray(HEADER_BYTES, end)),
    end,
  };
}

/**
 * Reads one hello. Items of unknown types are skipped, so that later versions may add some.
 *
 * @param bytes without the authenticator at their end.
 * @throws {HelloDecodeError} when they are no hello.
 */
export function decodeHello(bytes: Uint8Array): Hello {
  const { end, ...head } = decodeHead(bytes);
  if (head.intervalMs === 0) throw new HelloDecodeError("interval is 0", 20);
  return { ...head, items: decodeItems(bytes, end) };
}

/** The octets of a hello, without an authenticator. */
export function encodeHello(hello: Hello): Uint8Array {
  const name = bytesOf(hello.node);
  const items = hello.items.map(encodeItem);
  const length = items.reduce((sum, item) => sum + item.length, HEADER_BYTES + name.length);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, MAGIC);
  view.setUint8(2, FORMAT);
  view.setUint8(3, name.length);
  view.setUint32(4, hello.keyId);
  view.setUint16(8, Math.floor(hello.boot / TWO_32));
  view.setUint32(10, hello.boot >>> 0);
  view.setUint16(14, Math.floor(hello.sequence / TWO_32));
  view.setUint32(16, hello.sequence >>> 0);
  view.setUint16(20, hello.intervalMs);
  view.setUint32(22, hello.version);
  view.setUint8(26, hello.isListening ? LISTENING : 0);
  bytes.set(name, HEADER_BYTES);
  let at = HEADER_BYTES + name.length;
  for (const item of items) {
    bytes.set(item, at);
    at += item.length;
  }
  return bytes;
}

const HEADER_BYTES = 27;
const MAGIC = 0x4948;
const FORMAT = 1;
const LISTENING = 0x01;
const TWO_32 = 0x1_0000_0000;

//  0                   1                   2                   3
// |             magic             |    format     |  name length  |
// |                            key id                             |
// |           boot, high          |           boot, low           >
// >                               |        sequence, high         |
// |                         sequence, low                         |
// |           interval            |            version            >
// >                               |     flags     | name, items ...
const header = new Parser()
  .endianness("big")
  .uint16("magic")
  .uint8("format")
  .uint8("nameLength")
  .uint32("keyId")
  .uint16("bootHigh")
  .uint32("bootLow")
  .uint16("sequenceHigh")
  .uint32("sequenceLow")
  .uint16("intervalMs")
  .uint32("version")
  .uint8("flags");

interface Header {
  readonly magic: number;
  readonly format: number;
  readonly nameLength: number;
  readonly keyId: number;
  readonly bootHigh: number;
  readonly bootLow: number;
  readonly sequenceHigh: number;
  readonly sequenceLow: number;
  readonly intervalMs: number;
  readonly version: number;
  readonly flags: number;
}

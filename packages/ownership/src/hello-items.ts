import { decodeEntries, type Entry, encodeEntries } from "./claim-entries.ts";
import { HelloDecodeError } from "./decode-error.ts";
import { OctetReader, OctetWriter } from "./octets.ts";

/** What a hello carries besides the fact that its sender lives. */
export type HelloItem =
  /** The hardware address of the interface it left by, a 48-bit number. */
  | { readonly type: "mac"; readonly mac: number }
  /** Asks `node` to say something now. */
  | { readonly type: "query"; readonly node: string; readonly nonce: number }
  /** The answer to the query of `node`; its nonce proves that this is no recording. */
  | { readonly type: "answer"; readonly node: string; readonly nonce: number }
  /** Asks `node` for all of its claims. */
  | { readonly type: "request"; readonly node: string }
  /** What changed when the sender's version became this one. */
  | { readonly type: "changes"; readonly version: number; readonly entries: readonly Entry[] }
  /** A part of all claims that the sender had at a version. */
  | {
      readonly type: "set";
      readonly version: number;
      /** From 0. */
      readonly part: number;
      readonly parts: number;
      readonly entries: readonly Entry[];
    }
  /** Asks `node` what another, whom the sender cannot hear, claims of some addresses. */
  | {
      readonly type: "ask";
      readonly node: string;
      readonly claimant: string;
      readonly addresses: readonly string[];
    }
  /** Tells `node` of claims by another: those that outrank its own, or those that it asked for. */
  | {
      readonly type: "notice";
      readonly node: string;
      readonly claimant: string;
      readonly entries: readonly Entry[];
    };

/**
 * Reads items up to the end of the octets.
 *
 * @throws {HelloDecodeError} when one is malformed.
 */
export function decodeItems(bytes: Uint8Array, start: number): readonly HelloItem[] {
  const items: HelloItem[] = [];
  let at = start;
  while (at < bytes.length) {
    const head = new OctetReader(bytes, at, bytes.length);
    const type = head.uint8();
    const length = head.uint16();
    const end = head.offset + length;
    if (end > bytes.length) throw new HelloDecodeError("item is cut off", at);
    const reader = new OctetReader(bytes, head.offset, end);
    const item = decodeItem(type, reader);
    if (item !== undefined) {
      if (!reader.isAtEnd) throw new HelloDecodeError("item is too long", reader.offset);
      items.push(item);
    }
    at = end;
  }
  return items;
}

/** The octets of one item. */
export function encodeItem(item: HelloItem): Uint8Array {
  const value = new OctetWriter();
  switch (item.type) {
    case "mac":
      value.uint16(Math.floor(item.mac / TWO_32)).uint32(item.mac);
      break;
    case "query":
    case "answer":
      value.uint32(item.nonce).name(item.node);
      break;
    case "request":
      value.name(item.node);
      break;
    case "changes":
      encodeEntries(value.uint32(item.version), item.entries);
      break;
    case "set":
      encodeEntries(value.uint32(item.version).uint16(item.part).uint16(item.parts), item.entries);
      break;
    case "ask": {
      const entries = item.addresses.map((address) => ({ address, claim: undefined }));
      encodeEntries(value.name(item.node).name(item.claimant), entries);
      break;
    }
    case "notice":
      encodeEntries(value.name(item.node).name(item.claimant), item.entries);
      break;
  }
  const content = value.toBytes();
  return new OctetWriter().uint8(TYPES[item.type]).uint16(content.length).octets(content).toBytes();
}

function decodeItem(type: number, reader: OctetReader): HelloItem | undefined {
  switch (type) {
    case TYPES.mac:
      return { type: "mac", mac: reader.uint16() * TWO_32 + reader.uint32() };
    case TYPES.query:
      return { type: "query", nonce: reader.uint32(), node: reader.name() };
    case TYPES.answer:
      return { type: "answer", nonce: reader.uint32(), node: reader.name() };
    case TYPES.request:
      return { type: "request", node: reader.name() };
    case TYPES.changes:
      return { type: "changes", version: reader.uint32(), entries: decodeEntries(reader) };
    case TYPES.set: {
      const [version, part, parts] = [reader.uint32(), reader.uint16(), reader.uint16()];
      if (part >= parts) throw new HelloDecodeError("part is not below parts", reader.offset);
      return { type: "set", version, part, parts, entries: decodeEntries(reader) };
    }
    case TYPES.notice: {
      const [node, claimant] = [reader.name(), reader.name()];
      return { type: "notice", node, claimant, entries: decodeEntries(reader) };
    }
    case TYPES.ask: {
      const [node, claimant] = [reader.name(), reader.name()];
      const addresses = decodeEntries(reader).map(({ address }) => address);
      return { type: "ask", node, claimant, addresses };
    }
    default:
      return undefined;
  }
}

const TWO_32 = 0x1_0000_0000;

const TYPES = {
  mac: 0x01,
  query: 0x02,
  answer: 0x03,
  request: 0x04,
  changes: 0x05,
  set: 0x06,
  notice: 0x07,
  ask: 0x08,
} as const satisfies Record<HelloItem["type"], number>;

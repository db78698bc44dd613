import { addressFromBytes, addressToBytes } from "./address.ts";
import { HelloDecodeError } from "./decode-error.ts";
import type { OctetReader, OctetWriter } from "./octets.ts";
import type { Claim } from "./precedence.ts";
import { isNodeName, MOST_NODES } from "./table.ts";

/** One address, and what the sender claims of it: undefined is nothing any more. */
export interface Entry {
  /** Canonical text. */
  readonly address: string;
  readonly claim: Claim | undefined;
}

// The names that tables list come first, each once; tables then give places in that list.
//
// | names | length, name | ...                            |
// | flags | address, 4 or 16 octets                       |
// | epoch | term | table epoch | count | places           |   unless gone
//
// flags: 0x01 gone, 0x02 IPv6, 0x04 released, 0x08 conflicted, 0x10 for silence, 0x20 alone

/** Writes entries, of which {@link splitEntries} says how many fit. */
export function encodeEntries(writer: OctetWriter, entries: readonly Entry[]): void {
  const names = [...new Set(entries.flatMap((entry) => entry.claim?.table.nodes ?? []))];
  const places = new Map(names.map((name, place) => [name, place]));
  writer.uint8(names.length);
  for (const name of names) writer.name(name);
  for (const { address, claim } of entries) {
    const octets = addressToBytes(address);
    writer.uint8(flagsOf(claim) | (octets.length === 16 ? IPV6 : 0)).octets(octets);
    if (claim === undefined) continue;
    writer.uint32(claim.epoch).uint32(claim.term).uint32(claim.table.epoch);
    writer.uint8(claim.table.nodes.length);
    for (const node of claim.table.nodes) writer.uint8(places.get(node) ?? 0);
  }
}

/**
 * Reads entries up to the reader's end.
 *
 * @throws {HelloDecodeError} when one is malformed.
 */
export function decodeEntries(reader: OctetReader): readonly Entry[] {
  const names = Array.from({ length: reader.uint8() }, () => {
    const name = reader.name();
    if (!isNodeName(name)) throw new HelloDecodeError("name is no node's", reader.offset);
    return name;
  });
  const entries: Entry[] = [];
  while (!reader.isAtEnd) {
    const flags = reader.uint8();
    const address = addressFromBytes(reader.take((flags & IPV6) === 0 ? 4 : 16));
    const isGone = (flags & GONE) !== 0;
    entries.push({ address, claim: isGone ? undefined : decodeClaim(flags, names, reader) });
  }
  return entries;
}

/** The entries in as few lists as fit into `roomBytes` each, in their order; an empty one for none. */
export function splitEntries(entries: readonly Entry[], roomBytes: number): readonly Entry[][] {
  let last: Entry[] = [];
  let names = new Set<string>();
  let taken = 1;
  const lists = [last];
  for (const entry of entries) {
    const nodes = entry.claim?.table.nodes ?? [];
    const added = nodes.filter((node) => !names.has(node));
    const size = sizeOf(entry) + added.reduce((sum, node) => sum + 1 + node.length, 0);
    if (last.length > 0 && (taken + size > roomBytes || names.size + added.length > MOST_NAMES)) {
      last = [];
      lists.push(last);
      names = new Set();
      taken = 1;
      for (const node of nodes) taken += 1 + node.length;
      taken += sizeOf(entry);
    } else taken += size;
    for (const node of nodes) names.add(node);
    last.push(entry);
  }
  return lists;
}

function sizeOf({ address, claim }: Entry): number {
  const octets = 1 + (address.includes(":") ? 16 : 4);
  return claim === undefined ? octets : octets + 13 + claim.table.nodes.length;
}

function decodeClaim(flags: number, names: readonly string[], reader: OctetReader): Claim {
  const [epoch, term, tableEpoch] = [reader.uint32(), reader.uint32(), reader.uint32()];
  const count = reader.uint8();
  if (count > MOST_NODES) throw new HelloDecodeError("table is too long", reader.offset);
  const nodes = Array.from({ length: count }, () => {
    const name = names[reader.uint8()];
    if (name === undefined) throw new HelloDecodeError("place is beyond the names", reader.offset);
    return name;
  });
  const isReleased = (flags & RELEASED) !== 0;
  const isConflicted = (flags & CONFLICTED) !== 0;
  return {
    epoch,
    term,
    table: { epoch: tableEpoch, nodes },
    state: isReleased ? "released" : isConflicted ? "conflicted" : "held",
    isForSilence: (flags & FOR_SILENCE) !== 0,
    isAlone: (flags & ALONE) !== 0,
  };
}

function flagsOf(claim: Claim | undefined): number {
  if (claim === undefined) return GONE;
  const state = { held: 0, released: RELEASED, conflicted: CONFLICTED }[claim.state];
  return state | (claim.isForSilence ? FOR_SILENCE : 0) | (claim.isAlone ? ALONE : 0);
}

const GONE = 0x01;
const IPV6 = 0x02;
const RELEASED = 0x04;
const CONFLICTED = 0x08;
const FOR_SILENCE = 0x10;
const ALONE = 0x20;
const MOST_NAMES = 255;

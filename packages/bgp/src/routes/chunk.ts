import type { ExportFilter } from "./session-class.ts";
import type { SlotSet } from "./slot-set.ts";
import type { UpdateGroup } from "./update-group.ts";

/** Why routes were not sent, and how often. */
export interface LeftOut {
  /** No next hop that the session could carry. */
  readonly nextHop: number;
  /** Attributes that fill a message alone. */
  readonly size: number;
  /** For customers of ours alone, and the peer is none. @see RFC 9234 section 5 */
  readonly role: number;
  /** The export filter said no. */
  readonly filter: number;
}

/** What decides the octets of a chunk, apart from the routes. */
export interface ChunkKey {
  readonly group: UpdateGroup;
  readonly filter: ExportFilter | undefined;
  /** The first route in it. */
  readonly start: number;
  readonly maxOctets: number;
}

/** Messages for a part of the list, which any peer can be sent that has come to its start. */
export interface Chunk extends ChunkKey {
  /** Whole messages; empty when no route led to any. */
  readonly octets: Uint8Array;
  readonly messages: number;
  /** The last route in it. */
  readonly last: number;
  /** All its slots are from `least` to `greatest`. */
  readonly least: number;
  readonly greatest: number;
  readonly announced: Int32Array;
  /** Routes that it withdraws: whoever is sent it must have been told of them. */
  readonly withdrawn: Int32Array;
  /** Routes that it does not: whoever is sent it must not. */
  readonly spared: readonly number[];
  readonly leftOut: LeftOut;
}

/** Chunks that other peers will be sent soon. */
export class ChunkCache {
  #entries: { readonly chunk: Chunk; left: number }[] = [];

  /** A chunk that can be sent to a peer which has been told of `told`, and counts as sent to it. */
  take(key: ChunkKey, told: SlotSet): Chunk | undefined {
    const entry = this.#entries.find(({ chunk }) => isFor(chunk, key) && suits(chunk, told));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    if (entry.left === 0) this.#entries = this.#entries.filter((each) => each !== entry);
    return entry.chunk;
  }

  /** Keeps a chunk until so many peers have taken it, or there are too many newer ones. */
  add(chunk: Chunk, left: number): void {
    if (this.#entries.length === MOST) this.#entries.shift();
    this.#entries.push({ chunk, left });
  }

  /** Drops the chunks with a route that leaves its place in the list. */
  forget(slot: number): void {
    const covers = ({ chunk }: { readonly chunk: Chunk }) =>
      slot >= chunk.least && slot <= chunk.greatest;
    if (this.#entries.some(covers)) this.#entries = this.#entries.filter((each) => !covers(each));
  }

  /** Drops the chunks of a group, whose peers have come to other places or gone. */
  forgetGroup(group: UpdateGroup): void {
    this.#entries = this.#entries.filter(({ chunk }) => chunk.group !== group);
  }
}

/** Of 64 KB each, and nearly as much again for their slots. */
const MOST = 16;

function isFor(chunk: Chunk, key: ChunkKey): boolean {
  return (
    chunk.start === key.start &&
    chunk.group === key.group &&
    chunk.filter === key.filter &&
    chunk.maxOctets === key.maxOctets
  );
}

function suits({ withdrawn, spared }: Chunk, told: SlotSet): boolean {
  return withdrawn.every((slot) => told.has(slot)) && !spared.some((slot) => told.has(slot));
}

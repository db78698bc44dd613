import type { PrefixKey } from "./prefix-key.ts";

/** Where the prefixes are that an index refers to by their slots. */
export interface PrefixSource {
  /** Of the prefix in a slot; the same as that of an equal key. */
  hashOf(slot: number): number;
  holds(slot: number, key: PrefixKey): boolean;
}

/** Slots are below this. */
export const MOST_SLOTS = 0x100_0000;

// An entry is a slot, and in its upper eight bits a piece of the hash: most prefixes that are not the
// one that is sought are recognised by it, and their records, which are far away, are not looked at.

/**
 * Finds the slot of a prefix: hash tables with linear probing, of slots alone. One table for each of
 * 64 values of the hash's upper bits, so that growing one is never a long stall.
 */
export class PrefixIndex {
  readonly #source: PrefixSource;
  readonly #tables: Uint32Array[] = Array.from({ length: TABLES }, () => EMPTY);
  /** Of each table, the entries that are not free: those of removed prefixes too. */
  readonly #used = new Uint32Array(TABLES);
  readonly #removed = new Uint32Array(TABLES);

  constructor(source: PrefixSource) {
    this.#source = source;
  }

  /** 0 when there is none. */
  find(key: PrefixKey, hash: number): number {
    const table = this.#tables[hash >>> TABLE_SHIFT] as Uint32Array;
    const mask = table.length - 1;
    const tag = tagOf(hash);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const entry = table[at] as number;
      if (entry === FREE) return 0;
      if ((entry & TAG_BITS) !== tag) continue;
      const slot = entry & SLOT_BITS;
      if (slot !== REMOVED && this.#source.holds(slot, key)) return slot;
    }
  }

  /** The prefix in the slot must not be in the index yet. */
  insert(slot: number, hash: number): void {
    const which = hash >>> TABLE_SHIFT;
    let table = this.#tables[which] as Uint32Array;
    if (((this.#used[which] as number) + 1) * 4 > table.length * 3) table = this.#renew(which);
    if (place(table, slot, hash)) this.#used[which] = (this.#used[which] as number) + 1;
    else this.#removed[which] = (this.#removed[which] as number) - 1;
  }

  remove(slot: number, hash: number): void {
    const which = hash >>> TABLE_SHIFT;
    const table = this.#tables[which] as Uint32Array;
    const mask = table.length - 1;
    const entry = entryOf(slot, hash);
    let at = hash & mask;
    while (table[at] !== entry) at = (at + 1) & mask;
    // Not free: searches for what was put behind it must not end here.
    table[at] = REMOVED;
    this.#removed[which] = (this.#removed[which] as number) + 1;
  }

  /** Makes a table with three quarters of its entries free, or more, and none of removed prefixes. */
  #renew(which: number): Uint32Array {
    const table = this.#tables[which] as Uint32Array;
    const count = (this.#used[which] as number) - (this.#removed[which] as number);
    let length = LEAST;
    while (length < (count + 1) * 4) length *= 2;
    const renewed = new Uint32Array(length);
    for (const entry of table) {
      const slot = entry & SLOT_BITS;
      if (slot !== REMOVED && entry !== FREE) place(renewed, slot, this.#source.hashOf(slot));
    }
    this.#tables[which] = renewed;
    this.#used[which] = count;
    this.#removed[which] = 0;
    return renewed;
  }
}

const TABLES = 64;
const TABLE_SHIFT = 26;
const LEAST = 16;
const SLOT_BITS = MOST_SLOTS - 1;
const TAG_BITS = ~SLOT_BITS;
/** An entry that was never anything else. Slot 0 is never a route, so nothing else looks like it. */
const FREE = 0;
/** An entry of a prefix that was removed: the highest slot, which is never given to a route. */
const REMOVED = SLOT_BITS;
/** Finds nothing, and is replaced by the first insertion. */
const EMPTY = new Uint32Array(1);

/** Bits that decide neither the table nor, while it is small, the place in it. */
function tagOf(hash: number): number {
  return (hash << 6) & TAG_BITS;
}

function entryOf(slot: number, hash: number): number {
  return (tagOf(hash) | slot) >>> 0;
}

/** Whether the entry was free; otherwise it was a removed prefix's. */
function place(table: Uint32Array, slot: number, hash: number): boolean {
  const mask = table.length - 1;
  let at = hash & mask;
  while (table[at] !== FREE && table[at] !== REMOVED) at = (at + 1) & mask;
  const wasFree = table[at] === FREE;
  table[at] = entryOf(slot, hash);
  return wasFree;
}

import { MOST_SLOTS, PrefixIndex } from "./prefix-index.ts";
import { hashKey, hashWords, type PrefixKey } from "./prefix-key.ts";

/** Records in a page of the table. */
export const PAGE_RECORDS = 4_096;
/** `slot >>> PAGE_SHIFT` is the slot's page. */
export const PAGE_SHIFT = 12;

/** What is where in a record, in words of 32 bits. */
export const Field = {
  /** The slots of the routes that are sent after and before this one. */
  next: 0,
  previous: 1,
  /**
   * The id of the route's attribute set; 0 in a free slot. A route that was withdrawn keeps its slot
   * while peers have to be told: then it is `WITHDRAWN` plus the number of these peers.
   */
  state: 2,
  /** Of the prefix, in bits. */
  length: 3,
  /** One word of IPv4, four of IPv6. */
  address: 4,
} as const;

/** The bit of a state that says that the route was withdrawn. */
export const WITHDRAWN = 0x4000_0000;

/**
 * The routes of one address family, in records of 20 octets (IPv4) or 32 (IPv6) without an object for
 * any of them. A slot is the number of a record; slot 0 is never a route. Memory comes in pages, so
 * that nothing is ever copied to grow.
 */
export class RouteTable {
  /** A record of slot `s` begins at word `(s % PAGE_RECORDS) * stride` of page `s >>> PAGE_SHIFT`. */
  readonly pages: Int32Array[] = [];
  /** Words in a record. */
  readonly stride: number;
  readonly #words: number;
  readonly #index: PrefixIndex;
  /** Slots from here on were never used. */
  #fresh = 1;
  /** The first of the slots that were freed, each of which names the next one. */
  #free = 0;

  /** @param words of an address: 1 or 4. */
  constructor(words: 1 | 4) {
    this.#words = words;
    this.stride = Field.address + words;
    this.pages.push(new Int32Array(PAGE_RECORDS * this.stride));
    this.#index = new PrefixIndex(this);
  }

  /** All slots in use are below. */
  get end(): number {
    return this.#fresh;
  }

  get(slot: number, field: number): number {
    return this.#page(slot)[this.#base(slot) + field] as number;
  }

  set(slot: number, field: number, value: number): void {
    this.#page(slot)[this.#base(slot) + field] = value;
  }

  /** The prefix's slot, or 0. */
  find(key: PrefixKey): number {
    return this.#index.find(key, hashKey(key, this.#words));
  }

  /** Gives a slot to a prefix that has none. */
  add(key: PrefixKey): number {
    const slot = this.#take();
    const page = this.#page(slot);
    const base = this.#base(slot);
    page[base + Field.length] = key.length;
    for (let i = 0; i < this.#words; i++) {
      page[base + Field.address + i] = key.words[i] as number;
    }
    this.#index.insert(slot, hashKey(key, this.#words));
    return slot;
  }

  /** Frees a slot. */
  remove(slot: number): void {
    this.#index.remove(slot, this.hashOf(slot));
    this.set(slot, Field.state, 0);
    this.set(slot, Field.next, this.#free);
    this.#free = slot;
  }

  hashOf(slot: number): number {
    const base = this.#base(slot);
    const page = this.#page(slot);
    return hashWords(page, base + Field.address, this.#words, page[base + Field.length] as number);
  }

  holds(slot: number, key: PrefixKey): boolean {
    const page = this.#page(slot);
    const base = this.#base(slot) + Field.address;
    const { words } = key;
    if (page[base] !== words[0] || page[base - 1] !== key.length) return false;
    if (this.#words === 1) return true;
    return (
      page[base + 1] === words[1] && page[base + 2] === words[2] && page[base + 3] === words[3]
    );
  }

  #take(): number {
    const slot = this.#free;
    if (slot !== 0) {
      this.#free = this.get(slot, Field.next);
      return slot;
    }
    const fresh = this.#fresh;
    if (fresh === MOST_SLOTS - 1) throw new RangeError(`no more than ${fresh} routes of a family`);
    this.#fresh += 1;
    if (fresh >>> PAGE_SHIFT === this.pages.length) {
      this.pages.push(new Int32Array(PAGE_RECORDS * this.stride));
    }
    return fresh;
  }

  #page(slot: number): Int32Array {
    return this.pages[slot >>> PAGE_SHIFT] as Int32Array;
  }

  #base(slot: number): number {
    return (slot & (PAGE_RECORDS - 1)) * this.stride;
  }
}

/**
 * A set of small whole numbers, a bit each, in pages of 4,096. A page that holds all or none of its
 * numbers takes no memory, so that a peer which has been told of every route of a million costs a few
 * kilobytes.
 */
export class SlotSet {
  readonly #pages: (Uint32Array | undefined)[] = [];
  /** Of each page, how many of its numbers are in the set. */
  readonly #counts: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(slot: number): boolean {
    const page = this.#pages[slot >>> PAGE_BITS];
    return page !== undefined && ((page[wordOf(slot)] as number) & maskOf(slot)) !== 0;
  }

  /** Adds many: quickly when they are in order. */
  addAll(slots: Int32Array): void {
    const { length } = slots;
    for (let i = 0; i < length; ) {
      const index = (slots[i] as number) >>> PAGE_BITS;
      const page = this.#pages[index] ?? this.#open(index);
      let added = 0;
      for (; i < length; i++) {
        const slot = slots[i] as number;
        if (slot >>> PAGE_BITS !== index) break;
        const word = wordOf(slot);
        const bits = page[word] as number;
        const mask = maskOf(slot);
        if ((bits & mask) !== 0) continue;
        page[word] = bits | mask;
        added += 1;
      }
      this.#size += added;
      const count = (this.#counts[index] as number) + added;
      this.#counts[index] = count;
      if (count === PAGE_SLOTS) this.#pages[index] = FULL;
    }
  }

  delete(slot: number): void {
    if (!this.has(slot)) return;
    const index = slot >>> PAGE_BITS;
    const count = (this.#counts[index] as number) - 1;
    this.#counts[index] = count;
    this.#size -= 1;
    if (count === 0) {
      this.#pages[index] = undefined;
      return;
    }
    let page = this.#pages[index] as Uint32Array;
    if (page === FULL) {
      page = FULL.slice();
      this.#pages[index] = page;
    }
    page[wordOf(slot)] = (page[wordOf(slot)] as number) & ~maskOf(slot);
  }

  clear(): void {
    this.#pages.length = 0;
    this.#counts.length = 0;
    this.#size = 0;
  }

  #open(index: number): Uint32Array {
    while (this.#pages.length <= index) {
      this.#pages.push(undefined);
      this.#counts.push(0);
    }
    const page = new Uint32Array(PAGE_SLOTS / 32);
    this.#pages[index] = page;
    return page;
  }
}

const PAGE_BITS = 12;
const PAGE_SLOTS = 1 << PAGE_BITS;
/** Stands for every page that is full; never written to. */
const FULL: Uint32Array = new Uint32Array(PAGE_SLOTS / 32).fill(0xffff_ffff);

function wordOf(slot: number): number {
  return (slot & (PAGE_SLOTS - 1)) >>> 5;
}

function maskOf(slot: number): number {
  return 1 << (slot & 31);
}

import type { Family } from "../message.ts";
import type { AttributeSet, AttributeSets } from "./attribute-sets.ts";
import { ChangeList } from "./change-list.ts";
import { ChunkCache } from "./chunk.ts";
import { Packer } from "./packer.ts";
import { formatWords, type PrefixKey } from "./prefix-key.ts";
import { Field, PAGE_RECORDS, PAGE_SHIFT, RouteTable, WITHDRAWN } from "./route-table.ts";
import type { SlotSet } from "./slot-set.ts";
import { UpdateGroups } from "./update-group.ts";

/** The routes of one family, and in which order they are sent. */
export class FamilyRoutes {
  readonly family: Family;
  readonly table: RouteTable;
  readonly list: ChangeList;
  readonly groups: UpdateGroups;
  readonly packer: Packer;
  readonly chunks: ChunkCache = new ChunkCache();
  readonly #sets: AttributeSets;
  /** Of each peer, the slots that it has been told of. */
  readonly #told = new Set<SlotSet>();
  #size = 0;
  #withdrawn = 0;

  constructor(family: Family, words: 1 | 4, sets: AttributeSets) {
    this.family = family;
    this.table = new RouteTable(words);
    this.list = new ChangeList(this.table);
    this.groups = new UpdateGroups(family);
    this.packer = new Packer(this);
    this.#sets = sets;
  }

  /** How many routes are announced. */
  get size(): number {
    return this.#size;
  }

  /** The slot of an announced route, or 0. */
  find(key: PrefixKey): number {
    const slot = this.table.find(key);
    return slot === 0 || this.isWithdrawn(slot) ? 0 : slot;
  }

  isWithdrawn(slot: number): boolean {
    return this.table.get(slot, Field.state) >= WITHDRAWN;
  }

  /** The attribute set of an announced route. */
  setOf(slot: number): AttributeSet {
    return this.#sets.at(this.table.get(slot, Field.state));
  }

  /** The slots of all announced routes. */
  *slots(): IterableIterator<number> {
    for (let slot = 1; slot < this.table.end; slot++) {
      const state = this.table.get(slot, Field.state);
      if (state > 0 && state < WITHDRAWN) yield slot;
    }
  }

  prefixOf(slot: number): string {
    const { pages, stride } = this.table;
    const page = pages[slot >>> PAGE_SHIFT] as Int32Array;
    const base = (slot & (PAGE_RECORDS - 1)) * stride;
    const length = page[base + Field.length] as number;
    return formatWords(this.family.afi, page, base + Field.address, length);
  }

  announce(key: PrefixKey, set: AttributeSet): void {
    let slot = this.table.find(key);
    if (slot === 0) {
      slot = this.table.add(key);
      this.#size += 1;
    } else {
      const state = this.table.get(slot, Field.state);
      if (state === set.id) return;
      this.#unlink(slot, state);
      if (state < WITHDRAWN) this.#sets.release(state);
      else this.#size += 1;
    }
    set.references += 1;
    this.table.set(slot, Field.state, set.id);
    this.list.append(slot, set.id);
  }

  /** False when the route was not announced. */
  withdraw(key: PrefixKey): boolean {
    const slot = this.find(key);
    if (slot === 0) return false;
    const state = this.table.get(slot, Field.state);
    this.#unlink(slot, state);
    this.#sets.release(state);
    this.#size -= 1;
    let peers = 0;
    for (const told of this.#told) if (told.has(slot)) peers += 1;
    if (peers === 0) {
      this.table.remove(slot);
      return true;
    }
    this.#withdrawn += 1;
    this.table.set(slot, Field.state, WITHDRAWN + peers);
    this.list.append(slot, WITHDRAWALS);
    return true;
  }

  /** Counts a peer among those that must be told of withdrawals. */
  addTold(told: SlotSet): void {
    this.#told.add(told);
  }

  /** Forgets a peer that has yet to be told of what is in the list from `pending` on. */
  removeTold(told: SlotSet, pending: number): void {
    this.#told.delete(told);
    for (let slot = pending; slot !== 0 && this.#withdrawn > 0; ) {
      const next = this.list.after(slot);
      if (told.has(slot)) this.letGo(slot);
      slot = next;
    }
  }

  /** One peer fewer has to be told that a route was withdrawn, if it was. */
  letGo(slot: number): void {
    const state = this.table.get(slot, Field.state);
    if (state < WITHDRAWN) return;
    if (state > WITHDRAWN + 1) {
      this.table.set(slot, Field.state, state - 1);
      return;
    }
    this.#unlink(slot, state);
    this.table.remove(slot);
  }

  #unlink(slot: number, state: number): void {
    const isWithdrawn = state >= WITHDRAWN;
    if (isWithdrawn) this.#withdrawn -= 1;
    this.list.remove(slot, isWithdrawn ? WITHDRAWALS : state);
    this.chunks.forget(slot);
  }
}

/** The kind of withdrawn routes in the list; announced ones go by their attribute sets. */
const WITHDRAWALS = 0;

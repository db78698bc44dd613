import { Field, type RouteTable } from "./route-table.ts";

// Every route of a table is in one list, in the order in which the routes are to be sent: what was
// changed last is last. A peer that has been told of everything up to some route needs to remember no
// more than that route, and a route that changes again moves to the end, so that a peer which has not
// come to it yet never hears of what it was in between.
//
// The routes that were changed since anyone last went on form the youngest part of the list. There,
// and only there, a route is put next to those of the same kind, so that they fill messages together.

/** Where someone has come to in the list. */
export interface Cursor {
  /** The route that is next; 0 at the end. */
  at: number;
  /** Called when there is a next route after there was none. */
  wake(): void;
}

/** The order in which the routes of a table are sent, and who has come how far. */
export class ChangeList {
  readonly #table: RouteTable;
  readonly #cursors = new Set<Cursor>();
  /** Those at the end of the list. */
  #waiting: Cursor[] = [];
  /** By kind: the last route of that kind in the youngest part. */
  #last: (number | undefined)[] = [];

  constructor(table: RouteTable) {
    this.#table = table;
  }

  /** The first route, or 0. */
  get first(): number {
    return this.#table.get(SENTINEL, Field.next);
  }

  /** The route after one, or 0. */
  after(slot: number): number {
    return this.#table.get(slot, Field.next);
  }

  /** Puts a route that is not in the list last, or with the youngest of its kind. */
  append(slot: number, kind: number): void {
    const neighbour = this.#last[kind] ?? this.#table.get(SENTINEL, Field.previous);
    this.#link(neighbour, slot, this.after(neighbour));
    this.#last[kind] = slot;
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const cursor of waiting) cursor.at = slot;
    for (const cursor of waiting) cursor.wake();
  }

  /** Takes a route out; cursors at it go on to the next one. `kind` is that of its `append`. */
  remove(slot: number, kind: number): void {
    const next = this.after(slot);
    const previous = this.#table.get(slot, Field.previous);
    if (this.#last[kind] === slot) this.#last[kind] = undefined;
    this.#table.set(previous, Field.next, next);
    this.#table.set(next, Field.previous, previous);
    for (const cursor of this.#cursors) if (cursor.at === slot) this.#put(cursor, next);
  }

  /** A new cursor starts at the first route. */
  addCursor(cursor: Cursor): void {
    this.#cursors.add(cursor);
    this.#put(cursor, this.first);
  }

  removeCursor(cursor: Cursor): void {
    this.#cursors.delete(cursor);
    this.#waiting = this.#waiting.filter((each) => each !== cursor);
  }

  /** Puts a cursor back to the first route. */
  rewind(cursor: Cursor): void {
    this.removeCursor(cursor);
    this.addCursor(cursor);
  }

  /** Lets a cursor go on behind a route. */
  advance(cursor: Cursor, behind: number): void {
    // From here on, what is put next to an earlier route would be missed.
    this.#last = [];
    this.#put(cursor, this.after(behind));
  }

  #put(cursor: Cursor, slot: number): void {
    cursor.at = slot;
    if (slot === SENTINEL) this.#waiting.push(cursor);
  }

  #link(previous: number, slot: number, next: number): void {
    this.#table.set(slot, Field.previous, previous);
    this.#table.set(slot, Field.next, next);
    this.#table.set(previous, Field.next, slot);
    this.#table.set(next, Field.previous, slot);
  }
}

/** Before the first and behind the last; never a route. */
const SENTINEL = 0;

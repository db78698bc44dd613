import type { FirstError } from "../first-error.ts";
import { encodeRouteRefresh } from "../route-refresh.ts";
import { encodeEndOfRib } from "../update.ts";
import type { Cursor } from "./change-list.ts";
import type { Chunk } from "./chunk.ts";
import type { FamilyRoutes } from "./family-routes.ts";
import type { ExportFilter, SessionClass } from "./session-class.ts";
import { SlotSet } from "./slot-set.ts";
import type { UpdateGroup } from "./update-group.ts";

/** Whole messages, and the account of them. */
export type Messages = Pick<Chunk, "octets" | "messages" | "leftOut"> & {
  /** Prefixes in them. */
  readonly announced: number;
  readonly withdrawn: number;
};

/** The routes of one family on their way to one peer. */
export class Feed implements Cursor {
  at = 0;
  readonly #routes: FamilyRoutes;
  readonly #onPending: () => void;
  /** What the peer has. */
  readonly #told = new SlotSet();
  #group: UpdateGroup;
  /** Messages to go before the next route. */
  #before: Uint8Array[] = [];
  /** Messages to go when there is no next route. */
  #after: Uint8Array[] = [];
  #awaitsEndOfRib = false;

  constructor(routes: FamilyRoutes, session: SessionClass, onPending: () => void) {
    this.#routes = routes;
    this.#onPending = onPending;
    this.#group = routes.groups.join(session);
    routes.addTold(this.#told);
    routes.list.addCursor(this);
  }

  get pending(): boolean {
    return this.at !== 0 || this.#before.length > 0 || this.#after.length > 0;
  }

  /** How many prefixes the peer has. */
  get told(): number {
    return this.#told.size;
  }

  hasTold(slot: number): boolean {
    return this.#told.has(slot);
  }

  wake(): void {
    this.#onPending();
  }

  /** The next messages; undefined when nothing is pending. */
  pull(
    maxOctets: number,
    filter: ExportFilter | undefined,
    thrown: FirstError,
  ): Messages | undefined {
    const before = this.#before.shift();
    if (before !== undefined) return single(before);
    if (this.at !== 0) return this.#advance(maxOctets, filter, thrown);
    const after = this.#after.shift();
    if (after === undefined) return undefined;
    if (this.#after.length === 0) this.#awaitsEndOfRib = false;
    return single(after);
  }

  /** Starts again from the first route. */
  replay(): void {
    this.#routes.list.rewind(this);
  }

  /**
   * Replays on a peer's request; `enhanced` with the marks of RFC 7313 around it, unless the initial
   * routes are not through, whose End-of-RIB must come first.
   */
  refresh(enhanced: boolean): void {
    this.replay();
    if (!enhanced || this.#awaitsEndOfRib) return;
    this.#before = [encodeMark(this.#routes, BEGIN)];
    this.#after = [encodeMark(this.#routes, END)];
  }

  endOfRib(): void {
    this.#awaitsEndOfRib = true;
    this.#after.push(encodeEndOfRib(this.#routes.family));
  }

  setClass(session: SessionClass): void {
    const group = this.#routes.groups.join(session);
    this.#leaveGroup();
    this.#group = group;
    this.replay();
  }

  close(): void {
    const { list } = this.#routes;
    const pending = this.at;
    list.removeCursor(this);
    this.#routes.removeTold(this.#told, pending);
    this.#told.clear();
    this.#leaveGroup();
    this.#before = [];
    this.#after = [];
    this.at = 0;
  }

  #leaveGroup(): void {
    this.#routes.groups.leave(this.#group);
    if (this.#group.members === 0) this.#routes.chunks.forgetGroup(this.#group);
  }

  #advance(maxOctets: number, filter: ExportFilter | undefined, thrown: FirstError): Messages {
    const { chunks, packer, list } = this.#routes;
    const { members } = this.#group;
    const key = { group: this.#group, filter, start: this.at, maxOctets };
    let chunk = members > 1 ? chunks.take(key, this.#told) : undefined;
    if (chunk === undefined) {
      chunk = packer.pack(key, this.#told, thrown);
      if (members > 1) chunks.add(chunk, members - 1);
    }
    list.advance(this, chunk.last);
    const { octets, messages, leftOut, announced, withdrawn } = chunk;
    this.#told.addAll(announced);
    for (let i = 0; i < withdrawn.length; i++) {
      this.#told.delete(withdrawn[i] as number);
      this.#routes.letGo(withdrawn[i] as number);
    }
    return {
      octets,
      messages,
      leftOut,
      announced: announced.length,
      withdrawn: withdrawn.length,
    };
  }
}

/** Subtypes of ROUTE-REFRESH. @see RFC 7313 section 3.2 */
const BEGIN = 1;
const END = 2;

const NOTHING = { nextHop: 0, role: 0, size: 0, filter: 0 };

function encodeMark({ family }: FamilyRoutes, subtype: number): Uint8Array {
  return encodeRouteRefresh({ type: "route-refresh", ...family, subtype });
}

function single(octets: Uint8Array): Messages {
  return { octets, messages: 1, leftOut: NOTHING, announced: 0, withdrawn: 0 };
}

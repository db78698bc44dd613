import { sameFamily } from "../abilities.ts";
import { FirstError } from "../first-error.ts";
import type { Family } from "../message.ts";
import type { LeftOut } from "./chunk.ts";
import type { FamilyRoutes } from "./family-routes.ts";
import { Feed, type Messages } from "./feed.ts";
import { newPrefixKey, readPrefix } from "./prefix-key.ts";
import {
  checkSessionClass,
  classKey,
  type ExportFilter,
  familiesKey,
  type SessionClass,
} from "./session-class.ts";

/** What an outbox has given out since it was attached. */
export interface OutboxCounters {
  /** Prefixes that the peer has. */
  readonly advertised: number;
  /** Prefixes announced, each as often as it was. */
  readonly announced: number;
  /** Prefixes withdrawn. */
  readonly withdrawn: number;
  readonly messages: number;
  readonly octets: number;
  /** Times that a route's turn came and it did not go out, by the reason. */
  readonly leftOut: LeftOut & {
    /** Of families that the session does not carry: routes that there are now. */
    readonly family: number;
  };
}

/**
 * What one Established session has yet to send. Messages are built when they are pulled and not
 * before, so a route that changes twice in between is sent once, and one that comes and goes is not
 * sent at all. Costs a peer a bit for each route at most, and hardly anything once it is up to date.
 */
export class Outbox {
  /**
   * Called when `pending` turns true, from within whatever made it so, and not again before the next
   * pull: pull at the end of the turn, and all changes of the turn go together.
   */
  onPending: (() => void) | undefined;
  readonly #families: readonly FamilyRoutes[];
  readonly #feeds: ReadonlyMap<FamilyRoutes, Feed>;
  #session: SessionClass;
  #filter: ExportFilter | undefined;
  readonly #thrown = new FirstError();
  /** The feeds, that whose turn is next first. */
  #turns: Feed[];
  #isQuiet: boolean;
  readonly #counts = { announced: 0, withdrawn: 0, messages: 0, octets: 0 };
  readonly #leftOut = { nextHop: 0, role: 0, size: 0, filter: 0 };

  /** Made by `AdjRibOut.attach`. @throws {RangeError} {TypeError} when the class has a mistake. */
  constructor(
    families: readonly FamilyRoutes[],
    session: SessionClass,
    filter: ExportFilter | undefined,
  ) {
    checkSessionClass(session);
    const carried = families.filter(({ family }) =>
      session.families.some((each) => sameFamily(each, family)),
    );
    this.#families = families;
    this.#session = session;
    this.#filter = filter;
    const wake = () => this.#wake();
    this.#feeds = new Map(carried.map((routes) => [routes, new Feed(routes, session, wake)]));
    this.#turns = [...this.#feeds.values()];
    this.#isQuiet = !this.pending;
  }

  /** Whether there is something to pull. */
  get pending(): boolean {
    return this.#turns.some((feed) => feed.pending);
  }

  get counters(): OutboxCounters {
    const absent = this.#families.filter((routes) => !this.#feeds.has(routes));
    return {
      ...this.#counts,
      advertised: this.#turns.reduce((sum, feed) => sum + feed.told, 0),
      leftOut: { ...this.#leftOut, family: absent.reduce((sum, { size }) => sum + size, 0) },
    };
  }

  /**
   * The next messages, whole: as many as fit, of one family, which take turns. Undefined when nothing
   * is pending. Other outboxes may give out the same array: it must not be changed.
   *
   * @throws {RangeError} when `maxOctets` is below what one message may have.
   * @throws what the filter threw, once there is nothing to pull any more: routes it threw at were left
   *   out as if it had not let them pass.
   */
  pull(maxOctets: number = DEFAULT_MAX_OCTETS): Uint8Array | undefined {
    const { maxMessageLength } = this.#session;
    if (!(maxOctets >= maxMessageLength)) {
      throw new RangeError(`maxOctets must be at least ${maxMessageLength}, got ${maxOctets}`);
    }
    for (let feed = this.#next(); feed !== undefined; feed = this.#next()) {
      const messages = feed.pull(maxOctets, this.#filter, this.#thrown);
      if (messages === undefined) continue;
      this.#count(messages);
      if (messages.octets.length === 0) continue;
      this.#isQuiet = !this.pending;
      return messages.octets;
    }
    this.#isQuiet = true;
    this.#thrown.raise();
    return undefined;
  }

  /** Whether the peer has a prefix, as far as was pulled. @throws {TypeError} when it is none. */
  has(prefix: string): boolean {
    const key = newPrefixKey();
    const isIpv6 = readPrefix(prefix, key);
    const routes = this.#families[isIpv6 ? 1 : 0];
    const feed = routes && this.#feeds.get(routes);
    return feed?.hasTold(routes?.table.find(key) ?? 0) === true;
  }

  /**
   * Sends all routes of a family again; with `enhanced` between the marks of an enhanced route
   * refresh, both sides having that capability. A family that the session does not carry is ignored.
   *
   * @see RFC 2918 section 4, RFC 7313 section 4
   */
  refresh(family: Family, enhanced: boolean): void {
    this.#feedOf(family)?.refresh(enhanced);
    this.#wakeIfPending();
  }

  /**
   * Sends End-of-RIB once everything of the family has been sent, also when there is nothing. What is
   * announced in the meantime goes before it. A family that the session does not carry is ignored.
   *
   * @see RFC 4724 section 2
   */
  endOfRib(family: Family): void {
    this.#feedOf(family)?.endOfRib();
    this.#wakeIfPending();
  }

  /** Sends everything again as another filter has it, and withdraws what that does not let pass. */
  setFilter(filter: ExportFilter | undefined): void {
    if (filter === this.#filter) return;
    this.#filter = filter;
    for (const feed of this.#turns) feed.replay();
    this.#wakeIfPending();
  }

  /**
   * Sends everything again as another class has it: how a session says that it will shut down.
   *
   * @throws {TypeError} when the families are others: they are agreed on once a session.
   */
  setClass(session: SessionClass): void {
    checkSessionClass(session);
    const [before, after] = [this.#session, session].map(({ families }) => familiesKey(families));
    if (before !== after) {
      throw new TypeError(`families of a session cannot change from ${before} to ${after}`);
    }
    if (classKey(session) === classKey(this.#session)) return;
    this.#session = session;
    for (const feed of this.#turns) feed.setClass(session);
    this.#wakeIfPending();
  }

  /** Ends it: nothing is pending any more, and the peer's part of the memory is free. */
  detach(): void {
    for (const feed of this.#turns) feed.close();
    this.#turns = [];
    this.#isQuiet = true;
    this.onPending = undefined;
  }

  #feedOf(family: Family): Feed | undefined {
    const routes = this.#families.find((each) => sameFamily(each.family, family));
    return routes && this.#turns.find((feed) => feed === this.#feeds.get(routes));
  }

  /** The next feed with something to send; it goes to the end of the line. */
  #next(): Feed | undefined {
    const next = this.#turns.find((feed) => feed.pending);
    if (next !== undefined) this.#turns = [...this.#turns.filter((feed) => feed !== next), next];
    return next;
  }

  #count({ announced, withdrawn, messages, octets, leftOut }: Messages): void {
    this.#counts.announced += announced;
    this.#counts.withdrawn += withdrawn;
    this.#counts.messages += messages;
    this.#counts.octets += octets.length;
    this.#leftOut.nextHop += leftOut.nextHop;
    this.#leftOut.role += leftOut.role;
    this.#leftOut.size += leftOut.size;
    this.#leftOut.filter += leftOut.filter;
  }

  #wakeIfPending(): void {
    if (this.pending) this.#wake();
  }

  /** Tells once that something is pending, until there was nothing in between. */
  #wake(): void {
    if (!this.#isQuiet) return;
    this.#isQuiet = false;
    this.onPending?.();
  }
}

/** A good size for a write: larger ones are no faster. */
const DEFAULT_MAX_OCTETS = 65_536;

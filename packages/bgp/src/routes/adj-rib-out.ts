import { Afi, Safi } from "../constants.ts";
import type { PathAttributes } from "../path-attributes.ts";
import { AttributeSets } from "./attribute-sets.ts";
import { FamilyRoutes } from "./family-routes.ts";
import { Outbox } from "./outbox.ts";
import { newPrefixKey, readPrefix } from "./prefix-key.ts";
import type { ExportFilter, SessionClass } from "./session-class.ts";

/** A route as it is announced. */
export interface Route {
  /** Canonical text. */
  readonly prefix: string;
  readonly attributes: PathAttributes;
}

/**
 * The routes that a speaker announces to all its peers, IPv4 and IPv6 unicast. Each peer with a
 * session has an outbox attached, from which it is sent what it has not got yet.
 *
 * Attribute objects must not change once given. A route whose next hop is unspecified (`0.0.0.0` or
 * `::`) gets that of the session.
 */
export class AdjRibOut {
  readonly #sets = new AttributeSets();
  readonly #ipv4: FamilyRoutes;
  readonly #ipv6: FamilyRoutes;
  readonly #key = newPrefixKey();

  constructor() {
    this.#ipv4 = new FamilyRoutes({ afi: Afi.ipv4, safi: Safi.unicast }, 1, this.#sets);
    this.#ipv6 = new FamilyRoutes({ afi: Afi.ipv6, safi: Safi.unicast }, 4, this.#sets);
  }

  /** How many routes are announced. */
  get size(): number {
    return this.#ipv4.size + this.#ipv6.size;
  }

  /**
   * Announces a route, or changes the attributes of one that is announced.
   *
   * @throws {TypeError} {RangeError} when the prefix or an attribute is wrong, naming it.
   */
  announce(prefix: string, attributes: PathAttributes): void {
    const routes = this.#locate(prefix);
    const set = this.#sets.intern(attributes);
    try {
      routes.announce(this.#key, set);
    } finally {
      this.#sets.release(set.id);
    }
  }

  /**
   * Announces many routes with the same attributes.
   *
   * @throws {TypeError} {RangeError} as `announce` does; the prefixes before a wrong one are announced.
   */
  announceMany(prefixes: Iterable<string>, attributes: PathAttributes): void {
    const set = this.#sets.intern(attributes);
    try {
      for (const prefix of prefixes) this.#locate(prefix).announce(this.#key, set);
    } finally {
      this.#sets.release(set.id);
    }
  }

  /** False when the prefix was not announced. @throws {TypeError} when the text is no prefix. */
  withdraw(prefix: string): boolean {
    return this.#locate(prefix).withdraw(this.#key);
  }

  /** How many of them were announced. @throws {TypeError} when a text is no prefix. */
  withdrawMany(prefixes: Iterable<string>): number {
    let count = 0;
    for (const prefix of prefixes) if (this.withdraw(prefix)) count += 1;
    return count;
  }

  /** Undefined unless the prefix is announced. @throws {TypeError} when the text is no prefix. */
  attributesOf(prefix: string): PathAttributes | undefined {
    const routes = this.#locate(prefix);
    const slot = routes.find(this.#key);
    return slot === 0 ? undefined : routes.setOf(slot).attributes;
  }

  /** All routes, IPv4 first; what changes meanwhile may be seen or not. */
  *routes(): IterableIterator<Route> {
    for (const routes of [this.#ipv4, this.#ipv6]) {
      for (const slot of routes.slots()) {
        yield { prefix: routes.prefixOf(slot), attributes: routes.setOf(slot).attributes };
      }
    }
  }

  /**
   * Makes an outbox for a session that is Established; every route is pending in it. Outboxes with
   * equal classes and the very same filter share what is encoded.
   *
   * @throws {TypeError} {RangeError} when the class has a mistake, naming the field and the value.
   */
  attach(session: SessionClass, filter?: ExportFilter): Outbox {
    return new Outbox([this.#ipv4, this.#ipv6], session, filter);
  }

  /** Reads a prefix into the key, and gives the family it belongs to. */
  #locate(prefix: string): FamilyRoutes {
    return readPrefix(prefix, this.#key) ? this.#ipv6 : this.#ipv4;
  }
}

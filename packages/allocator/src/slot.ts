import { ChurnMap } from "./churn-map.ts";

/**
 * On which terms an owner shares its addresses: two owners may hold one address when their keys are
 * equal and not empty, their backends are equal, and they have no port in common.
 */
export interface Sharing {
  /** Empty means that the owner does not share. */
  readonly key: string;
  /** What the traffic goes to, in any text that is equal when that is. */
  readonly backend: string;
  /** Like `TCP/80`; compared as text. */
  readonly ports: readonly string[];
}

/**
 * An address in use, and who holds it: one owner, or several that share.
 *
 * Most addresses have one owner, so what only several need is made when a second one joins.
 */
export class Slot {
  readonly #address: string;
  #sole: string | undefined;
  /** Of the sole owner, or what the several have in common. */
  #terms: Sharing | undefined;
  #party: Party | undefined;

  /** The address is for messages only. */
  constructor(address: string) {
    this.#address = address;
  }

  get owners(): readonly string[] {
    if (this.#sole !== undefined) return [this.#sole];
    return [...(this.#party?.terms.keys() ?? [])];
  }

  get isEmpty(): boolean {
    return this.#sole === undefined && this.#party === undefined;
  }

  /** Why this owner, present or not, cannot hold the address so; undefined when it can. */
  conflict(owner: string, sharing: Sharing | undefined): string | undefined {
    if (this.#othersThan(owner) === 0) return undefined;
    const why = this.#termsConflict(owner, sharing) ?? this.#portConflict(owner, sharing);
    const changes = why !== undefined && this.#party?.terms.has(owner);
    return changes ? `can't change the sharing of "${owner}": ${why}` : why;
  }

  /** Adds an owner that is not present, where {@link conflict} has nothing against it. */
  add(owner: string, sharing: Sharing | undefined): void {
    if (this.isEmpty) {
      this.#sole = owner;
      this.#terms = sharing;
    } else if (sharing !== undefined) {
      this.#party ??= this.#found();
      enter(this.#party, owner, sharing);
    }
  }

  /** Removes an owner, and returns the terms it had if it shared. */
  delete(owner: string): Sharing | undefined {
    if (this.#sole === owner) {
      this.#sole = undefined;
      return this.#terms;
    }
    const sharing = this.#party?.terms.get(owner);
    if (this.#party === undefined || sharing === undefined) return undefined;
    this.#party.terms.delete(owner);
    for (const port of sharing.ports) this.#party.users.delete(port);
    if (this.#party.terms.size === 0) this.#party = undefined;
    return sharing;
  }

  /** The party that a second owner joins: so far, the sole one. */
  #found(): Party {
    const party = { terms: new ChurnMap<Sharing>(), users: new ChurnMap<string>() };
    if (this.#sole !== undefined && this.#terms !== undefined) {
      enter(party, this.#sole, this.#terms);
    }
    this.#sole = undefined;
    return party;
  }

  #termsConflict(owner: string, sharing: Sharing | undefined): string | undefined {
    const theirs = this.#terms;
    if (theirs === undefined) return `${this.#inUse(owner)} without a sharing key`;
    if (sharing?.key !== theirs.key) {
      const own = sharing === undefined ? "without one" : `not "${sharing.key}"`;
      return `${this.#inUse(owner)} with sharing key "${theirs.key}", ${own}`;
    }
    if (sharing.backend !== theirs.backend) {
      const backends = `"${theirs.backend}", not "${sharing.backend}"`;
      return `${this.#inUse(owner)} with backend ${backends}`;
    }
    return undefined;
  }

  #portConflict(owner: string, sharing: Sharing | undefined): string | undefined {
    for (const port of sharing?.ports ?? []) {
      const user = this.#userOf(port);
      if (user !== undefined && user !== owner) {
        return `port ${port} is already in use on "${this.#address}" by "${user}"`;
      }
    }
    return undefined;
  }

  #userOf(port: string): string | undefined {
    if (this.#sole === undefined) return this.#party?.users.get(port);
    return this.#terms?.ports.includes(port) ? this.#sole : undefined;
  }

  #othersThan(owner: string): number {
    if (this.#party === undefined) return this.#sole === undefined || this.#sole === owner ? 0 : 1;
    return this.#party.terms.size - (this.#party.terms.has(owner) ? 1 : 0);
  }

  /** Names a few: an address can have thousands of owners, and a message must stay readable. */
  #inUse(owner: string): string {
    const named: string[] = [];
    for (const other of this.#party?.terms.keys() ?? [this.#sole]) {
      if (other !== owner) named.push(`"${other}"`);
      if (named.length === NAMED) break;
    }
    const unnamed = this.#othersThan(owner) - named.length;
    const more = unnamed > 0 ? ` and ${unnamed} more` : "";
    return `"${this.#address}" is already in use by ${named.join(", ")}${more}`;
  }
}

/** Several owners of an address. */
interface Party {
  /** Of each owner. */
  readonly terms: ChurnMap<Sharing>;
  /** Of each port. */
  readonly users: ChurnMap<string>;
}

function enter(party: Party, owner: string, sharing: Sharing): void {
  party.terms.set(owner, sharing);
  for (const port of sharing.ports) party.users.set(port, owner);
}

const NAMED = 5;

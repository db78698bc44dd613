import type { ClaimView } from "./claim.ts";
import type { Fact } from "./facts.ts";
import { type Group, KnownGroup } from "./group.ts";
import type { CompleteOptions } from "./options.ts";
import { type Claim, outranks } from "./precedence.ts";
import { Seat } from "./seat.ts";
import { NO_TABLE } from "./table.ts";

/** What a board needs to know of the world. `interfaces` are those of a group; none means all. */
export interface Surroundings {
  isLive(node: string, interfaces: readonly string[]): boolean;
  /** Whether a peer has come, or come back, too recently to succeed anybody. */
  isNew(node: string): boolean;
  isAlone(interfaces: readonly string[]): boolean;
  isListening(interfaces: readonly string[]): boolean;
  /** Whether this node may answer at all. */
  isServing(interfaces: readonly string[]): boolean;
  /** Who is to confirm what a node told of another: itself while it is live, or somebody else. */
  tellerFor(teller: string, claimant: string): string;
  /** A claim that cannot be heard here, as another told it. */
  hearsay(address: string): { readonly node: string; readonly claim: Claim } | undefined;
}

/** One address, with all that is known of it. */
export interface Place {
  readonly address: string;
  /** This node. */
  readonly me: string;
  readonly seat: Seat;
  known: KnownGroup | undefined;
  /** By node, live or not. */
  readonly claims: Map<string, Claim>;
  /** Since when two other live nodes claim it. */
  disputedSince: number | undefined;
  /** Since when another holds it, though this node holds the first address of its group. */
  apartSince: number | undefined;
}

/** Every address that is wanted here or claimed by anybody, and what this node sees of each. */
export class Board {
  readonly #me: string;
  readonly #options: CompleteOptions;
  readonly #world: Surroundings;
  readonly #places = new Map<string, Place>();
  /** Undefined: it could not be read. */
  #groups = new Map<Group, KnownGroup | undefined>();

  constructor(options: CompleteOptions, world: Surroundings) {
    this.#me = options.node;
    this.#options = options;
    this.#world = world;
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /** The place of an address; made when it is not there yet. */
  place(address: string): Place {
    const known = this.#places.get(address);
    if (known !== undefined) return known;
    const seat = new Seat(address, this.#me, this.#options.omit);
    const claims = new Map<string, Claim>();
    const made: Place = {
      address,
      me: this.#me,
      seat,
      known: undefined,
      claims,
      disputedSince: undefined,
      apartSince: undefined,
    };
    this.#places.set(address, made);
    return made;
  }

  /**
   * Replaces what is wanted. A group that is the very object that it was is not looked at.
   *
   * @returns what could not be read, and the addresses that are wanted otherwise than before.
   */
  setGroups(groups: readonly Group[]): {
    readonly problems: readonly Fact[];
    readonly changed: ReadonlySet<Place>;
  } {
    const problems: Fact[] = [];
    const changed = new Set<Place>();
    const before = this.#groups;
    this.#groups = new Map(groups.map((group) => [group, before.get(group)]));
    for (const [group, known] of before) {
      if (!this.#groups.has(group) && known !== undefined) this.#drop(known, changed);
    }
    for (const group of groups) {
      if (before.has(group)) continue;
      try {
        const known = new KnownGroup(group);
        this.#groups.set(group, known);
        this.#want(known, changed);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        problems.push({ kind: "unreadable", group: group.name, text: error.message });
      }
    }
    return { problems, changed };
  }

  /** Forgets an address that is neither wanted nor claimed. */
  forgetIfIdle(place: Place): void {
    const isIdle = place.known === undefined && place.seat.claim === undefined;
    if (isIdle && place.claims.size === 0) this.#places.delete(place.address);
  }

  /** What this node sees of a place. */
  view(place: Place): ClaimView {
    const { known } = place;
    const interfaces = known?.group.interfaces ?? [];
    const isEligible = known?.group.eligible.has(this.#me) === true;
    return {
      order: this.liveOrder(place),
      isEligible: isEligible && this.#world.isServing(interfaces),
      isListening: this.#world.isListening(interfaces),
      isAlone: this.#world.isAlone(interfaces),
      table: known?.table ?? NO_TABLE,
      others: this.others(place),
    };
  }

  /** Claims of live nodes, and one that was told of. */
  others(place: Place): ReadonlyMap<string, Claim> {
    const interfaces = place.known?.group.interfaces ?? [];
    const others = new Map<string, Claim>();
    for (const [node, claim] of place.claims) {
      if (this.#world.isLive(node, interfaces)) others.set(node, claim);
    }
    const told = this.#world.hearsay(place.address);
    if (told !== undefined && !others.has(told.node)) others.set(told.node, told.claim);
    return others;
  }

  /** The live eligible nodes that could answer, in order. */
  liveOrder(place: Place): Iterable<string> {
    return { [Symbol.iterator]: () => this.#candidates(place) };
  }

  /** Who holds a place, this node or another. */
  holder(place: Place): { readonly node: string; readonly claim: Claim } | undefined {
    const { claim } = place.seat;
    let best = claim === undefined ? undefined : { node: this.#me, claim };
    for (const [node, other] of this.others(place)) {
      const candidate = { node, claim: other };
      if (best === undefined || outranks(candidate, best, place.address)) best = candidate;
    }
    return best;
  }

  #drop(known: KnownGroup, changed: Set<Place>): void {
    for (const address of known.addresses) {
      const place = this.#places.get(address);
      if (place?.known !== known) continue;
      place.known = undefined;
      changed.add(place);
    }
  }

  #want(known: KnownGroup, changed: Set<Place>): void {
    for (const address of known.addresses) {
      const place = this.place(address);
      place.known = known;
      changed.add(place);
      for (const claim of place.claims.values()) known.learn(claim.table);
      if (place.seat.claim !== undefined) known.learn(place.seat.claim.table);
    }
  }

  *#candidates(place: Place): Generator<string, void, undefined> {
    const { known, claims } = place;
    if (known === undefined) return;
    const { interfaces } = known.group;
    const hadHolder = place.seat.lastHolder !== undefined;
    for (const node of known.order()) {
      if (node === this.#me) {
        if (this.#world.isServing(interfaces)) yield node;
        continue;
      }
      if (claims.get(node)?.state === "released" || !this.#world.isLive(node, interfaces)) continue;
      // At a cold start all nodes are new, and the first in the order is worth waiting for.
      if (hadHolder && this.#world.isNew(node)) continue;
      yield node;
    }
  }
}

import { type Claim, type Claimed, outranks } from "./precedence.ts";
import type { Table } from "./table.ts";

// One address, and whether this node answers for it. "First" is being the first live eligible node in
// the order; a "rival" is another live node's claim that is not released.
//
//                           | idle                           | held                | released
//  a rival that outranks    | -                              | stop                | stop
//  a rival that does not    | -                              | repeat when it      | -
//                           |                                | appears or goes     |
//  newer table, first       | claim: its epoch, term 0       | the same            | -
//  newer table, not first   | -                              | carry it            | -
//  the same, but alone and  | -                              | carry it            | -
//  another heads the table  |                                |                     |
//  not eligible, leaving    | -                              | release             | -
//  no rival, k-th in order  | after k * 300 ms claim, above  | -                   | first: claim
//                           | all that was seen; alone, no   |                     |
//                           | more than was last heard       |                     |
//  1 s after the release    | -                              | -                   | stop
//  the holder is silent     | claim, above it, unless it has | -                   | -
//                           | the address for that reason    |                     |
//  a group strayed apart    | claim, above it                | -                   | -
//  told of a larger claim   | -                              | stop                | stop
//  foreign host, gone again | -                              | conflicted, held    | -
//
// While listening nothing is claimed and no time counts. A conflicted claim is a held one that is not
// answered for. Nobody stops because another ought to answer: only because another does.

/** What a node sees of one address at a moment. */
export interface ClaimView {
  /** Live eligible nodes, in order; those that released are not among them, this one may be. */
  readonly order: Iterable<string>;
  /** Whether this node may answer: eligible, and not leaving. */
  readonly isEligible: boolean;
  /** Whether this node has come, or come back, too recently to claim. */
  readonly isListening: boolean;
  /** Whether no other node is live, so that it may well be this one that is cut off. */
  readonly isAlone: boolean;
  /** The newest known. */
  readonly table: Table;
  /** Claims of live nodes, this one not among them. */
  readonly others: ReadonlyMap<string, Claim>;
}

/** What happens to a {@link ClaimMachine}. `view` comes after any change, and at its deadline. */
export type ClaimInput =
  | { readonly type: "view"; readonly view: ClaimView }
  /** A node, live or not, is known to have claimed; `isNews` unless it is just being remembered. */
  | { readonly type: "heard"; readonly claimed: Claimed }
  /** A rival's claim went. */
  | { readonly type: "rival-gone" }
  | { readonly type: "told"; readonly claimed: Claimed }
  | { readonly type: "silent"; readonly view: ClaimView; readonly holder: string }
  /** This node holds the first address of the group, and another has held this one for a while. */
  | { readonly type: "gather"; readonly view: ClaimView }
  | { readonly type: "foreign" }
  | { readonly type: "foreign-gone" }
  /** Nobody is to answer any more: the Service is gone. */
  | { readonly type: "drop" };

/** Why a node begins to answer, or claims anew. */
export type ClaimCause =
  | "unclaimed"
  | "dead"
  | "released"
  | "table"
  | "backup"
  | "silent"
  | "gathered"
  | "regained";

/** Why a node stops answering. */
export type StopCause = "outranked" | "told" | "released" | "dropped";

/** What a {@link ClaimMachine} wants done. */
export type ClaimOutput =
  /** Answer, tell the neighbours and the other nodes; `probe` first when nobody is known to have it. */
  | {
      readonly type: "claim";
      readonly cause: ClaimCause;
      readonly isNew: boolean;
      readonly probe: boolean;
    }
  /** The claim reads otherwise now: tell the other nodes. */
  | { readonly type: "update" }
  /** Tell the neighbours and the other nodes again. */
  | { readonly type: "repeat" }
  | { readonly type: "stop"; readonly cause: StopCause };

/** A rule that is left out, for tests that show what it is for. */
export type OmittedRule = "yield" | "backup" | "listen";

/**
 * Decides whether this node answers for one address. Holds no timer: hand it what happened and the
 * time, carry out what it returns, and hand it a view at its deadline. Never throws.
 */
export class ClaimMachine {
  readonly #address: string;
  readonly #me: string;
  readonly #omit: OmittedRule | undefined;
  #mine: Claim | undefined;
  #seen: { readonly epoch: number; readonly term: number } | undefined;
  #last: Claimed | undefined;
  #unclaimedSince: number | undefined;
  #releasedAt = 0;
  #deadline = Number.POSITIVE_INFINITY;

  constructor(address: string, me: string, omit?: OmittedRule) {
    this.#address = address;
    this.#me = me;
    this.#omit = omit;
  }

  /** What this node claims. */
  get claim(): Claim | undefined {
    return this.#mine;
  }

  /** Who was last known to claim the address, live or not. */
  get lastHolder(): string | undefined {
    return this.#last?.node;
  }

  /** When to hand it a view next; infinite while there is nothing to wait for. */
  get deadline(): number {
    return this.#deadline;
  }

  handle(input: ClaimInput, now: number): readonly ClaimOutput[] {
    switch (input.type) {
      case "view":
        this.#deadline = Number.POSITIVE_INFINITY;
        return this.#look(
          this.#omit === "listen" ? { ...input.view, isListening: false } : input.view,
          now,
        );
      case "heard":
        return this.#heard(input.claimed);
      case "rival-gone":
        return this.#mine?.state === "held" ? [{ type: "repeat" }] : [];
      case "told":
        this.#note(input.claimed);
        return this.#isOutrankedBy(input.claimed) ? this.#stop("told") : [];
      case "silent":
        return this.#takeFromSilent(input.view, input.holder);
      case "gather":
        return this.#mayTake(input.view)
          ? this.#take(this.#above(input.view), "gathered", input.view)
          : [];
      case "foreign":
        return this.#turn("held", "conflicted");
      case "foreign-gone":
        return this.#turn("conflicted", "held");
      case "drop":
        return this.#mine === undefined ? [] : this.#stop("dropped");
    }
  }

  #look(view: ClaimView, now: number): readonly ClaimOutput[] {
    const mine = this.#mine;
    return mine === undefined ? this.#whileIdle(view, now) : this.#whileClaimed(mine, view, now);
  }

  #whileClaimed(mine: Claim, view: ClaimView, now: number): readonly ClaimOutput[] {
    for (const [node, claim] of view.others) {
      if (claim.state !== "released" && this.#isOutrankedBy({ node, claim }))
        return this.#stop("outranked");
    }
    if (mine.state === "released") return this.#whileReleased(view, now);
    if (!view.isEligible) {
      this.#releasedAt = now;
      this.#deadline = now + RELEASE_MS;
      this.#mine = { ...mine, state: "released" };
      return [{ type: "update" }];
    }
    const isNewer = view.table.epoch > mine.epoch;
    // Who hears nobody may be the one that is cut off: a table that puts another first is for that one.
    const isMine = view.isAlone ? view.table.nodes[0] === this.#me : isFirst(this.#me, view.order);
    if (isNewer && !view.isListening && isMine) {
      return this.#take({ epoch: view.table.epoch, term: 0 }, "table", view);
    }
    if (view.table.epoch <= mine.table.epoch) return [];
    this.#mine = { ...mine, table: view.table };
    return [{ type: "update" }];
  }

  #whileReleased(view: ClaimView, now: number): readonly ClaimOutput[] {
    if (view.isEligible && !view.isListening && isFirst(this.#me, view.order)) {
      return this.#take(this.#above(view), "regained", view);
    }
    if (now >= this.#releasedAt + RELEASE_MS) return this.#stop("released");
    this.#deadline = this.#releasedAt + RELEASE_MS;
    return [];
  }

  #whileIdle(view: ClaimView, now: number): readonly ClaimOutput[] {
    const rivals = [...view.others.values()].filter((claim) => claim.state !== "released");
    if (rivals.length > 0 || !view.isEligible || view.isListening) this.#unclaimedSince = undefined;
    if (!view.isEligible || view.isListening) return [];
    if (rivals.length > 0) {
      const isNewer = rivals.every((claim) => view.table.epoch > claim.epoch);
      if (!isNewer || !isFirst(this.#me, view.order)) return [];
      return this.#take({ epoch: view.table.epoch, term: 0 }, "table", view);
    }
    return this.#succeed(view, now);
  }

  /** Nobody claims the address. */
  #succeed(view: ClaimView, now: number): readonly ClaimOutput[] {
    this.#unclaimedSince ??= now;
    const place = placeOf(this.#me, view.order);
    if (place === undefined || (place > 0 && this.#omit === "backup")) return [];
    const due = this.#unclaimedSince + place * BACKUP_MS;
    if (now < due) {
      this.#deadline = due;
      return [];
    }
    return this.#take(this.#above(view), place > 0 ? "backup" : this.#causeOf(view), view);
  }

  #causeOf(view: ClaimView): ClaimCause {
    if (view.others.size > 0) return "released";
    return this.#last === undefined || this.#last.node === this.#me ? "unclaimed" : "dead";
  }

  #takeFromSilent(view: ClaimView, holder: string): readonly ClaimOutput[] {
    const claim = view.others.get(holder);
    if (claim === undefined || claim.state !== "held" || claim.isForSilence) return [];
    if (!this.#mayTake(view)) return [];
    return this.#take(this.#above(view), "silent", view);
  }

  #mayTake(view: ClaimView): boolean {
    return this.#mine === undefined && view.isEligible && !view.isListening;
  }

  /** An epoch and term above all that was seen, for who may be sure that nobody else has it. */
  #above(view: ClaimView): { readonly epoch: number; readonly term: number } {
    const { epoch, nodes } = view.table;
    const stood = this.#isCutOff(view) ? this.#last?.claim : undefined;
    // What it may be cut off from must not be beaten by what it claims now, unless the table means this node.
    if (stood !== undefined && !(epoch > stood.epoch && nodes[0] === this.#me)) return stood;
    const seen = this.#seen;
    if (seen === undefined || epoch > seen.epoch) return { epoch, term: 0 };
    return { epoch: seen.epoch, term: seen.term + 1 };
  }

  /** Whether another was the last to have it, and may have it still: this node hears nobody. */
  #isCutOff(view: ClaimView): boolean {
    return view.isAlone && this.#last !== undefined && this.#last.node !== this.#me;
  }

  #take(
    rank: { readonly epoch: number; readonly term: number },
    cause: ClaimCause,
    view: ClaimView,
  ): readonly ClaimOutput[] {
    const isNew = this.#mine === undefined;
    const probe = this.#last === undefined;
    const isForSilence = cause === "silent";
    const { epoch, term } = rank;
    const isAlone = this.#isCutOff(view);
    this.#mine = { epoch, term, table: view.table, state: "held", isForSilence, isAlone };
    this.#note({ node: this.#me, claim: this.#mine });
    this.#unclaimedSince = undefined;
    return [{ type: "claim", cause, isNew, probe }];
  }

  #heard(claimed: Claimed): readonly ClaimOutput[] {
    this.#note(claimed);
    const isRival = this.#mine?.state === "held" && claimed.claim.state !== "released";
    return isRival && !this.#isOutrankedBy(claimed) ? [{ type: "repeat" }] : [];
  }

  #note(claimed: Claimed): void {
    this.#last = claimed;
    const { epoch, term } = claimed.claim;
    const seen = this.#seen;
    const isLarger =
      seen === undefined || epoch > seen.epoch || (epoch === seen.epoch && term > seen.term);
    if (isLarger) this.#seen = { epoch, term };
  }

  #isOutrankedBy(other: Claimed): boolean {
    if (this.#mine === undefined || this.#omit === "yield") return false;
    const mine = { node: this.#me, claim: this.#mine };
    return outranks(other, mine, this.#address);
  }

  #turn(from: Claim["state"], state: Claim["state"]): readonly ClaimOutput[] {
    if (this.#mine?.state !== from) return [];
    this.#mine = { ...this.#mine, state };
    return [{ type: "update" }];
  }

  #stop(cause: StopCause): readonly ClaimOutput[] {
    this.#mine = undefined;
    this.#unclaimedSince = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
    return [{ type: "stop", cause }];
  }
}

/** How long a node goes on answering after its release when nobody takes over. */
const RELEASE_MS = 1_000;

/** What each place in the order waits longer than the one before it. */
const BACKUP_MS = 300;

function isFirst(node: string, order: Iterable<string>): boolean {
  for (const first of order) return first === node;
  return false;
}

function placeOf(node: string, order: Iterable<string>): number | undefined {
  let place = 0;
  for (const candidate of order) {
    if (candidate === node) return place;
    place += 1;
  }
  return undefined;
}

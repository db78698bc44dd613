import type { ConflictSighting } from "../dataplane/messages.ts";

// Who else claims what this node answers for.
//
//                    | unknown             | suspected                   | known
//  sighting, a peer  | suspected           | known if it lasts           | known, time anew
//  sighting, another | known, told         | known, told                 | known, time anew
//  not announced     | -                   | unknown                     | unknown, told
//  its time is over  | -                   | unknown                     | unknown, told
//
// A peer is another node's speaker. While an address moves from one to the other both have it for a
// moment, which is how nothing gets lost; only when it lasts something is wrong.

/** Another host that claims an address. */
export interface Claimant {
  readonly mac: string;
  readonly interface: string;
  /** Whether this node answers for the address all the same. */
  readonly kept: boolean;
  /** The node whose speaker it is; undefined: a stranger. */
  readonly peer: string | undefined;
}

/** What happens to {@link Conflicts}. */
export type ConflictsInput =
  | {
      readonly type: "seen";
      readonly sighting: ConflictSighting;
      /** The node whose speaker the other is, if it is one's. */
      readonly peer: string | undefined;
    }
  /** The addresses that this node answers for, whole. */
  | { readonly type: "announced"; readonly addresses: ReadonlySet<string> }
  | { readonly type: "tick" };

/** Keeps the conflicts of this node. Holds no timer: tick it at its deadline. Never throws. */
export class Conflicts {
  readonly #contests = new Map<string, Map<string, Contender>>();
  #announced: ReadonlySet<string> = new Set();
  #deadline = Number.POSITIVE_INFINITY;

  /** When to tick next; infinite while there is no conflict. It may come early, never late. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Those who claim an address, in a fixed order; empty when nobody does. */
  of(address: string): readonly Claimant[] {
    const contenders = this.#contests.get(address)?.values() ?? [];
    return Array.from(contenders)
      .filter(({ isKnown }) => isKnown)
      .map(({ claimant }) => claimant)
      .sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  }

  /** The addresses whose claimants changed. */
  handle(input: ConflictsInput, now: number): readonly string[] {
    switch (input.type) {
      case "seen":
        return this.#see(input.sighting, input.peer, now) ? [input.sighting.address] : [];
      case "announced":
        this.#announced = input.addresses;
        return this.#drop((address) => !input.addresses.has(address));
      case "tick":
        return this.#drop((_, { seenAt }) => seenAt + GONE_MS <= now);
    }
  }

  #see(sighting: ConflictSighting, peer: string | undefined, now: number): boolean {
    const { address, ...rest } = sighting;
    if (!this.#announced.has(address)) return false;
    const contenders = this.#contests.get(address) ?? new Map<string, Contender>();
    const claimant: Claimant = { ...rest, peer };
    const known = contenders.get(idOf(claimant));
    if (known === undefined && contenders.size >= MOST_CLAIMANTS) return false;
    const since = known?.since ?? now;
    const isKnown = known?.isKnown === true || peer === undefined || now >= since + LASTING_MS;
    const isChange = JSON.stringify(known?.claimant) !== JSON.stringify(claimant);
    contenders.set(idOf(claimant), { claimant, since, seenAt: now, isKnown });
    this.#contests.set(address, contenders);
    this.#deadline = Math.min(this.#deadline, now + GONE_MS);
    return isKnown && (isChange || known?.isKnown !== true);
  }

  #drop(isOver: (address: string, contender: Contender) => boolean): readonly string[] {
    const changed: string[] = [];
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const [address, contenders] of this.#contests) {
      const before = this.of(address).length;
      for (const [id, contender] of contenders) {
        if (isOver(address, contender)) contenders.delete(id);
        else this.#deadline = Math.min(this.#deadline, contender.seenAt + GONE_MS);
      }
      if (this.of(address).length !== before) changed.push(address);
      if (contenders.size === 0) this.#contests.delete(address);
    }
    return changed;
  }
}

/** A claimant, or one who may just be handing the address over. */
interface Contender {
  readonly claimant: Claimant;
  readonly since: number;
  readonly seenAt: number;
  readonly isKnown: boolean;
}

function idOf({ interface: name, mac }: Claimant): string {
  return `${name} ${mac}`;
}

/** Sightings come every ten seconds while a conflict lasts, so this is several in a row. */
const GONE_MS = 40_000;
/** Longer than a planned move takes, shorter than from one sighting to the next. */
const LASTING_MS = 3_000;
/** Whoever sends with made-up hardware addresses gets no further than this. */
const MOST_CLAIMANTS = 4;

import type { ConflictSighting } from "../dataplane/messages.ts";

// Who else claims what this node answers for, and is no speaker that it knows by its hellos.
//
//                    | unknown             | known
//  sighting          | known, told         | known, time anew; told when it says otherwise
//  not claimed here  | -                   | unknown, told
//  free again        | -                   | unknown, told
//  its time is over  | -                   | unknown, told

/** Another host that claims an address. */
export interface Claimant {
  readonly mac: string;
  readonly interface: string;
  /** Whether this node answers for the address all the same. */
  readonly kept: boolean;
  /** The node whose Lease says that it has that hardware address; undefined: a stranger. */
  readonly peer: string | undefined;
}

/** What happens to {@link Conflicts}. */
export type ConflictsInput =
  | {
      readonly type: "seen";
      readonly sighting: ConflictSighting;
      /** The node whose Lease says that it has that hardware address, if one does. */
      readonly peer: string | undefined;
    }
  /** The addresses that this node claims, whole. */
  | { readonly type: "announced"; readonly addresses: ReadonlySet<string> }
  /** An address that had been given up is free again. */
  | { readonly type: "free"; readonly address: string }
  | { readonly type: "tick" };

/** Keeps the conflicts of this node. Holds no timer: tick it at its deadline. Never throws. */
export class Conflicts {
  readonly #contests = new Map<string, Map<string, Seen>>();
  #announced: ReadonlySet<string> = new Set();
  #deadline = Number.POSITIVE_INFINITY;

  /** When to tick next; infinite while there is no conflict. It may come early, never late. */
  get deadline(): number {
    return this.#deadline;
  }

  /** The addresses that another host claims, in a fixed order. */
  get addresses(): readonly string[] {
    return [...this.#contests.keys()].sort();
  }

  /** Those who claim an address, in a fixed order; empty when nobody does. */
  of(address: string): readonly Claimant[] {
    const contenders = this.#contests.get(address)?.values() ?? [];
    return Array.from(contenders, ({ claimant }) => claimant).sort((a, b) =>
      idOf(a) < idOf(b) ? -1 : 1,
    );
  }

  /** The addresses whose claimants changed. */
  handle(input: ConflictsInput, now: number): readonly string[] {
    switch (input.type) {
      case "seen":
        return this.#see(input.sighting, input.peer, now) ? [input.sighting.address] : [];
      case "announced":
        this.#announced = input.addresses;
        return this.#drop((address) => !input.addresses.has(address));
      case "free":
        return this.#drop((address) => address === input.address);
      case "tick":
        return this.#drop((_, { seenAt }) => seenAt + GONE_MS <= now);
    }
  }

  #see(sighting: ConflictSighting, peer: string | undefined, now: number): boolean {
    const { address, ...rest } = sighting;
    if (!this.#announced.has(address)) return false;
    const contenders = this.#contests.get(address) ?? new Map<string, Seen>();
    const claimant: Claimant = { ...rest, peer };
    const known = contenders.get(idOf(claimant));
    if (known === undefined && contenders.size >= MOST_CLAIMANTS) return false;
    contenders.set(idOf(claimant), { claimant, seenAt: now });
    this.#contests.set(address, contenders);
    this.#deadline = Math.min(this.#deadline, now + GONE_MS);
    return JSON.stringify(known?.claimant) !== JSON.stringify(claimant);
  }

  #drop(isOver: (address: string, contender: Seen) => boolean): readonly string[] {
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

interface Seen {
  readonly claimant: Claimant;
  readonly seenAt: number;
}

function idOf({ interface: name, mac }: Claimant): string {
  return `${name} ${mac}`;
}

/** An address that was given up is looked at every 30 s, and a look takes a second. */
const GONE_MS = 40_000;
/** Whoever sends with made-up hardware addresses gets no further than this. */
const MOST_CLAIMANTS = 4;

import { type Eligible, newer } from "@ingot/ownership";
import type { DesiredGroup } from "../dataplane/messages.ts";
import type { Key } from "../domain.ts";
import type { Candidacy } from "./announcement.ts";

/**
 * The groups of addresses that one node is to answer for: those of each Service, united with those of
 * all that share one of them. The newest table counts, and a node has to be eligible for all. A group
 * that is what it was stays the same object.
 */
export class Groups {
  #made: ReadonlyMap<string, Made> = new Map();

  /** All of them. */
  of(candidacies: ReadonlyMap<Key, Candidacy>): readonly DesiredGroup[] {
    const before = this.#made;
    const made = Array.from(draft(candidacies), ({ members }) => {
      // In a fixed order: every node has to come to the same first address.
      const sorted = [...members].sort(([one], [other]) => (one < other ? -1 : 1));
      const name = sorted.map(([key]) => key).join(", ");
      const known = before.get(name);
      const isSame =
        known?.members.length === sorted.length &&
        sorted.every(([, candidacy], i) => candidacy === known.members[i]);
      if (known !== undefined && isSame) return known;
      const all = sorted.map(([, candidacy]) => candidacy);
      return { members: all, group: unite(name, all) };
    });
    this.#made = new Map(made.map((one) => [one.group.name, one]));
    return made.map(({ group }) => group);
  }
}

interface Made {
  readonly members: readonly Candidacy[];
  readonly group: DesiredGroup;
}

function draft(candidacies: ReadonlyMap<Key, Candidacy>): ReadonlySet<Draft> {
  const drafts = new Map<string, Draft>();
  for (const [key, candidacy] of candidacies) {
    const joined = new Set(candidacy.addresses.map((address) => drafts.get(address)));
    const others = [...joined].filter((one) => one !== undefined);
    const mine = others[0] ?? { members: new Map<Key, Candidacy>() };
    mine.members.set(key, candidacy);
    for (const address of candidacy.addresses) drafts.set(address, mine);
    for (const other of others.slice(1)) {
      for (const [member, its] of other.members) {
        mine.members.set(member, its);
        for (const address of its.addresses) drafts.set(address, mine);
      }
    }
  }
  return new Set(drafts.values());
}

interface Draft {
  readonly members: Map<Key, Candidacy>;
}

function unite(name: string, all: readonly Candidacy[]): DesiredGroup {
  return {
    name,
    addresses: [...new Set(all.flatMap(({ addresses }) => addresses))],
    table: all.map(({ table }) => table).reduce(newer),
    eligible: all.map(({ eligible }) => eligible).reduce(common),
    interfaces: [...new Set(all.flatMap(({ interfaces }) => interfaces))],
    places: all.some(({ places }) => places.length === 0)
      ? []
      : [...new Set(all.flatMap(({ places }) => places))],
  };
}

/** Those of both; of the first where there is none, as an address that nobody answers for helps nobody. */
function common(one: Eligible, other: Eligible): Eligible {
  if (one === other) return one;
  const both = new Map([...one].filter(([node]) => other.has(node)));
  return both.size === 0 ? one : both;
}

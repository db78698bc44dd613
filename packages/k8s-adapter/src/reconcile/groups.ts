import type { Eligible, Table } from "@ingot/ownership";
import type { DesiredGroup } from "../dataplane/messages.ts";
import type { Key } from "../domain.ts";
import type { Candidacy } from "./announcement.ts";

/**
 * The groups of addresses that one node is to answer for: those of each Service, united with those of
 * all that share one of them. The newest table counts, and a node has to be eligible for all.
 */
export function groupsOf(candidacies: ReadonlyMap<Key, Candidacy>): readonly DesiredGroup[] {
  const drafts = new Map<string, Draft>();
  for (const [key, candidacy] of candidacies) {
    const joined = new Set(candidacy.addresses.map((address) => drafts.get(address)));
    const others = [...joined].filter((draft) => draft !== undefined);
    const draft = others[0] ?? { members: new Map<Key, Candidacy>() };
    draft.members.set(key, candidacy);
    for (const other of others.slice(1)) {
      for (const [member, its] of other.members) draft.members.set(member, its);
    }
    for (const { addresses } of draft.members.values()) {
      for (const address of addresses) drafts.set(address, draft);
    }
  }
  return Array.from(new Set(drafts.values()), groupOf);
}

interface Draft {
  readonly members: Map<Key, Candidacy>;
}

function groupOf({ members }: Draft): DesiredGroup {
  // In a fixed order: every node has to come to the same first address.
  const sorted = [...members].sort(([one], [other]) => (one < other ? -1 : 1));
  const all = sorted.map(([, candidacy]) => candidacy);
  return {
    name: sorted.map(([key]) => key).join(", "),
    addresses: [...new Set(all.flatMap(({ addresses }) => addresses))],
    table: all.map(({ table }) => table).reduce(newest),
    eligible: all.map(({ eligible }) => eligible).reduce(common),
    interfaces: [...new Set(all.flatMap(({ interfaces }) => interfaces))],
    places: all.some(({ places }) => places.length === 0)
      ? []
      : [...new Set(all.flatMap(({ places }) => places))],
  };
}

function newest(one: Table, other: Table): Table {
  return other.epoch > one.epoch ? other : one;
}

/** Those of both; of the first where there is none, as an address that nobody answers for helps nobody. */
function common(one: Eligible, other: Eligible): Eligible {
  if (one === other) return one;
  const both = new Map([...one].filter(([node]) => other.has(node)));
  return both.size === 0 ? one : both;
}

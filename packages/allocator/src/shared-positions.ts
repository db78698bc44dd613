import { ChurnMap } from "./churn-map.ts";
import { type MapEntry, OrderedMap } from "./ordered-map.ts";
import { PortBits } from "./port-bits.ts";
import type { Sharing } from "./slot.ts";

/**
 * The positions whose addresses are shared, and how to find the lowest one to join.
 *
 * There is a tree for each key and backend. So that a search need not look at each position, every
 * entry knows a few sets of ports, its cover: each position from there down has all ports of one of
 * them. Where a request wants a port of every set, the whole subtree is passed over. That is exact
 * while the sets differ in few ways, and a search then takes O(log n) steps. Where they differ in
 * many, a request for several ports may look at more positions: whether two sets are disjoint has
 * no index that is always fast.
 */
export class SharedPositions {
  readonly #groups = new ChurnMap<Group>();

  /** Counts one owner more at a position. */
  join(position: bigint, sharing: Sharing): void {
    const name = groupOf(sharing);
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = { bits: new PortBits(), tree: new OrderedMap(settle) };
      this.#groups.set(name, group);
    }
    const ports = group.bits.take(sharing.ports);
    const place = group.tree.get(position) ?? { owners: 0, ports: 0n, cover: [] };
    place.owners += 1;
    place.ports |= ports;
    group.tree.set(position, place);
  }

  /** Counts one owner less, which joined there on these terms. */
  leave(position: bigint, sharing: Sharing): void {
    const name = groupOf(sharing);
    const group = this.#groups.get(name);
    const place = group?.tree.get(position);
    if (group === undefined || place === undefined) return;
    place.owners -= 1;
    place.ports ^= group.bits.give(sharing.ports);
    if (place.owners > 0) group.tree.set(position, place);
    else group.tree.delete(position);
    if (group.tree.root === undefined) this.#groups.delete(name);
  }

  /** The lowest position that an owner may join on these terms. */
  lowest(sharing: Sharing): bigint | undefined {
    const group = this.#groups.get(groupOf(sharing));
    return group && lowestIn(group.tree.root, group.bits.of(sharing.ports));
  }
}

interface Group {
  readonly bits: PortBits;
  readonly tree: OrderedMap<Place>;
}

interface Place {
  owners: number;
  /** In use here. */
  ports: bigint;
  /** Each of the places from here down uses all ports of one of these. */
  cover: readonly bigint[];
}

function groupOf({ key, backend }: Sharing): string {
  return JSON.stringify([key, backend]);
}

function lowestIn(entry: MapEntry<Place> | undefined, ports: bigint): bigint | undefined {
  if (entry === undefined || entry.value.cover.every((set) => (set & ports) !== 0n)) {
    return undefined;
  }
  const lower = lowestIn(entry.left, ports);
  if (lower !== undefined) return lower;
  return (entry.value.ports & ports) === 0n ? entry.key : lowestIn(entry.right, ports);
}

function settle(place: Place, left: Place | undefined, right: Place | undefined): void {
  let cover = left?.cover ?? right?.cover ?? [];
  if (left !== undefined) for (const set of right?.cover ?? []) cover = widened(cover, set);
  place.cover = widened(cover, place.ports);
}

/** A cover that holds for places with these ports too: mostly the same one. */
function widened(cover: readonly bigint[], ports: bigint): readonly bigint[] {
  for (const set of cover) if ((set & ports) === set) return cover;
  const others = cover.filter((set) => (set & ports) !== ports);
  if (others.length < COVER) return [...others, ports];
  // Two sets become what they have in common. The first that has anything in common with the new
  // one is a good choice: among { 80, 1 }, { 443, 2 }, { 80, 3 }, ... this finds 80 and 443.
  const kin = Math.max(
    others.findIndex((set) => (set & ports) !== 0n),
    0,
  );
  const common = (others[kin] ?? 0n) & ports;
  return widened(others.toSpliced(kin, 1), common);
}

/** Enough for every way in which pairs of ports can clash (three ports, two each). */
const COVER = 4;

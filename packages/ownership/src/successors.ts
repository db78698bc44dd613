import type { Tables } from "./assign.ts";
import type { AssignableGroup, Loads } from "./loads.ts";

/**
 * Completes each group's list: for the groups of one node, their second nodes are chosen so that its
 * death leaves the others evenly loaded, and then the third for the death of both. What was listed
 * before stays where that does no harm.
 *
 * @param firsts by group, the place of its first node.
 * @returns places of nodes by group.
 */
export function balanceSuccessors(
  previous: Tables,
  groups: readonly AssignableGroup[],
  firsts: readonly (number | undefined)[],
  loads: Loads,
  depth: number,
): readonly (readonly number[])[] {
  const lists = firsts.map((first) => (first === undefined ? [] : [first]));
  const owned = loads.names.map((): number[] => []);
  for (const [i, first] of firsts.entries()) if (first !== undefined) owned[first]?.push(i);
  for (let rank = 1; rank < depth; rank++) {
    for (const mine of owned) {
      const inherited = new Float64Array(loads.names.length);
      const open: number[] = [];
      for (const i of mine) {
        const group = groups[i];
        const list = lists[i];
        if (group === undefined || list === undefined || list.length < rank) continue;
        const before = keptSuccessor(previous, group, list, rank, loads);
        if (before === undefined) open.push(i);
        else {
          list.push(before);
          inherited[before] = (inherited[before] ?? 0) + 1;
        }
      }
      for (const i of open) {
        const place = successorOf(groups[i], lists[i] ?? [], inherited, loads);
        if (place === undefined) continue;
        lists[i]?.push(place);
        inherited[place] = (inherited[place] ?? 0) + 1;
      }
      level(mine, groups, lists, inherited, rank, loads);
    }
  }
  return lists;
}

/** The node that had this rank before, unless it may no longer have it. */
function keptSuccessor(
  previous: Tables,
  group: AssignableGroup,
  list: readonly number[],
  rank: number,
  loads: Loads,
): number | undefined {
  const name = previous.get(group.id)?.nodes[rank];
  if (name === undefined || !group.eligible.has(name)) return undefined;
  const place = loads.places.get(name);
  return place === undefined || list.includes(place) ? undefined : place;
}

function successorOf(
  group: AssignableGroup | undefined,
  list: readonly number[],
  inherited: Float64Array,
  loads: Loads,
): number | undefined {
  if (group === undefined) return undefined;
  for (const tier of loads.tiersOf(group)) {
    const place = loads.least(tier, inherited, (candidate) => list.includes(candidate));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Moves successors that were kept from where they would weigh most, until they differ by two at most. */
function level(
  mine: readonly number[],
  groups: readonly AssignableGroup[],
  lists: readonly number[][],
  inherited: Float64Array,
  rank: number,
  loads: Loads,
): void {
  for (const i of mine) {
    const list = lists[i];
    const at = list?.[rank];
    if (list === undefined || at === undefined) continue;
    inherited[at] = (inherited[at] ?? 0) - 1;
    const better = successorOf(groups[i], list.slice(0, rank), inherited, loads) ?? at;
    const gain = loads.load(at, inherited[at] ?? 0) - loads.load(better, inherited[better] ?? 0);
    const chosen = gain > loads.load(better, 1) - loads.load(better, 0) ? better : at;
    list[rank] = chosen;
    inherited[chosen] = (inherited[chosen] ?? 0) + 1;
  }
}

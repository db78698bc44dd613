import { type AssignableGroup, type AssignableNode, Loads } from "./loads.ts";
import { balanceSuccessors } from "./successors.ts";
import { nextEpoch, type Table } from "./table.ts";

/** How a decision is made. */
export interface AssignOptions {
  /** The time, for epochs of new decisions. */
  readonly unixSeconds: number;
  /** How many nodes a table lists; 2 to 16, by default 3. */
  readonly depth?: number;
}

/** Tables by the id of their group. */
export type Tables = ReadonlyMap<string, Table>;

/**
 * Decides who is to answer for each group, and who after whom.
 *
 * Even: loads (groups for a node's weight) differ by at most one group among the nodes that are
 * eligible for the same groups. Sticky: a group stays where it is while that node is eligible, whoever
 * joins or returns. And whichever one node dies, its groups fall to the others so that their loads
 * differ by at most two groups more than they do now.
 *
 * @returns a table for each group that has an eligible node; the very same object where nothing changed.
 * @throws {RangeError} when `depth` or a weight is out of its range.
 */
export function assign(
  previous: Tables,
  groups: readonly AssignableGroup[],
  nodes: readonly AssignableNode[],
  options: AssignOptions,
): Map<string, Table> {
  const depth = options.depth ?? 3;
  if (!(depth >= 2 && depth <= 16)) {
    throw new RangeError(`depth must be from 2 to 16, got ${depth}`);
  }
  const loads = new Loads(nodes);
  const firsts = firstNodes(previous, groups, loads);
  const lists = balanceSuccessors(previous, groups, firsts, loads, depth);
  const tables = new Map<string, Table>();
  for (const [i, { id }] of groups.entries()) {
    const list = lists[i] ?? [];
    if (list.length === 0) continue;
    const before = previous.get(id);
    if (before !== undefined && isSame(before.nodes, list, loads)) tables.set(id, before);
    else {
      const epoch = nextEpoch(before?.epoch ?? 0, options.unixSeconds);
      tables.set(id, { epoch, nodes: list.map((place) => loads.names[place] ?? "") });
    }
  }
  return tables;
}

/** The table after a failover: who answers now is first, and nothing moves. */
export function adopt(table: Table, holder: string, unixSeconds: number): Table {
  if (table.nodes[0] === holder) return table;
  const others = table.nodes.filter((node) => node !== holder);
  return { epoch: nextEpoch(table.epoch, unixSeconds), nodes: [holder, ...others].slice(0, 16) };
}

/** By group, the place of its first node: as before, or the least loaded; undefined when there is none. */
function firstNodes(
  previous: Tables,
  groups: readonly AssignableGroup[],
  loads: Loads,
): (number | undefined)[] {
  const firsts = groups.map((group) => {
    const [name] = previous.get(group.id)?.nodes ?? [];
    const place =
      name !== undefined && group.eligible.has(name) ? loads.places.get(name) : undefined;
    if (place !== undefined) loads.add(place, 1);
    return place;
  });
  const isFree = () => false;
  // Those with little choice choose first.
  const open = [...groups.keys()]
    .filter((i) => firsts[i] === undefined)
    .map((i) => ({ i, tier: tierOf(groups[i], loads) }))
    .sort((one, other) => one.tier.length - other.tier.length);
  for (const { i, tier } of open) {
    const place = loads.least(tier, undefined, isFree);
    firsts[i] = place;
    if (place !== undefined) loads.add(place, 1);
  }
  return firsts;
}

/** The preferred nodes. */
function tierOf(group: AssignableGroup | undefined, loads: Loads): readonly number[] {
  return group === undefined ? [] : (loads.tiersOf(group)[0] ?? []);
}

function isSame(names: readonly string[], places: readonly number[], loads: Loads): boolean {
  return (
    names.length === places.length && names.every((name, i) => loads.places.get(name) === places[i])
  );
}

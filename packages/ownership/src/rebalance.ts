import type { AssignOptions, Tables } from "./assign.ts";
import { type AssignableGroup, type AssignableNode, Loads } from "./loads.ts";
import { nextEpoch, type Table } from "./table.ts";

/** One group that goes to another node, and the table that says so. */
export interface Move {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly table: Table;
}

/**
 * The fewest moves after which loads are even again and every group is where its preference wants it,
 * in an order in which they can be made one by one. Successors are left to the next {@link assign}.
 *
 * @param previous what holds now; groups without a table, or whose node is gone, are left out.
 * @throws {RangeError} when a weight is out of its range.
 */
export function rebalance(
  previous: Tables,
  groups: readonly AssignableGroup[],
  nodes: readonly AssignableNode[],
  options: Pick<AssignOptions, "unixSeconds">,
): readonly Move[] {
  const loads = new Loads(nodes);
  const seats = groups.flatMap((group): Seated[] => {
    const at = loads.places.get(previous.get(group.id)?.nodes[0] ?? "");
    const [tier = []] = loads.tiersOf(group);
    if (at === undefined || tier.length === 0) return [];
    loads.add(at, 1);
    return [{ group, from: at, at, tier }];
  });
  for (const seat of seats) if (!seat.tier.includes(seat.at)) settle(seat, loads);
  for (;;) {
    const path = pathDown(seats, loads);
    if (path === undefined) break;
    for (const { seat, to } of path) move(seat, to, loads);
  }
  return seats
    .filter(({ from, at }) => from !== at)
    .map(({ group, from, at }) => {
      const [source = "", to = ""] = [loads.names[from], loads.names[at]];
      const before = previous.get(group.id);
      const rest = (before?.nodes ?? []).filter((node) => node !== to);
      const epoch = nextEpoch(before?.epoch ?? 0, options.unixSeconds);
      return {
        id: group.id,
        from: source,
        to,
        table: { epoch, nodes: [to, ...rest].slice(0, 16) },
      };
    });
}

interface Seated {
  readonly group: AssignableGroup;
  readonly from: number;
  at: number;
  readonly tier: readonly number[];
}

interface Step {
  readonly seat: Seated;
  readonly to: number;
}

function settle(seat: Seated, loads: Loads): void {
  const to = loads.least(seat.tier, undefined, () => false);
  if (to !== undefined) move(seat, to, loads);
}

function move(seat: Seated, to: number, loads: Loads): void {
  loads.add(seat.at, -1);
  loads.add(to, 1);
  seat.at = to;
}

/**
 * Moves that take one group off a node and put one on a node that carries less even then: straight, or
 * by way of others whose groups may go where the first one's may not. The shortest there is.
 */
function pathDown(seats: readonly Seated[], loads: Loads): readonly Step[] | undefined {
  const byNode = new Map<number, Seated[]>();
  for (const seat of seats) {
    const mine = byNode.get(seat.at);
    if (mine === undefined) byNode.set(seat.at, [seat]);
    else mine.push(seat);
  }
  const heaviestFirst = [...byNode.keys()].sort((a, b) => loads.load(b, 0) - loads.load(a, 0));
  for (const start of heaviestFirst) {
    const path = pathFrom(start, byNode, loads);
    if (path !== undefined) return path;
  }
  return undefined;
}

function pathFrom(
  start: number,
  byNode: ReadonlyMap<number, readonly Seated[]>,
  loads: Loads,
): readonly Step[] | undefined {
  const reached = new Map<number, readonly Step[]>([[start, []]]);
  for (const [node, steps] of reached) {
    let best: readonly Step[] | undefined;
    let least = loads.load(start, 0);
    for (const seat of byNode.get(node) ?? []) {
      for (const to of seat.tier) {
        if (reached.has(to)) continue;
        const path = [...steps, { seat, to }];
        reached.set(to, path);
        const load = loads.load(to, 1);
        if (load >= least - EPSILON) continue;
        best = path;
        least = load;
      }
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** Weights are fractions: equal loads may differ in their last digit. */
const EPSILON = 1e-9;

import type { Eligible } from "./order.ts";

/**
 * Who answers for each group and who would inherit it, counted, so that one group can be decided
 * without a look at the others. What {@link assign} does for all groups at once this does for one: a
 * group that comes goes to the least loaded, and its successors are those who would have least then.
 */
export class Seating {
  readonly #lists = new Map<string, readonly string[]>();
  readonly #firsts = new Map<string, number>();
  /** By first node and rank (1: the second node), how many groups each node would inherit. */
  readonly #heirs = new Map<string, Map<string, number>>();

  /** The nodes of a group, as they were seated; none when it is not. */
  nodesOf(id: string): readonly string[] {
    return this.#lists.get(id) ?? [];
  }

  /** How many groups a node is the first for. */
  load(node: string): number {
    return this.#firsts.get(node) ?? 0;
  }

  /** How many groups each node is the first for, where that is any. */
  get loads(): ReadonlyMap<string, number> {
    return this.#firsts;
  }

  /** Seats a group, or seats it anew; no nodes: it is gone. */
  seat(id: string, nodes: readonly string[]): void {
    const before = this.#lists.get(id);
    if (before === nodes) return;
    if (before !== undefined) this.#count(before, -1);
    if (nodes.length === 0) {
      this.#lists.delete(id);
      return;
    }
    this.#lists.set(id, nodes);
    this.#count(nodes, 1);
  }

  /**
   * A group's nodes: those given, in their order, and as many more as there are eligible ones up to
   * `depth`; of the best score that is left, the least loaded. Ask it of a group that is not seated.
   */
  complete(eligible: Eligible, given: readonly string[], depth = 3): readonly string[] {
    const nodes = [...given];
    while (nodes.length < depth) {
      const next = this.#least(eligible, nodes);
      if (next === undefined) break;
      nodes.push(next);
    }
    return nodes;
  }

  #least(eligible: Eligible, taken: readonly string[]): string | undefined {
    const [first] = taken;
    const heirs = first === undefined ? undefined : this.#heirs.get(slot(first, taken.length));
    let best: string | undefined;
    let bestScore = Number.NEGATIVE_INFINITY;
    let least = 0;
    for (const [node, score] of eligible) {
      if (score < bestScore || taken.includes(node)) continue;
      const load = this.load(node) + (heirs?.get(node) ?? 0);
      const isBetter = score > bestScore || load < least || (load === least && node < (best ?? ""));
      if (!isBetter) continue;
      best = node;
      bestScore = score;
      least = load;
    }
    return best;
  }

  #count(nodes: readonly string[], by: number): void {
    const [first = ""] = nodes;
    add(this.#firsts, first, by);
    for (const [rank, node] of nodes.entries()) {
      if (rank === 0) continue;
      const name = slot(first, rank);
      const heirs = this.#heirs.get(name) ?? new Map<string, number>();
      add(heirs, node, by);
      if (heirs.size === 0) this.#heirs.delete(name);
      else this.#heirs.set(name, heirs);
    }
  }
}

function slot(first: string, rank: number): string {
  return `${rank} ${first}`;
}

function add(counts: Map<string, number>, node: string, by: number): void {
  const count = (counts.get(node) ?? 0) + by;
  if (count === 0) counts.delete(node);
  else counts.set(node, count);
}

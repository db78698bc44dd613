/** A node that groups can be assigned to. */
export interface AssignableNode {
  readonly name: string;
  /** How much it takes compared with others; above 0, by default 1. */
  readonly weight?: number;
}

/** A group that is to be assigned. */
export interface AssignableGroup {
  readonly id: string;
  /** Names of nodes that may answer, with their preference scores; those not known are left out. */
  readonly eligible: ReadonlyMap<string, number>;
}

/** The eligible nodes of a group by their places in the list of nodes, in tiers of one score each. */
export type Tiers = readonly (readonly number[])[];

/** The nodes by place, and how much each has to carry. */
export class Loads {
  readonly names: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  readonly #weights: Float64Array;
  readonly #counts: Float64Array;
  /** Groups often share one list of eligible nodes: it is read once. */
  readonly #tiers = new Map<ReadonlyMap<string, number>, Tiers>();

  /** @throws {RangeError} when a weight is not above 0, or two nodes have one name. */
  constructor(nodes: readonly AssignableNode[]) {
    // By name, so that the order in which somebody lists the nodes decides nothing.
    const sorted = [...nodes].sort((one, other) => (one.name < other.name ? -1 : 1));
    this.names = sorted.map(({ name }) => name);
    this.places = new Map(this.names.map((name, place) => [name, place]));
    this.#counts = new Float64Array(sorted.length);
    this.#weights = Float64Array.from(sorted, ({ name, weight = 1 }) => {
      if (weight > 0 && Number.isFinite(weight)) return weight;
      throw new RangeError(`weight of ${name} must be above 0, got ${weight}`);
    });
    if (this.places.size < sorted.length) {
      const twice = this.names.find((name, i) => name === this.names[i + 1]);
      throw new RangeError(`nodes must have different names, got ${twice} twice`);
    }
  }

  count(place: number): number {
    return this.#counts[place] ?? 0;
  }

  add(place: number, groups: number): void {
    this.#counts[place] = this.count(place) + groups;
  }

  /** What a node carries for its weight, with `more` groups besides. */
  load(place: number, more: number): number {
    return (this.count(place) + more) / (this.#weights[place] ?? 1);
  }

  /** The node that would carry least with one group more; `extra` counts besides what it has. */
  least(
    candidates: readonly number[],
    extra: ArrayLike<number> | undefined,
    isTaken: (place: number) => boolean,
  ): number | undefined {
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const place of candidates) {
      const load = this.load(place, 1 + (extra?.[place] ?? 0));
      if (load >= least || isTaken(place)) continue;
      best = place;
      least = load;
    }
    return best;
  }

  tiersOf({ eligible }: AssignableGroup): Tiers {
    const known = this.#tiers.get(eligible);
    if (known !== undefined) return known;
    const byScore = new Map<number, number[]>();
    for (const [node, score] of eligible) {
      const place = this.places.get(node);
      if (place === undefined) continue;
      const tier = byScore.get(score);
      if (tier === undefined) byScore.set(score, [place]);
      else tier.push(place);
    }
    const scores = [...byScore.keys()].sort((one, other) => other - one);
    const tiers = scores.map((score) => (byScore.get(score) ?? []).sort((a, b) => a - b));
    this.#tiers.set(eligible, tiers);
    return tiers;
  }
}

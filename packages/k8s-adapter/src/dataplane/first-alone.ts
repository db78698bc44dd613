import { type Group, NO_TABLE, order } from "@ingot/ownership";

/**
 * Groups as MetalLB would have them: no table, and of the eligible nodes only the first live one of its
 * election. So an address goes back to a node that returns, as there.
 */
export class FirstAlone {
  readonly #made = new WeakMap<Group, Made>();

  /**
   * The groups with nobody eligible but the first that is live; the same objects as before where that is
   * the same node.
   *
   * @param isLive Whether a node could answer now; `interfaces` are those of the group.
   */
  of(
    groups: readonly Group[],
    isLive: (node: string, interfaces: readonly string[]) => boolean,
  ): readonly Group[] {
    return groups.map((group) => {
      const made = this.#made.get(group);
      const ranked = made?.ranked ?? order(group.addresses[0] ?? "", NO_TABLE, group.eligible);
      const first = ranked.find((node) => isLive(node, group.interfaces));
      if (made !== undefined && made.first === first) return made.group;
      const eligible = new Map(first === undefined ? [] : [[first, 0]]);
      const alone = { ...group, table: NO_TABLE, eligible };
      this.#made.set(group, { ranked, first, group: alone });
      return alone;
    });
  }
}

interface Made {
  readonly ranked: readonly string[];
  readonly first: string | undefined;
  readonly group: Group;
}

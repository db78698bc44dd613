import { type Group, NO_TABLE, order } from "@ingot/ownership";

/**
 * The groups as MetalLB would have them: no table, and of the eligible nodes only the first live one
 * of its election. So the address goes back to a node that returns, as there.
 *
 * @param isLive Whether a node could answer now; `interfaces` are those of the group.
 */
export function firstAlone<G extends Group>(
  groups: readonly G[],
  isLive: (node: string, interfaces: readonly string[]) => boolean,
): readonly G[] {
  return groups.map((group) => {
    const [address = ""] = group.addresses;
    const ranked = order(address, NO_TABLE, group.eligible);
    const first = ranked.find((node) => isLive(node, group.interfaces));
    const eligible = new Map(first === undefined ? [] : [[first, 0]]);
    return { ...group, table: NO_TABLE, eligible };
  });
}

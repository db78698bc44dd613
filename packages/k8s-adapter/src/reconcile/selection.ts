import { matches } from "../config/selector.ts";
import type { EndpointSliceRecord, LabelSelector, PoolRecord } from "../domain.ts";

/** What every kind of advertisement has to say about the pools that it means. */
export interface PoolSelection {
  readonly pools: readonly string[];
  readonly poolSelectors: readonly LabelSelector[];
}

/** Whether an advertisement means a pool; one that names none means all. */
export function selectsPool(advertisement: PoolSelection, pool: PoolRecord): boolean {
  const { pools, poolSelectors } = advertisement;
  if (pools.length === 0 && poolSelectors.length === 0) return true;
  if (pools.includes(pool.name)) return true;
  return poolSelectors.some((selector) => matches(selector, pool.labels));
}

/** Whether any of the selectors is satisfied; when there are none, everything is selected. */
export function anyMatches(
  selectors: readonly LabelSelector[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return selectors.length === 0 || selectors.some((selector) => matches(selector, labels));
}

/** The nodes that have an endpoint which can serve. */
export function servingNodes(
  slices: Iterable<Pick<EndpointSliceRecord, "servingNodes">>,
): ReadonlySet<string> {
  const nodes = new Set<string>();
  for (const slice of slices) {
    for (const node of slice.servingNodes) nodes.add(node);
  }
  return nodes;
}

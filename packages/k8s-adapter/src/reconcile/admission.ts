import { matches } from "../config/selector.ts";
import type { Key, NamespaceRecord, PoolRecord, ServiceRecord } from "../domain.ts";
import { compareText } from "./pools.ts";
import { anyMatches } from "./selection.ts";

/** Why a pool does not take a Service, in words that follow its name; empty when it does. */
export function refusal(
  pool: PoolRecord,
  service: ServiceRecord,
  namespaces: ReadonlyMap<Key, NamespaceRecord>,
): string {
  const { reserved } = pool;
  if (reserved === undefined) return "";
  if (!takesNamespace(reserved, service.namespace, namespaces)) {
    return `namespace "${service.namespace}" is not allowed`;
  }
  if (!anyMatches(reserved.serviceSelectors, service.labels)) {
    return "its serviceSelectors do not match the Service's labels";
  }
  return "";
}

/** The order in which pools are tried: those kept for somebody first, by priority, then by name. */
export function byPriority(a: PoolRecord, b: PoolRecord): number {
  return rank(a) - rank(b) || compareText(a.name, b.name);
}

function takesNamespace(
  reserved: NonNullable<PoolRecord["reserved"]>,
  name: string,
  namespaces: ReadonlyMap<Key, NamespaceRecord>,
): boolean {
  if (reserved.namespaces.length === 0 && reserved.namespaceSelectors.length === 0) return true;
  if (reserved.namespaces.includes(name)) return true;
  // A folder of manifests need not have the Namespace; this label it would always have.
  const labels = namespaces.get(name)?.labels ?? { "kubernetes.io/metadata.name": name };
  return reserved.namespaceSelectors.some((selector) => matches(selector, labels));
}

/** As in MetalLB the lowest number goes first, and 0 last. */
function rank({ reserved }: PoolRecord): number {
  if (reserved === undefined) return Number.POSITIVE_INFINITY;
  return reserved.priority === 0 ? Number.MAX_SAFE_INTEGER : reserved.priority;
}

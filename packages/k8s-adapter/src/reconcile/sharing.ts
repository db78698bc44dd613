import type { Sharing } from "@ingot/allocator";
import { CILIUM_NAMESPACES } from "../config/foreign-annotations.ts";
import type { PoolRecord, ServiceRecord } from "../domain.ts";
import { requestAnnotation } from "./request.ts";

/**
 * On which terms a Service shares an address of a pool; undefined when it does not share.
 * `isForeign`: annotations of other load balancers count.
 *
 * Under policy Local only nodes with an endpoint answer, so those that share have to have the same
 * endpoints: the same selector, which means that in their own namespace alone.
 */
export function sharingOf(
  service: ServiceRecord,
  pool: PoolRecord | undefined,
  isForeign: boolean,
): Sharing | undefined {
  const annotation = requestAnnotation(service, "allow-shared-ip", isForeign);
  if (annotation === undefined) return undefined;
  const { namespace, selector, trafficPolicy, ports } = service;
  const isGuarded = pool?.shareWithinNamespace === true || keepsToItself(service, annotation.name);
  const ofEverybody = isGuarded ? namespace : "";
  return {
    key: annotation.value,
    // No name of a namespace has a slash in it.
    backend: trafficPolicy === "Local" ? `${namespace}/${selector}` : ofEverybody,
    ports: ports.map(({ protocol, port }) => `${protocol}/${port}`),
  };
}

/** With Cilium both sides have to name each other's namespace; of that `*` alone is understood. */
function keepsToItself({ annotations }: ServiceRecord, name: string): boolean {
  if (!name.includes("cilium")) return false;
  return !CILIUM_NAMESPACES.some((each) => annotations[each]?.trim() === "*");
}

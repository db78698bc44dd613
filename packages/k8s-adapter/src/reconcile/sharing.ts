import type { Sharing } from "@ingot/allocator";
import type { PoolRecord, ServiceRecord } from "../domain.ts";
import { requestAnnotation } from "./request.ts";

/**
 * On which terms a Service shares an address of a pool; undefined when it does not share.
 *
 * Under policy Local only nodes with an endpoint answer, so those that share have to have the same
 * endpoints: the same selector, which means that in their own namespace alone.
 */
export function sharingOf(
  service: ServiceRecord,
  pool: PoolRecord | undefined,
): Sharing | undefined {
  const key = requestAnnotation(service, "allow-shared-ip")?.value;
  if (key === undefined) return undefined;
  const { namespace, selector, trafficPolicy, ports } = service;
  const ofEverybody = pool?.shareWithinNamespace === true ? namespace : "";
  return {
    key,
    // No name of a namespace has a slash in it.
    backend: trafficPolicy === "Local" ? `${namespace}/${selector}` : ofEverybody,
    ports: ports.map(({ protocol, port }) => `${protocol}/${port}`),
  };
}

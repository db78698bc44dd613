import { canonicalAddress, familyOf } from "../address.ts";
import { FOREIGN_ANNOTATIONS, type RequestSuffix } from "../config/foreign-annotations.ts";
import type { Family, ServiceRecord } from "../domain.ts";

/** The annotation with which a Service reserves its addresses (`"true"`), or gives that up. */
export const RESERVE_ANNOTATION = "ingot.dev/reserve";

/** What a Service asks for, read from its fields and annotations. */
export interface AddressRequest {
  /** Families to serve, primary first; at least one. */
  readonly families: readonly Family[];
  /** Whether fewer than all families will do. */
  readonly anyFamilyWillDo: boolean;
  /** Exactly these addresses, canonical; empty when any will do. */
  readonly addresses: readonly string[];
  /** The field or annotation that asked for `addresses`, for messages. */
  readonly addressesFrom: string;
  /** The only pool that will do; empty when any will. */
  readonly pool: string;
}

/** A request, or why it cannot be read. */
export type ParsedRequest =
  | { readonly ok: true; readonly request: AddressRequest }
  | { readonly ok: false; readonly message: string };

/**
 * Reads what a Service asks for; the message of a refusal names the field and its value.
 *
 * @param isForeign Whether annotations of other load balancers count.
 */
export function parseRequest(service: ServiceRecord, isForeign: boolean): ParsedRequest {
  const reserve = service.annotations[RESERVE_ANNOTATION] ?? "false";
  if (!/^(true|false)$/.test(reserve)) {
    return refuse(`invalid ${RESERVE_ANNOTATION}: "${reserve}" is neither "true" nor "false"`);
  }
  const annotation = requestAnnotation(service, "loadBalancerIPs", isForeign);
  if (annotation !== undefined && isContradicted(annotation, service.loadBalancerIP)) {
    return refuse(
      `service can not have both ${annotation.name} and spec.loadBalancerIP ("${annotation.value}" and "${service.loadBalancerIP}")`,
    );
  }
  const from = annotation?.name ?? "spec.loadBalancerIP";
  const text = annotation?.value ?? service.loadBalancerIP;
  const addresses: string[] = [];
  for (const part of text === "" ? [] : text.split(",")) {
    const address = canonicalAddress(part.trim());
    if (address === undefined) return refuse(`invalid ${from}: "${part.trim()}" is not an address`);
    addresses.push(address);
  }
  const families = familiesOf(service);
  const problem = addressesProblem(addresses, families, from);
  if (problem !== undefined) return refuse(problem);
  return {
    ok: true,
    request: {
      families,
      anyFamilyWillDo: service.familyPolicy === "PreferDualStack",
      addresses,
      addressesFrom: from,
      pool: requestAnnotation(service, "address-pool", isForeign)?.value ?? "",
    },
  };
}

/**
 * An annotation of MetalLB's under its prefix or, where that is unset, under the deprecated one; and
 * last of all, if they count, under the names of other load balancers.
 */
export function requestAnnotation(
  service: ServiceRecord,
  suffix: RequestSuffix,
  isForeign: boolean,
): RequestAnnotation | undefined {
  for (const name of isForeign ? ALL_NAMES[suffix] : NAMES[suffix]) {
    const value = service.annotations[name]?.trim();
    if (value !== undefined && value !== "") return { name, value };
  }
  return undefined;
}

type Names = Readonly<Record<RequestSuffix, readonly string[]>>;

const NAMES: Names = {
  "address-pool": namesOf("address-pool"),
  loadBalancerIPs: namesOf("loadBalancerIPs"),
  "allow-shared-ip": namesOf("allow-shared-ip"),
};

const ALL_NAMES: Names = {
  "address-pool": [...NAMES["address-pool"], ...FOREIGN_ANNOTATIONS["address-pool"]],
  loadBalancerIPs: [...NAMES.loadBalancerIPs, ...FOREIGN_ANNOTATIONS.loadBalancerIPs],
  "allow-shared-ip": [...NAMES["allow-shared-ip"], ...FOREIGN_ANNOTATIONS["allow-shared-ip"]],
};

function namesOf(suffix: RequestSuffix): readonly string[] {
  return [`metallb.io/${suffix}`, `metallb.universe.tf/${suffix}`];
}

/** An annotation that asks for something. */
export interface RequestAnnotation {
  readonly name: string;
  readonly value: string;
}

// kube-vip's cloud provider writes its annotation and the field together.
function isContradicted({ name, value }: RequestAnnotation, loadBalancerIP: string): boolean {
  if (loadBalancerIP === "") return false;
  const isForeign = FOREIGN_ANNOTATIONS.loadBalancerIPs.includes(name);
  return !isForeign || !value.split(",").some((part) => part.trim() === loadBalancerIP);
}

// The cluster addresses say what the cluster really serves; ipFamilies is asked where there are
// none, as in a folder of manifests.
function familiesOf(service: ServiceRecord): readonly Family[] {
  const served = service.clusterIPs.map((address) => familyOf(address));
  if (served.length > 0) return [...new Set(served)];
  return service.families.length > 0 ? service.families : [4];
}

function addressesProblem(
  addresses: readonly string[],
  families: readonly Family[],
  from: string,
): string | undefined {
  if (addresses.length === 0) return undefined;
  const shown = JSON.stringify(addresses);
  if (addresses.length > 2) return `invalid ${from}: ${shown} is more than two addresses`;
  const asked = addresses.map((address) => familyOf(address));
  if (asked.length === 2 && asked[0] === asked[1]) {
    return `invalid ${from}: ${shown} has the same family twice`;
  }
  const matches = asked.length === families.length && asked.every((f) => families.includes(f));
  if (matches) return undefined;
  return `requested loadBalancer IP(s) ${shown} (${from}) does not match the ipFamily of the service (${families.map((f) => `IPv${f}`).join(", ")})`;
}

function refuse(message: string): ParsedRequest {
  return { ok: false, message };
}

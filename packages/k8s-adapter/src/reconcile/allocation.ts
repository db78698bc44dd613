import type { AllocationResult, Allocator, Assignment, Sharing } from "@ingot/allocator";
import { familyOf } from "../address.ts";
import type { Family, Key, PoolRecord, ServiceRecord } from "../domain.ts";
import { type AddressRequest, parseRequest, requestAnnotation } from "./request.ts";

/** What the decision about one Service needs to know of everything else. */
export interface AllocationView {
  /** Changed by the decision: it is the memory of who holds what. */
  readonly allocator: Allocator;
  /** Pools in force, in the order in which they are tried. */
  readonly pools: ReadonlyMap<string, PoolRecord>;
  /** Names of pools that exist but are not in force, since they are broken. */
  readonly brokenPools: ReadonlySet<string>;
  /** The class that is ours; empty: Services without one. */
  readonly lbClass: string;
}

/** What was decided about the addresses of one Service. */
export interface AllocationDecision {
  /** What the Service's status should say; undefined: it is not ours to write. */
  readonly desired: { readonly addresses: readonly string[]; readonly pool: string } | undefined;
  /** Why it did not get what it asks for, one sentence; empty when it did. */
  readonly problem: string;
  /** Why an address it had was taken from it; empty when none was. */
  readonly cleared: string;
  /** What would help a Service that has a problem: `pool:NAME`, `address:TEXT` or `pools`. */
  readonly waitsFor: readonly string[];
}

/** The annotation that names the pool an address is from. */
export const POOL_ANNOTATION = "metallb.io/ip-allocated-from-pool";

/** Topic of those that wait for any change of the pools. */
export const ANY_POOL = "pools";

/**
 * Decides which addresses a Service has. An address that it holds and may hold stays; a request
 * that cannot be granted leaves what it has in place. Never throws.
 *
 * @param service Undefined when it is gone.
 */
export function decideAllocation(
  view: AllocationView,
  key: Key,
  service: ServiceRecord | undefined,
): AllocationDecision {
  if (service === undefined || !isOurs(service, view.lbClass)) {
    const held = view.allocator.release(key);
    return service !== undefined && (held !== undefined || isLeftOver(service)) ? CLEAR : LEAVE;
  }
  const parsed = parseRequest(service);
  const kept = keep(view, service, parsed.ok ? parsed.request : undefined);
  if (kept.type === "frozen") return { ...LEAVE, problem: kept.problem, waitsFor: [ANY_POOL] };
  if (kept.type === "kept" && kept.satisfies) return have(kept.assignment);
  if (service.deleting) return kept.type === "kept" ? have(kept.assignment) : LEAVE;

  const granted: Grant = parsed.ok
    ? grant(view, key, service, parsed.request)
    : { ok: false, problem: parsed.message, waitsFor: [] };
  const cleared = kept.type === "lost" ? kept.problem : "";
  if (granted.ok) return { ...have(granted.assignment), cleared };
  const { problem, waitsFor } = granted;
  if (kept.type === "kept") return { ...have(kept.assignment), problem, waitsFor };
  return { desired: { addresses: [], pool: "" }, problem, cleared, waitsFor };
}

/** Whether this controller or speaker is responsible for a Service. */
export function isOurs(service: ServiceRecord, lbClass: string): boolean {
  return service.isLoadBalancer && service.loadBalancerClass === lbClass;
}

// A Service of another class keeps its annotation: it may be that of another instance of ours.
function isLeftOver(service: ServiceRecord): boolean {
  return !service.isLoadBalancer && service.annotations[POOL_ANNOTATION] !== undefined;
}

const LEAVE: AllocationDecision = { desired: undefined, problem: "", cleared: "", waitsFor: [] };
const CLEAR: AllocationDecision = { ...LEAVE, desired: { addresses: [], pool: "" } };

function have(assignment: Assignment): AllocationDecision {
  return { ...LEAVE, desired: assignment };
}

type Kept =
  | { readonly type: "kept"; readonly assignment: Assignment; readonly satisfies: boolean }
  /** It had none. */
  | { readonly type: "none" }
  /** It had one that it may not have. */
  | { readonly type: "lost"; readonly problem: string }
  /** It has one that cannot be judged, since its pool is broken: nothing is touched. */
  | { readonly type: "frozen"; readonly problem: string };

/** Claims what the Service already has, from memory or, at the start, from its status. */
function keep(
  view: AllocationView,
  service: ServiceRecord,
  request: AddressRequest | undefined,
): Kept {
  const held = view.allocator.assignment(service.key)?.addresses ?? service.ingress;
  if (held.length === 0) return { type: "none" };
  const sharing = sharingOf(service);
  const claim = view.allocator.claim(service.key, held, sharing === undefined ? {} : { sharing });
  if (!claim.ok) {
    const pool = service.annotations[POOL_ANNOTATION] ?? "";
    if (claim.reason === "not-in-a-pool" && view.brokenPools.has(pool)) {
      return {
        type: "frozen",
        problem: `IPAddressPool "${pool}", which ${held.join(", ")} is from, is broken`,
      };
    }
    view.allocator.release(service.key);
    return { type: "lost", problem: claim.message };
  }
  const { assignment } = claim;
  return {
    type: "kept",
    assignment: inOrderOf(service.ingress, assignment),
    satisfies: request === undefined || satisfies(request, assignment),
  };
}

function satisfies(request: AddressRequest, assignment: Assignment): boolean {
  if (request.pool !== "" && request.pool !== assignment.pool) return false;
  if (request.addresses.length > 0) return sameSet(request.addresses, assignment.addresses);
  const families = assignment.addresses.map((address) => familyOf(address));
  if (families.some((family) => !request.families.includes(family))) return false;
  return request.anyFamilyWillDo || families.length === request.families.length;
}

type Grant =
  | { readonly ok: true; readonly assignment: Assignment }
  | { readonly ok: false; readonly problem: string; readonly waitsFor: readonly string[] };

function grant(
  view: AllocationView,
  key: Key,
  service: ServiceRecord,
  request: AddressRequest,
): Grant {
  if (service.familyPolicy === "RequireDualStack" && request.families.length < 2) {
    return refuse("RequireDualStack needs cluster addresses of both families", []);
  }
  if (request.addresses.length > 0) return grantExplicit(view, key, service, request);
  const candidates = candidatePools(view, request);
  if (!candidates.ok) return candidates;
  const sharing = sharingOf(service);
  const why: string[] = [];
  for (const families of familyChoices(request)) {
    for (const pool of candidates.pools) {
      const result = view.allocator.allocate(key, {
        pool: pool.name,
        families,
        ...(sharing === undefined ? {} : { sharing }),
      });
      if (result.ok) return result;
      why.push(result.message);
    }
  }
  const summary = [...candidates.passedOver, ...new Set(why)].join("; ");
  return refuse(`no available IPs: ${summary || "there is no IPAddressPool"}`, [
    ANY_POOL,
    ...candidates.pools.map((pool) => poolTopic(pool.name)),
  ]);
}

function grantExplicit(
  view: AllocationView,
  key: Key,
  service: ServiceRecord,
  request: AddressRequest,
): Grant {
  const shown = `${JSON.stringify(request.addresses)} (${request.addressesFrom})`;
  const topics = [ANY_POOL, ...request.addresses.map(addressTopic)];
  for (const address of request.addresses) {
    const pool = view.pools.get(view.allocator.poolOf(address) ?? "");
    if (pool === undefined)
      return refuse(`${shown} is not allowed in config: no IPAddressPool holds ${address}`, topics);
    if (pool.closed !== "")
      return refuse(`${shown} is in pool "${pool.name}": ${pool.closed}`, topics);
    if (request.pool !== "" && request.pool !== pool.name) {
      return refuse(
        `${shown} is not compatible with requested address pool ${request.pool}: it is in pool "${pool.name}"`,
        topics,
      );
    }
  }
  const sharing = sharingOf(service);
  const result: AllocationResult = view.allocator.claim(
    key,
    request.addresses,
    sharing === undefined ? {} : { sharing },
  );
  return result.ok ? result : refuse(`${shown}: ${result.message}`, topics);
}

type Candidates =
  | {
      readonly ok: true;
      readonly pools: readonly PoolRecord[];
      readonly passedOver: readonly string[];
    }
  | (Grant & { readonly ok: false });

function candidatePools(view: AllocationView, request: AddressRequest): Candidates {
  if (request.pool !== "") {
    const pool = view.pools.get(request.pool);
    if (pool === undefined) return refuse(`unknown pool "${request.pool}"`, [ANY_POOL]);
    if (pool.closed !== "") return refuse(`pool "${pool.name}": ${pool.closed}`, [ANY_POOL]);
    return { ok: true, pools: [pool], passedOver: [] };
  }
  const pools: PoolRecord[] = [];
  const passedOver: string[] = [];
  for (const pool of view.pools.values()) {
    if (pool.closed !== "") passedOver.push(`pool "${pool.name}": ${pool.closed}`);
    else if (!pool.autoAssign) passedOver.push(`pool "${pool.name}": autoAssign is false`);
    else pools.push(pool);
  }
  return { ok: true, pools, passedOver };
}

/** Both families before one, the primary before the other. */
function familyChoices(request: AddressRequest): readonly (readonly Family[])[] {
  if (!request.anyFamilyWillDo || request.families.length < 2) return [request.families];
  return [request.families, ...request.families.map((family) => [family])];
}

function sharingOf(service: ServiceRecord): Sharing | undefined {
  const key = requestAnnotation(service, "allow-shared-ip")?.value;
  if (key === undefined) return undefined;
  return {
    key,
    backend: service.trafficPolicy === "Local" ? `${service.namespace}/${service.selector}` : "",
    ports: service.ports.map(({ protocol, port }) => `${protocol}/${port}`),
  };
}

/** Topic of those that wait for an address of a pool. */
export function poolTopic(pool: string): string {
  return `pool:${pool}`;
}

/** Topic of those that wait for one address. */
export function addressTopic(address: string): string {
  return `address:${address}`;
}

// The order of a status that names the same addresses is not ours to change.
function inOrderOf(ingress: readonly string[], assignment: Assignment): Assignment {
  return sameSet(ingress, assignment.addresses)
    ? { ...assignment, addresses: ingress }
    : assignment;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}

function refuse(problem: string, waitsFor: readonly string[]): Grant & { readonly ok: false } {
  return { ok: false, problem, waitsFor };
}

import type { AllocationResult, Assignment } from "@ingot/allocator";
import { familyOf } from "../address.ts";
import type { Key, ServiceRecord } from "../domain.ts";
import { refusal } from "./admission.ts";
import { type AllocationView, allocateWithin, type Grant, grant, ONE_FAMILY } from "./grant.ts";
import { type AddressRequest, parseRequest } from "./request.ts";
import { sharingOf } from "./sharing.ts";
import { ANY_POOL } from "./waiting.ts";

/** What was decided about the addresses of one Service. */
export interface AllocationDecision {
  /** What the Service's status should say; undefined: it is not ours to write. */
  readonly desired: { readonly addresses: readonly string[]; readonly pool: string } | undefined;
  /** Why it did not get what it asks for, one sentence; empty when it did. */
  readonly problem: string;
  /** What MetalLB calls such a problem. */
  readonly reason: FailureReason;
  /** Why an address it had was taken from it; empty when none was. */
  readonly cleared: string;
  /** Why it has one family where it prefers two; empty when it does not, or has both. */
  readonly lacks: string;
  /** What would help a Service that waits: `pool:NAME`, `address:TEXT` or `pools`. */
  readonly waitsFor: readonly string[];
}

/** The reason of an Event on a Service that did not get what it asks for. */
export type FailureReason =
  | "AllocationFailed"
  /** It has an address, and asks for another in a way that cannot be read. */
  | "LoadBalancerFailed"
  /** It requires two families, and the cluster gave it one. */
  | "not enough clusterips";

/** The annotation that names the pool an address is from. */
export const POOL_ANNOTATION = "metallb.io/ip-allocated-from-pool";

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
    const isMarked = view.allocator.release(key) !== undefined || view.isLeaving(key);
    return service !== undefined && (isMarked || isLeftOver(service)) ? CLEAR : LEAVE;
  }
  const parsed = parseRequest(service, view.isForeign);
  const kept = keep(view, service, parsed.ok ? parsed.request : undefined);
  if (kept.type === "frozen") return { ...LEAVE, problem: kept.problem, waitsFor: [ANY_POOL] };
  const cleared = kept.type === "none" ? "" : kept.problem;
  if (kept.type === "kept" && kept.fit === "whole") {
    const unread = parsed.ok ? {} : { problem: parsed.message, reason: UNREADABLE };
    return { ...have(kept.assignment), cleared, ...unread };
  }
  if (service.deleting) {
    return kept.type === "kept" ? { ...have(kept.assignment), cleared } : LEAVE;
  }
  if (kept.type === "kept" && kept.fit === "half" && parsed.ok) {
    return { ...extend(view, service, parsed.request, kept.assignment), cleared };
  }
  const granted: Grant = parsed.ok
    ? grant(view, service, parsed.request)
    : { ok: false, problem: parsed.message, waitsFor: [] };
  if (granted.ok) return { ...have(granted.assignment), cleared };
  const { problem, waitsFor } = granted;
  const reason = problem === ONE_FAMILY ? "not enough clusterips" : "AllocationFailed";
  const failure = { problem, reason, cleared, waitsFor } as const;
  if (kept.type === "kept") return { ...have(kept.assignment), ...failure };
  return { ...LEAVE, desired: { addresses: [], pool: "" }, ...failure };
}

/**
 * Claims for a Service what its status says, where it may have all of that; so that nobody else gets
 * it before the Service is decided.
 */
export function claimPublished(view: AllocationView, service: ServiceRecord): void {
  if (!isOurs(service, view.lbClass) || service.ingress.length === 0) return;
  if (view.allocator.assignment(service.key) !== undefined) return;
  const claimed = claim(view, service, service.ingress);
  const pool = claimed.ok ? view.pools.get(claimed.assignment.pool) : undefined;
  if (pool !== undefined && refusal(pool, service, view.namespaces) !== "") {
    view.allocator.release(service.key);
  }
}

/** The terms of sharing have changed for several at once: they are agreed on anew, in this order. */
export function agreeAnew(view: AllocationView, services: readonly ServiceRecord[]): void {
  const held = services.map((service) => view.allocator.release(service.key)?.addresses ?? []);
  for (const [index, service] of services.entries()) claim(view, service, held[index] ?? []);
}

/** What a status names that is ours to write. */
export function publishedBy(service: ServiceRecord, lbClass: string): readonly string[] {
  const isOther = service.isLoadBalancer && !isOurs(service, lbClass);
  return isOther ? [] : service.ingress;
}

/** Whether this controller or speaker is responsible for a Service. */
export function isOurs(service: ServiceRecord, lbClass: string): boolean {
  return service.isLoadBalancer && service.loadBalancerClass === lbClass;
}

// A Service of another class keeps its annotation: it may be that of another instance of ours.
function isLeftOver(service: ServiceRecord): boolean {
  return !service.isLoadBalancer && service.annotations[POOL_ANNOTATION] !== undefined;
}

const UNREADABLE: FailureReason = "LoadBalancerFailed";
const LEAVE: AllocationDecision = {
  desired: undefined,
  problem: "",
  reason: "AllocationFailed",
  cleared: "",
  lacks: "",
  waitsFor: [],
};
const CLEAR: AllocationDecision = { ...LEAVE, desired: { addresses: [], pool: "" } };

function have(assignment: Assignment): AllocationDecision {
  return { ...LEAVE, desired: assignment };
}

/**
 * A Service that prefers both families and has one gets the other from the same pool, behind the one
 * that it has; or goes on with the one.
 */
function extend(
  view: AllocationView,
  service: ServiceRecord,
  { families }: AddressRequest,
  assignment: Assignment,
): AllocationDecision {
  const { pool: name, addresses } = assignment;
  const pool = view.pools.get(name);
  if (pool === undefined) return have(assignment);
  const both = allocateWithin(view, service, pool, families);
  if (!both.ok) {
    const waitsFor = both.waitsFor.length > 0 ? both.waitsFor : [ANY_POOL];
    return { ...have(assignment), lacks: both.problem, waitsFor };
  }
  const added = both.assignment.addresses.filter((address) => !addresses.includes(address));
  const inOrder = [...addresses, ...added];
  // So that a status which somebody else changes is repaired to this order, too.
  claim(view, service, inOrder);
  return have({ pool: name, addresses: inOrder });
}

type Kept =
  | {
      readonly type: "kept";
      readonly assignment: Assignment;
      /** Half: one family where two are preferred. */
      readonly fit: "whole" | "half" | "none";
      /** Why it lost one of two addresses; empty when it did not. */
      readonly problem: string;
    }
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
  const all = claim(view, service, held);
  const from = service.annotations[POOL_ANNOTATION] ?? "";
  if (!all.ok && all.reason === "not-in-a-pool" && view.brokenPools.has(from)) {
    return {
      type: "frozen",
      problem: `IPAddressPool "${from}", which ${held.join(", ")} is from, is broken`,
    };
  }
  const claimed = all.ok ? all : survivor(view, service, held);
  if (claimed?.ok !== true) {
    view.allocator.release(service.key);
    return { type: "lost", problem: all.ok ? "" : all.message };
  }
  const { assignment } = claimed;
  const pool = view.pools.get(assignment.pool);
  const why = pool === undefined ? "" : refusal(pool, service, view.namespaces);
  if (why !== "") {
    view.allocator.release(service.key);
    return { type: "lost", problem: `pool "${assignment.pool}": ${why}` };
  }
  return {
    type: "kept",
    assignment: inOrderOf(service.ingress, assignment),
    fit: request === undefined ? "whole" : fitOf(service, request, assignment),
    problem: all.ok ? "" : all.message,
  };
}

/** Of two addresses of which one cannot be had any more, the other: whoever uses it loses nothing. */
function survivor(
  view: AllocationView,
  service: ServiceRecord,
  held: readonly string[],
): AllocationResult | undefined {
  if (held.length !== 2) return undefined;
  for (const address of held) {
    const one = claim(view, service, [address]);
    if (one.ok) return one;
  }
  return undefined;
}

function claim(
  view: AllocationView,
  service: ServiceRecord,
  addresses: readonly string[],
): AllocationResult {
  const pool = view.pools.get(view.allocator.poolOf(addresses[0] ?? "") ?? "");
  const sharing = sharingOf(service, pool, view.isForeign);
  return view.allocator.claim(service.key, addresses, sharing === undefined ? {} : { sharing });
}

function fitOf(
  { familyPolicy }: ServiceRecord,
  request: AddressRequest,
  assignment: Assignment,
): "whole" | "half" | "none" {
  if (request.pool !== "" && request.pool !== assignment.pool) return "none";
  if (request.addresses.length > 0) {
    return sameSet(request.addresses, assignment.addresses) ? "whole" : "none";
  }
  const families = assignment.addresses.map((address) => familyOf(address));
  if (families.some((family) => !request.families.includes(family))) return "none";
  if (familyPolicy === "RequireDualStack" && families.length < 2) return "none";
  if (families.length === request.families.length) return "whole";
  return request.anyFamilyWillDo ? "half" : "none";
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

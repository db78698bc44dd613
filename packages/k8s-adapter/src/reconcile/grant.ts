import type { Allocator, Assignment } from "@ingot/allocator";
import { familyOf } from "../address.ts";
import type { Family, Key, NamespaceRecord, PoolRecord, ServiceRecord } from "../domain.ts";
import { byPriority, refusal } from "./admission.ts";
import type { Quotas } from "./quotas.ts";
import type { AddressRequest } from "./request.ts";
import { sharingOf } from "./sharing.ts";
import { ANY_POOL, addressTopic, poolTopic, quotaTopic } from "./waiting.ts";

/** What the decision about one Service needs to know of everything else. */
export interface AllocationView {
  /** Changed by the decision: it is the memory of who holds what. */
  readonly allocator: Allocator;
  /** Pools in force, in the order in which they are tried. */
  readonly pools: ReadonlyMap<string, PoolRecord>;
  readonly namespaces: ReadonlyMap<Key, NamespaceRecord>;
  /** Names of pools that exist but are not in force, since they are broken. */
  readonly brokenPools: ReadonlySet<string>;
  /** The class that is ours; empty: Services without one. */
  readonly lbClass: string;
  /** Whether annotations of other load balancers count. */
  readonly isForeign: boolean;
  readonly quotas: Quotas;
  /** Addresses that are kept for a Service that has none. */
  readonly keptFor: (key: Key) => readonly string[];
  /** Whether the status of a Service still names what was taken back from it. */
  readonly isLeaving: (key: Key) => boolean;
}

/** What a request came to. */
export type Grant =
  | { readonly ok: true; readonly assignment: Assignment }
  | { readonly ok: false; readonly problem: string; readonly waitsFor: readonly string[] };

/** Why a Service that requires both families has to wait where its cluster has one. */
export const ONE_FAMILY = "RequireDualStack needs cluster addresses of both families";

/**
 * Gives a Service what it asks for, from the pool that it has an address of where that is possible,
 * so that it keeps it. A request that cannot be granted changes nothing.
 */
export function grant(
  view: AllocationView,
  service: ServiceRecord,
  request: AddressRequest,
): Grant {
  if (service.familyPolicy === "RequireDualStack" && request.families.length < 2) {
    return refuse(ONE_FAMILY, []);
  }
  if (request.addresses.length > 0) return grantExplicit(view, service, request);
  const kept = grantKept(view, service, request);
  if (kept !== undefined) return kept;
  const candidates = candidatePools(view, service, request);
  if (!candidates.ok) return candidates;
  const why: string[] = [];
  const topics = [ANY_POOL];
  const own = view.allocator.assignment(service.key)?.pool;
  const inOrder = [...candidates.pools].sort((a, b) => last(a, own) - last(b, own));
  for (const { pool, families } of attempts(inOrder, request)) {
    const result = allocateWithin(view, service, pool, families);
    if (result.ok) return result;
    why.push(result.problem);
    topics.push(...result.waitsFor);
  }
  const summary = [...candidates.passedOver, ...new Set(why)].join("; ");
  const problem = `no available IPs: ${summary || "there is no IPAddressPool"}`;
  return refuse(problem, [...new Set(topics)]);
}

/** The lowest addresses of a pool, if the quota of the namespace leaves room for them. */
export function allocateWithin(
  view: AllocationView,
  service: ServiceRecord,
  pool: PoolRecord,
  families: readonly Family[],
): Grant {
  const before = view.allocator.assignment(service.key);
  const terms = termsOf(view, service, pool);
  const result = view.allocator.allocate(service.key, { pool: pool.name, families, ...terms });
  if (result.ok) return withinQuota(view, service, before, result.assignment);
  const passes = result.reason === "exhausted";
  return refuse(result.message, passes ? [poolTopic(pool.name)] : []);
}

function termsOf(view: AllocationView, service: ServiceRecord, pool: PoolRecord | undefined) {
  const sharing = sharingOf(service, pool, view.isForeign);
  return sharing === undefined ? {} : { sharing };
}

/** Undoes what was just granted if it is more than the namespace may have. */
function withinQuota(
  view: AllocationView,
  service: ServiceRecord,
  before: Assignment | undefined,
  assignment: Assignment,
): Grant {
  const { key, namespace } = service;
  const had = before?.addresses ?? [];
  const problem = view.quotas.refusal(namespace, had, assignment.addresses);
  if (problem === "") return { ok: true, assignment };
  view.allocator.release(key);
  if (before !== undefined) {
    view.allocator.claim(key, had, termsOf(view, service, view.pools.get(before.pool)));
  }
  return refuse(problem, [quotaTopic(namespace)]);
}

/** What is kept for the Service comes before what is lowest. */
function grantKept(
  view: AllocationView,
  service: ServiceRecord,
  request: AddressRequest,
): Grant | undefined {
  const { allocator } = view;
  const { key } = service;
  const kept = view.keptFor(key);
  if (kept.length === 0 || allocator.assignment(key) !== undefined) return undefined;
  for (const name of new Set(kept.map((address) => allocator.poolOf(address) ?? ""))) {
    const pool = view.pools.get(name);
    if (pool === undefined || (request.pool !== "" && request.pool !== name)) continue;
    if (refusal(pool, service, view.namespaces) !== "") continue;
    const mine = request.families.flatMap(
      (family) =>
        kept.find(
          (address) => familyOf(address) === family && allocator.poolOf(address) === name,
        ) ?? [],
    );
    if (mine.length === 0) continue;
    const claimed = allocator.claim(key, mine, { pool: name, ...termsOf(view, service, pool) });
    if (!claimed.ok) continue;
    const part = withinQuota(view, service, undefined, claimed.assignment);
    const whole = part.ok ? allocateWithin(view, service, pool, request.families) : part;
    if (whole.ok) return whole;
    if (part.ok && request.anyFamilyWillDo) return part;
    allocator.release(key);
  }
  return undefined;
}

function grantExplicit(
  view: AllocationView,
  service: ServiceRecord,
  request: AddressRequest,
): Grant {
  const [first = ""] = request.addresses;
  const shown = `${JSON.stringify(request.addresses)} (${request.addressesFrom})`;
  const topics = [ANY_POOL, ...request.addresses.map(addressTopic)];
  for (const address of request.addresses) {
    const pool = view.pools.get(view.allocator.poolOf(address) ?? "");
    if (pool === undefined)
      return refuse(`${shown} is not allowed in config: no IPAddressPool holds ${address}`, topics);
    const why = refusal(pool, service, view.namespaces);
    if (why !== "") return refuse(`${shown} is in pool "${pool.name}": ${why}`, topics);
    if (request.pool !== "" && request.pool !== pool.name) {
      return refuse(
        `${shown} is not compatible with requested address pool ${request.pool}: it is in pool "${pool.name}"`,
        topics,
      );
    }
  }
  const before = view.allocator.assignment(service.key);
  const pool = view.pools.get(view.allocator.poolOf(first) ?? "");
  const terms = termsOf(view, service, pool);
  const result = view.allocator.claim(service.key, request.addresses, terms);
  if (!result.ok) return refuse(`${shown}: ${result.message}`, topics);
  const granted = withinQuota(view, service, before, result.assignment);
  return granted.ok
    ? granted
    : refuse(`${shown}: ${granted.problem}`, [...topics, ...granted.waitsFor]);
}

type Candidates =
  | {
      readonly ok: true;
      readonly pools: readonly PoolRecord[];
      readonly passedOver: readonly string[];
    }
  | (Grant & { readonly ok: false });

function candidatePools(
  view: AllocationView,
  service: ServiceRecord,
  request: AddressRequest,
): Candidates {
  if (request.pool !== "") {
    const pool = view.pools.get(request.pool);
    if (pool === undefined) return refuse(`unknown pool "${request.pool}"`, [ANY_POOL]);
    const why = refusal(pool, service, view.namespaces);
    if (why !== "") return refuse(`pool "${pool.name}": ${why}`, [ANY_POOL]);
    return { ok: true, pools: [pool], passedOver: [] };
  }
  const pools: PoolRecord[] = [];
  const passedOver: string[] = [];
  for (const pool of view.pools.values()) {
    const why = pool.autoAssign ? refusal(pool, service, view.namespaces) : "autoAssign is false";
    if (why === "") pools.push(pool);
    else passedOver.push(`pool "${pool.name}": ${why}`);
  }
  return { ok: true, pools: pools.sort(byPriority), passedOver };
}

function last(pool: PoolRecord, own: string | undefined): number {
  return pool.name === own ? 0 : 1;
}

/** Those kept for the Service to their end, and only then the others. */
function* attempts(
  pools: readonly PoolRecord[],
  request: AddressRequest,
): Generator<{ readonly pool: PoolRecord; readonly families: readonly Family[] }> {
  const isReserved = (pool: PoolRecord) => pool.reserved !== undefined;
  for (const pass of [pools.filter(isReserved), pools.filter((pool) => !isReserved(pool))]) {
    for (const families of familyChoices(request)) {
      for (const pool of pass) yield { pool, families };
    }
  }
}

/** Both families before one, the primary before the other. */
function familyChoices(request: AddressRequest): readonly (readonly Family[])[] {
  if (!request.anyFamilyWillDo || request.families.length < 2) return [request.families];
  return [request.families, ...request.families.map((family) => [family])];
}

function refuse(problem: string, waitsFor: readonly string[]): Grant & { readonly ok: false } {
  return { ok: false, problem, waitsFor };
}

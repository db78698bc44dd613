import type { Allocator, Assignment } from "@ingot/allocator";
import type { Family, Key, NamespaceRecord, PoolRecord, ServiceRecord } from "../domain.ts";
import { byPriority, refusal } from "./admission.ts";
import type { AddressRequest } from "./request.ts";
import { sharingOf } from "./sharing.ts";
import { ANY_POOL, addressTopic, poolTopic } from "./waiting.ts";

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
  /** Whether the status of a Service still names what was taken back from it. */
  readonly isLeaving: (key: Key) => boolean;
}

/** What a request came to. */
export type Grant =
  | { readonly ok: true; readonly assignment: Assignment }
  | { readonly ok: false; readonly problem: string; readonly waitsFor: readonly string[] };

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
    return refuse("RequireDualStack needs cluster addresses of both families", []);
  }
  if (request.addresses.length > 0) return grantExplicit(view, service, request);
  const candidates = candidatePools(view, service, request);
  if (!candidates.ok) return candidates;
  const why: string[] = [];
  const own = view.allocator.assignment(service.key)?.pool;
  const inOrder = [...candidates.pools].sort((a, b) => last(a, own) - last(b, own));
  for (const { pool, families } of attempts(inOrder, request)) {
    const sharing = sharingOf(service, pool, view.isForeign);
    const result = view.allocator.allocate(service.key, {
      pool: pool.name,
      families,
      ...(sharing === undefined ? {} : { sharing }),
    });
    if (result.ok) return result;
    why.push(result.message);
  }
  const summary = [...candidates.passedOver, ...new Set(why)].join("; ");
  return refuse(`no available IPs: ${summary || "there is no IPAddressPool"}`, [
    ANY_POOL,
    ...candidates.pools.map((pool) => poolTopic(pool.name)),
  ]);
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
  const pool = view.pools.get(view.allocator.poolOf(first) ?? "");
  const sharing = sharingOf(service, pool, view.isForeign);
  const result = view.allocator.claim(
    service.key,
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

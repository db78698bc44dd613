import { familyOf, subnetOf } from "../address.ts";
import type {
  BgpAdvertisementRecord,
  EndpointSliceRecord,
  Key,
  NodeRecord,
  PoolRecord,
  ServiceRecord,
} from "../domain.ts";
import { isOurs } from "./allocation.ts";
import { anyMatches, selectsPool, servingNodes } from "./selection.ts";

/** What the decision about one Service needs to know of everything else. */
export interface RouteView {
  /** This node. */
  readonly node: string;
  readonly lbClass: string;
  /** Count nodes that carry the exclusion label in. */
  readonly ignoreExcludeLb: boolean;
  readonly nodes: ReadonlyMap<Key, NodeRecord>;
  /** Those in force, in name order. */
  readonly advertisements: Iterable<BgpAdvertisementRecord>;
  slicesOf(service: Key): Iterable<EndpointSliceRecord>;
  /** The pool in force that holds an address. */
  poolOf(address: string): PoolRecord | undefined;
}

/** One route that a Service gives rise to, through one advertisement. */
export interface ServiceRoute {
  /** CIDR text. */
  readonly prefix: string;
  /** Names of BGPPeers; empty: every one. */
  readonly peers: readonly string[];
  /** 0: the default. */
  readonly localPref: number;
  /** 0 to 10. */
  readonly asPathPrepend: number;
  /** Values and aliases, as written. */
  readonly communities: readonly string[];
}

/** What was decided about one Service on this node. */
export type RouteDecision =
  | { readonly announce: true; readonly routes: readonly ServiceRoute[] }
  | { readonly announce: false; readonly reason: NoRouteReason };

/** Why this node announces nothing over BGP for a Service; MetalLB's words where it has one. */
export type NoRouteReason =
  | "notOurs"
  | "noAddress"
  | "noPool"
  /** No advertisement of the pool selects this node. */
  | "notOwner"
  | "noMatchingAdvertisement"
  | "conflictingAdvertisements"
  | "nodeNetworkUnavailable"
  | "nodeLabeledExcludeBalancers"
  | "noLocalEndpoints"
  | "noEndpoints";

/** Decides what this node announces over BGP for a Service. */
export function decideRoutes(view: RouteView, service: ServiceRecord | undefined): RouteDecision {
  if (service === undefined || !isOurs(service, view.lbClass)) return none("notOurs");
  const address = service.ingress[0];
  if (address === undefined) return none("noAddress");
  const pool = view.poolOf(address);
  if (pool === undefined) return none("noPool");
  const node = view.nodes.get(view.node);
  const here = Array.from(view.advertisements).filter(
    (ad) => selectsPool(ad, pool) && anyMatches(ad.nodeSelectors, node?.labels ?? {}),
  );
  if (here.length === 0) return none("notOwner");
  const matching = here.filter((ad) => anyMatches(ad.serviceSelectors, service.labels));
  if (matching.length === 0) return none("noMatchingAdvertisement");
  const families = new Set(service.ingress.map(familyOf));
  if (conflict(matching, families) !== undefined) return none("conflictingAdvertisements");
  if (node?.networkUnavailable === true) return none("nodeNetworkUnavailable");
  if (node?.excludedFromLoadBalancers === true && !view.ignoreExcludeLb) {
    return none("nodeLabeledExcludeBalancers");
  }
  const serving = servingNodes(view.slicesOf(service.key));
  if (serving.size === 0) return none("noEndpoints");
  if (service.trafficPolicy === "Local" && !serving.has(view.node)) return none("noLocalEndpoints");
  return { announce: true, routes: routesOf(service.ingress, matching) };
}

/**
 * Two advertisements that would tell the same peer different things about the same prefix.
 *
 * @param families Of the addresses that they are to announce.
 */
export function conflict(
  advertisements: readonly BgpAdvertisementRecord[],
  families: ReadonlySet<4 | 6>,
): readonly [BgpAdvertisementRecord, BgpAdvertisementRecord] | undefined {
  for (const [index, one] of advertisements.entries()) {
    const other = advertisements.slice(0, index).find((earlier) => {
      const samePrefix = [...families].some(
        (family) => lengthOf(one, family) === lengthOf(earlier, family),
      );
      return samePrefix && sharePeer(one, earlier) && !sayTheSame(one, earlier);
    });
    if (other !== undefined) return [other, one];
  }
  return undefined;
}

/** How long the prefixes are that an advertisement makes of addresses. */
export function lengthOf(advertisement: BgpAdvertisementRecord, family: 4 | 6): number {
  return family === 4 ? advertisement.aggregationLength : advertisement.aggregationLengthV6;
}

function sharePeer(a: BgpAdvertisementRecord, b: BgpAdvertisementRecord): boolean {
  if (a.peers.length === 0 || b.peers.length === 0) return true;
  return a.peers.some((peer) => b.peers.includes(peer));
}

function sayTheSame(a: BgpAdvertisementRecord, b: BgpAdvertisementRecord): boolean {
  return a.localPref === b.localPref && a.asPathPrepend === b.asPathPrepend;
}

function routesOf(
  addresses: readonly string[],
  advertisements: readonly BgpAdvertisementRecord[],
): readonly ServiceRoute[] {
  return addresses.flatMap((address) =>
    advertisements.map((ad) => ({
      prefix: subnetOf(address, lengthOf(ad, familyOf(address))),
      peers: ad.peers,
      localPref: ad.localPref,
      asPathPrepend: ad.asPathPrepend,
      communities: ad.communities,
    })),
  );
}

function none(reason: NoRouteReason): RouteDecision {
  return { announce: false, reason };
}

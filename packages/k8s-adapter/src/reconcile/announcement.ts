import { subnetHolds } from "../address.ts";
import { matches } from "../config/selector.ts";
import type {
  EndpointSliceRecord,
  Key,
  L2AdvertisementRecord,
  NodeRecord,
  PoolRecord,
  ServiceRecord,
  SpeakerInterface,
} from "../domain.ts";
import { isOurs } from "./allocation.ts";
import { electionOrder } from "./election.ts";
import { anyMatches, selectsPool, servingNodes } from "./selection.ts";

/** What the decision about one Service needs to know of everything else. */
export interface AnnouncementView {
  /** This node. */
  readonly node: string;
  readonly lbClass: string;
  /** Count nodes that carry the exclusion label in. */
  readonly ignoreExcludeLb: boolean;
  readonly nodes: ReadonlyMap<Key, NodeRecord>;
  readonly advertisements: Iterable<L2AdvertisementRecord>;
  /** Nodes whose speaker is alive, with the interfaces each can announce on. */
  readonly live: ReadonlyMap<string, readonly SpeakerInterface[]>;
  slicesOf(service: Key): Iterable<EndpointSliceRecord>;
  /** The pool in force that holds an address. */
  poolOf(address: string): PoolRecord | undefined;
}

/** What was decided about one Service on this node. */
export type AnnouncementDecision =
  | {
      readonly announce: true;
      readonly addresses: readonly string[];
      /** Exact names; empty: every interface that can. */
      readonly interfaces: readonly string[];
    }
  | { readonly announce: false; readonly reason: SilenceReason };

/** Why this node does not answer for a Service. */
export type SilenceReason =
  | "notOurs"
  | "noAddress"
  | "noPool"
  | "noEndpoints"
  | "sharedIPWithServiceSelector"
  | "noMatchingAdvertisement"
  | "noEligibleNode"
  /** No eligible node has an interface that is wanted; said by the one that would be first. */
  | "noInterface"
  | "notOwner";

/** Decides whether this node answers for a Service, as every other node decides it too. */
export function decideAnnouncement(
  view: AnnouncementView,
  service: ServiceRecord | undefined,
): AnnouncementDecision {
  if (service === undefined || !isOurs(service, view.lbClass)) return silent("notOurs");
  const address = service.ingress[0];
  if (address === undefined) return silent("noAddress");
  const pool = view.poolOf(address);
  if (pool === undefined) return silent("noPool");
  const serving = servingNodes(view.slicesOf(service.key));
  if (serving.size === 0) return silent("noEndpoints");
  const advertisements = matching(view.advertisements, pool, service);
  if (isShared(service) && advertisements.some((ad) => ad.serviceSelectors.length > 0)) {
    return silent("sharedIPWithServiceSelector");
  }
  if (advertisements.length === 0) return silent("noMatchingAdvertisement");

  const candidates: Candidate[] = [];
  for (const node of view.live.keys()) {
    if (service.trafficPolicy === "Local" && !serving.has(node)) continue;
    const candidate = candidateOf(view, node, advertisements, address);
    if (candidate !== undefined) candidates.push(candidate);
  }
  const usable = candidates.filter((candidate) => candidate.isUsable);
  const home = usable.filter((candidate) => candidate.isHome);
  const eligible = home.length > 0 ? home : usable;
  if (eligible.length === 0) {
    const [first] = electionOrder(
      candidates.map(({ node }) => node),
      address,
    );
    return silent(first === view.node ? "noInterface" : "noEligibleNode");
  }
  const scores = new Map(eligible.map(({ node, score }) => [node, score]));
  const [owner] = electionOrder(scores.keys(), address, scores);
  if (owner !== view.node) return silent("notOwner");
  const mine = eligible.find(({ node }) => node === owner);
  return { announce: true, addresses: service.ingress, interfaces: mine?.interfaces ?? [] };
}

interface Candidate {
  readonly node: string;
  readonly score: number;
  /** Names that the advertisements want; empty: all. */
  readonly interfaces: readonly string[];
  /** One of its interfaces is wanted. */
  readonly isUsable: boolean;
  /** One of its interfaces is in the subnet of the address. */
  readonly isHome: boolean;
}

function candidateOf(
  view: AnnouncementView,
  name: string,
  advertisements: readonly L2AdvertisementRecord[],
  address: string,
): Candidate | undefined {
  const node = view.nodes.get(name);
  if (node?.networkUnavailable === true) return undefined;
  if (node?.excludedFromLoadBalancers === true && !view.ignoreExcludeLb) return undefined;
  const labels = node?.labels ?? {};
  const chosen = advertisements.filter((ad) => anyMatches(ad.nodeSelectors, labels));
  if (chosen.length === 0) return undefined;
  const interfaces = chosen.some((ad) => ad.interfaces.length === 0)
    ? []
    : [...new Set(chosen.flatMap((ad) => ad.interfaces))];
  const usable = (view.live.get(name) ?? []).filter(
    (link) => interfaces.length === 0 || interfaces.includes(link.name),
  );
  return {
    node: name,
    score: chosen.reduce((sum, ad) => sum + scoreOf(ad, labels), 0),
    interfaces,
    isUsable: usable.length > 0,
    isHome: usable.some((link) => link.subnets.some((subnet) => subnetHolds(subnet, address))),
  };
}

function scoreOf(ad: L2AdvertisementRecord, labels: Readonly<Record<string, string>>): number {
  return ad.preferredNodeSelectors
    .filter(({ preference }) => matches(preference, labels))
    .reduce((sum, { weight }) => sum + weight, 0);
}

function matching(
  advertisements: Iterable<L2AdvertisementRecord>,
  pool: PoolRecord,
  service: ServiceRecord,
): readonly L2AdvertisementRecord[] {
  return Array.from(advertisements).filter(
    (ad) => selectsPool(ad, pool) && anyMatches(ad.serviceSelectors, service.labels),
  );
}

// As in MetalLB the annotation counts whatever its value, even an empty one.
function isShared(service: ServiceRecord): boolean {
  return (
    "metallb.io/allow-shared-ip" in service.annotations ||
    "metallb.universe.tf/allow-shared-ip" in service.annotations
  );
}

function silent(reason: SilenceReason): AnnouncementDecision {
  return { announce: false, reason };
}

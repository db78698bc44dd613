import type { Eligible } from "@ingot/ownership";
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
  SpeakerRecord,
} from "../domain.ts";
import { isOurs } from "./allocation.ts";
import { anyMatches, selectsPool, servingNodes } from "./selection.ts";

/** What has to be known to say who may answer for a Service. */
export interface EligibilityView {
  readonly lbClass: string;
  /** Count nodes that carry the exclusion label in. */
  readonly ignoreExcludeLb: boolean;
  readonly nodes: ReadonlyMap<Key, NodeRecord>;
  readonly advertisements: Iterable<L2AdvertisementRecord>;
  /** Nodes that have a speaker, whether or not it is heard, with the interfaces that it last told. */
  readonly speakers: ReadonlyMap<string, readonly SpeakerInterface[]>;
  slicesOf(service: Key): Iterable<Pick<EndpointSliceRecord, "servingNodes">>;
  /** The pool in force that holds an address. */
  poolOf(address: string): PoolRecord | undefined;
}

/** A node that may answer for a Service. */
export interface EligibleNode {
  /** By `preferredNodeSelectors`; the larger is preferred. */
  readonly score: number;
  /** Where it is to answer: exact names; empty: every interface that can. */
  readonly interfaces: readonly string[];
  /** Those of its interfaces where the addresses are at home, else all on which it would answer. */
  readonly homes: readonly string[];
}

/** Who may answer for a Service on layer 2. */
export type Eligibility =
  | {
      readonly nodes: ReadonlyMap<string, EligibleNode>;
      readonly reason?: never;
      readonly selected?: never;
    }
  | {
      readonly nodes?: never;
      /** Why it is nobody. */
      readonly reason: NobodyReason;
      /** Nodes that could, had they an interface that is wanted. */
      readonly selected: readonly string[];
    };

/** Why no node may answer for a Service. */
export type NobodyReason =
  | "notOurs"
  | "noAddress"
  | "noPool"
  | "noEndpoints"
  | "sharedIPWithServiceSelector"
  | "noMatchingAdvertisement"
  | "noEligibleNode";

/**
 * Says which nodes may answer for a Service, by what the source tells alone: whether they are there at
 * this moment is another question. Speakers and the controller ask the same.
 */
export function eligibility(
  view: EligibilityView,
  service: ServiceRecord | undefined,
): Eligibility {
  if (service === undefined || !isOurs(service, view.lbClass)) return nobody("notOurs");
  const address = service.ingress[0];
  if (address === undefined) return nobody("noAddress");
  const pool = view.poolOf(address);
  if (pool === undefined) return nobody("noPool");
  const serving = servingNodes(view.slicesOf(service.key));
  if (serving.size === 0) return nobody("noEndpoints");
  const advertisements = matching(view.advertisements, pool, service);
  if (isShared(service) && advertisements.some((ad) => ad.serviceSelectors.length > 0)) {
    return nobody("sharedIPWithServiceSelector");
  }
  if (advertisements.length === 0) return nobody("noMatchingAdvertisement");

  const candidates: Candidate[] = [];
  for (const node of view.speakers.keys()) {
    if (service.trafficPolicy === "Local" && !serving.has(node)) continue;
    const candidate = candidateOf(view, node, advertisements, service.ingress);
    if (candidate !== undefined) candidates.push(candidate);
  }
  const usable = candidates.filter(({ homes }) => homes.length > 0);
  const home = usable.filter(({ isHome }) => isHome);
  const eligible = home.length > 0 ? home : usable;
  if (eligible.length === 0) {
    return nobody(
      "noEligibleNode",
      candidates.map(({ node }) => node),
    );
  }
  return { nodes: new Map(eligible.map((candidate) => [candidate.node, candidate])) };
}

/** The nodes that have a speaker and the interfaces that each last told, by their signs of life. */
export function speakersOf(
  records: Iterable<SpeakerRecord>,
): Map<string, readonly SpeakerInterface[]> {
  const speakers = new Map<string, readonly SpeakerInterface[]>();
  for (const { node, held, interfaces } of records) if (held) speakers.set(node, interfaces);
  return speakers;
}

/** What an evacuation takes off a score: more than anything else that is counted. */
const EVACUATED = 1e9;

/** Whether a score is that of a node that somebody evacuates: it answers when nobody else can. */
export function isEvacuated(score: number): boolean {
  return score < -EVACUATED / 2;
}

/** The scores alone, as ownership wants them. */
export function scoresOf(nodes: ReadonlyMap<string, EligibleNode>): Eligible {
  return new Map(Array.from(nodes, ([node, { score }]) => [node, score]));
}

interface Candidate extends EligibleNode {
  readonly node: string;
  /** One of its interfaces is in the subnet of the first address. */
  readonly isHome: boolean;
}

function candidateOf(
  view: EligibilityView,
  name: string,
  advertisements: readonly L2AdvertisementRecord[],
  addresses: readonly string[],
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
  const usable = (view.speakers.get(name) ?? []).filter(
    (link) => interfaces.length === 0 || interfaces.includes(link.name),
  );
  const home = usable.filter((link) => addresses.some((address) => isIn(link, address)));
  return {
    node: name,
    score:
      chosen.reduce((sum, ad) => sum + scoreOf(ad, labels), 0) -
      (node?.evacuated === true ? EVACUATED : 0),
    interfaces,
    homes: (home.length > 0 ? home : usable).map((link) => link.name),
    isHome: home.some((link) => isIn(link, addresses[0] ?? "")),
  };
}

function isIn({ subnets }: SpeakerInterface, address: string): boolean {
  return subnets.some((subnet) => subnetHolds(subnet, address));
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

/** Whether a Service is ready to share its address; the annotation counts whatever its value, even an empty one. */
export function isShared(service: ServiceRecord): boolean {
  return (
    "metallb.io/allow-shared-ip" in service.annotations ||
    "metallb.universe.tf/allow-shared-ip" in service.annotations
  );
}

function nobody(reason: NobodyReason, selected: readonly string[] = []): Eligibility {
  return { reason, selected };
}

import type { Eligible } from "@ingot/ownership";
import { subnetHolds } from "../address.ts";
import type {
  EndpointSliceRecord,
  Key,
  L2AdvertisementRecord,
  NodeRecord,
  PoolRecord,
  ServiceRecord,
  SpeakerRecord,
} from "../domain.ts";
import {
  type EligibilityView,
  eligibility,
  isShared,
  scoresOf,
  speakersOf,
} from "./eligibility.ts";
import { servingNodes } from "./selection.ts";

/** What {@link EligibleNodes} are found in; all of it is kept up to date by its owner. */
export interface EligibleNodesView {
  readonly lbClass: string;
  readonly ignoreExcludeLb: boolean;
  /** Nodes that are cordoned or shut down are left as those are that somebody evacuates. */
  readonly evacuateCordoned: boolean;
  readonly nodes: ReadonlyMap<Key, NodeRecord>;
  readonly advertisements: ReadonlyMap<Key, L2AdvertisementRecord>;
  readonly speakers: ReadonlyMap<Key, SpeakerRecord>;
  slicesOf(service: Key): Iterable<EndpointSliceRecord>;
  poolOf(address: string): PoolRecord | undefined;
  /** Whether a node gives signs of life; one that does not is the last to be given anything new. */
  isAlive(node: string): boolean;
}

/**
 * The nodes that may answer for a Service, with their scores. Services about which the same is said
 * share one answer, until `forget` is called: so ten thousand cost little more than one.
 */
export class EligibleNodes {
  readonly #view: EligibleNodesView;
  readonly #answers = new Map<string, Eligible | undefined>();
  /** In which of the speakers' subnets each address is, as text. */
  readonly #places = new Map<string, string>();
  #subnets: readonly string[] = [];
  #asked: EligibilityView | undefined;
  #bySelector = false;

  constructor(view: EligibleNodesView) {
    this.#view = view;
  }

  /** Nodes, advertisements, speakers or pools have changed. */
  forget(): void {
    this.#asked = undefined;
    this.#answers.clear();
  }

  /** Who may answer if the Service has these addresses; undefined: nobody. */
  of(service: ServiceRecord, addresses: readonly string[]): Eligible | undefined {
    const view = this.#prepare();
    const [first = ""] = addresses;
    const serving =
      service.trafficPolicy === "Local"
        ? [...servingNodes(this.#view.slicesOf(service.key))].sort()
        : ANYWHERE;
    const question = JSON.stringify([
      this.#view.poolOf(first)?.key,
      addresses.map((address) => this.#placeOf(address)),
      serving,
      isShared(service),
      this.#bySelector ? service.labels : "",
    ]);
    if (this.#answers.has(question)) return this.#answers.get(question);
    const answer = this.#ask(view, { ...service, ingress: addresses }, serving);
    this.#answers.set(question, answer);
    return answer;
  }

  #prepare(): EligibilityView {
    if (this.#asked !== undefined) return this.#asked;
    const { lbClass, ignoreExcludeLb, nodes, speakers, evacuateCordoned } = this.#view;
    const advertisements = [...this.#view.advertisements.values()];
    this.#bySelector = advertisements.some(({ serviceSelectors }) => serviceSelectors.length > 0);
    const alive = speakersOf(speakers.values());
    const subnets = [...alive.values()].flat().flatMap((link) => link.subnets);
    const distinct = [...new Set(subnets)].sort();
    if (distinct.join() !== this.#subnets.join()) this.#places.clear();
    this.#subnets = distinct;
    this.#asked = {
      lbClass,
      ignoreExcludeLb,
      nodes: evacuateCordoned ? withDepartures(nodes) : nodes,
      advertisements,
      speakers: alive,
      slicesOf: () => [],
      poolOf: (address) => this.#view.poolOf(address),
    };
    return this.#asked;
  }

  #ask(
    view: EligibilityView,
    service: ServiceRecord,
    serving: readonly string[],
  ): Eligible | undefined {
    const { nodes } = eligibility(
      { ...view, slicesOf: () => [{ servingNodes: serving }] },
      service,
    );
    if (nodes === undefined) return undefined;
    const { isAlive } = this.#view;
    return new Map(
      Array.from(scoresOf(nodes), ([node, score]) => [
        node,
        isAlive(node) ? score : score - SILENT,
      ]),
    );
  }

  #placeOf(address: string): string {
    const known = this.#places.get(address);
    if (known !== undefined) return known;
    const place = this.#subnets
      .map((subnet) => (subnetHolds(subnet, address) ? "1" : "0"))
      .join("");
    this.#places.set(address, place);
    return place;
  }
}

/** Under policy Cluster every node forwards, whether there is an endpoint yet or not. */
const ANYWHERE: readonly string[] = [""];

/** More than preferences come to, and less than what an evacuation takes off. */
const SILENT = 1e6;

/** What shuts down, or takes no more Pods, counts as evacuated. */
function withDepartures(nodes: ReadonlyMap<Key, NodeRecord>): ReadonlyMap<Key, NodeRecord> {
  return new Map(
    Array.from(nodes, ([key, node]) => [
      key,
      node.cordoned || node.shutsDown ? { ...node, evacuated: true } : node,
    ]),
  );
}

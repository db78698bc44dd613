import { NO_TABLE, order } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import type { L2AdvertisementRecord, NodeRecord, ServiceRecord } from "../domain.ts";
import {
  advertisementRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "../testing/records.ts";
import { type AnnouncementView, decideAnnouncement } from "./announcement.ts";

const lan = poolRecord("lan", ["192.168.1.0/24"], { labels: { site: "a" } });
const labelled = (matchLabels: Record<string, string>) => ({ matchLabels, matchExpressions: [] });
// MetalLB's published order for this address is a, c, b.
const web = serviceRecord("default/web", { ingress: ["192.168.1.240"], labels: { tier: "front" } });

interface Situation {
  readonly node?: string;
  readonly nodes?: readonly NodeRecord[];
  readonly advertisements?: readonly L2AdvertisementRecord[];
  readonly speakers?: AnnouncementView["speakers"];
  readonly heard?: readonly string[];
  readonly serving?: readonly string[];
  readonly service?: ServiceRecord;
  readonly ignoreExcludeLb?: boolean;
}

const interfaces = speakerRecord("any").interfaces;
const everybody: AnnouncementView["speakers"] = new Map(
  ["node-a", "node-b", "node-c"].map((node) => [node, interfaces]),
);

function decide(situation: Situation = {}) {
  const nodes = situation.nodes ?? [...everybody.keys()].map((name) => nodeRecord(name));
  return decideAnnouncement(
    {
      node: situation.node ?? "node-a",
      lbClass: "",
      ignoreExcludeLb: situation.ignoreExcludeLb ?? false,
      nodes: new Map(nodes.map((node) => [node.name, node])),
      advertisements: situation.advertisements ?? [advertisementRecord("all")],
      speakers: situation.speakers ?? everybody,
      slicesOf: (key) => [sliceRecord("web-1", key, situation.serving ?? ["node-b"])],
      poolOf: (address) => (address.startsWith("192.168.1.") ? lan : undefined),
      isHeard: (name) => (situation.heard ?? [...everybody.keys()]).includes(name),
    },
    situation.service ?? web,
  );
}

/** The nodes that may answer, the first one first, as MetalLB would have it. */
function eligible(situation: Situation = {}): readonly string[] {
  const { candidacy } = decide(situation);
  return candidacy === undefined ? [] : order("192.168.1.240", NO_TABLE, candidacy.eligible);
}

describe("announcement", () => {
  it("is left to all nodes that may, on every interface", () => {
    expect(decide()).toEqual({
      candidacy: {
        addresses: ["192.168.1.240"],
        eligible: new Map([...everybody.keys()].map((name) => [name, 0])),
        table: NO_TABLE,
        interfaces: interfaces.map(({ name }) => name),
        places: [],
      },
    });
    expect(eligible()).toEqual(["node-a", "node-c", "node-b"]);
  });

  it.each<[string, Situation, string]>([
    ["of another class", { service: { ...web, loadBalancerClass: "other" } }, "notOurs"],
    ["without an address", { service: { ...web, ingress: [] } }, "noAddress"],
    ["with an address of no pool", { service: { ...web, ingress: ["10.0.0.1"] } }, "noPool"],
    ["without endpoints that serve", { serving: [] }, "noEndpoints"],
    ["without an advertisement", { advertisements: [] }, "noMatchingAdvertisement"],
  ])("is nobody's for a Service %s", (_, situation, reason) => {
    expect(decide(situation)).toEqual({ reason });
  });

  it.each<[string, Situation]>([
    ["its network is unavailable", { nodes: [nodeRecord("node-a", { networkUnavailable: true })] }],
    [
      "it is excluded by label",
      { nodes: [nodeRecord("node-a", { excludedFromLoadBalancers: true })] },
    ],
    ["it has no speaker", { speakers: new Map([...everybody].slice(1)) }],
    ["no interface of it can announce", { speakers: new Map([...everybody, ["node-a", []]]) }],
    [
      "its link to the address's subnet is cut",
      {
        speakers: new Map(
          ["node-a", "node-b", "node-c"].map((node) => [
            node,
            [{ name: "mgmt", subnets: ["10.78.0.0/24"] }].concat(
              node === "node-a" ? [] : [{ name: "eth0", subnets: ["192.168.1.0/24"] }],
            ),
          ]),
        ),
      },
    ],
  ])("is not left to a node when %s", (_, situation) => {
    expect(eligible(situation)).toEqual(["node-c", "node-b"]);
  });

  it("may come from an excluded node when the label is ignored", () => {
    const nodes = [nodeRecord("node-a", { excludedFromLoadBalancers: true })];
    expect(eligible({ nodes, ignoreExcludeLb: true })[0]).toBe("node-a");
  });

  it("comes from a node with an endpoint under policy Local", () => {
    const service: ServiceRecord = { ...web, trafficPolicy: "Local" };
    expect(eligible({ service, serving: ["node-b", "node-c"] })).toEqual(["node-c", "node-b"]);
    expect(decide({ service, serving: ["node-x"] })).toEqual({ reason: "noEligibleNode" });
  });

  it.each<[string, Partial<L2AdvertisementRecord>, boolean]>([
    ["names the pool", { pools: ["lan"] }, true],
    ["names another pool", { pools: ["dmz"] }, false],
    ["selects the pool", { poolSelectors: [labelled({ site: "a" })] }, true],
    [
      "names another pool but selects this one",
      { pools: ["dmz"], poolSelectors: [labelled({ site: "a" })] },
      true,
    ],
    ["selects another pool", { poolSelectors: [labelled({ site: "b" })] }, false],
    ["selects the Service", { serviceSelectors: [labelled({ tier: "front" })] }, true],
    ["selects other Services", { serviceSelectors: [labelled({ tier: "back" })] }, false],
  ])("counts an advertisement that %s", (_, changes, counts) => {
    const { candidacy } = decide({ advertisements: [advertisementRecord("ad", changes)] });
    expect(candidacy !== undefined).toBe(counts);
  });

  it("comes from the nodes that an advertisement selects", () => {
    const nodes = [...everybody.keys()].map((name) => nodeRecord(name, { labels: { name } }));
    const nodeSelectors = [labelled({ name: "node-b" })];
    expect(
      eligible({ nodes, advertisements: [advertisementRecord("b", { nodeSelectors })] }),
    ).toEqual(["node-b"]);
  });

  it("comes from the preferred node, over several advertisements", () => {
    const nodes = [...everybody.keys()].map((name) => nodeRecord(name, { labels: { name } }));
    const prefer = (name: string, weight: number) =>
      advertisementRecord(`prefer-${name}-${weight}`, {
        preferredNodeSelectors: [{ weight, preference: labelled({ name }) }],
      });
    const advertisements = [prefer("node-b", 30), prefer("node-c", 50), prefer("node-b", 30)];
    expect(eligible({ nodes, advertisements })).toEqual(["node-b", "node-c", "node-a"]);
  });

  it("is made on the union of the wanted interfaces, or on all when one wants all", () => {
    const eth0 = advertisementRecord("eth0", { interfaces: ["eth0"] });
    const eth1 = advertisementRecord("eth1", { interfaces: ["eth1"] });
    const places = (...advertisements: readonly L2AdvertisementRecord[]) =>
      decide({ advertisements }).candidacy?.places;
    expect(places(eth0, eth1)).toEqual(["eth0", "eth1"]);
    expect(places(eth0, advertisementRecord("all"))).toEqual([]);
  });

  it("is not made for a shared address under an advertisement with Service selectors", () => {
    const service = { ...web, annotations: { "metallb.io/allow-shared-ip": "" } };
    const advertisements = [
      advertisementRecord("ad", { serviceSelectors: [labelled({ tier: "front" })] }),
    ];
    expect(decide({ service, advertisements })).toEqual({ reason: "sharedIPWithServiceSelector" });
  });

  it("goes by the controller's table, and by none when what it wrote is no table", () => {
    const table = (text: string) =>
      decide({ service: { ...web, annotations: { "ingot.dev/owners": text } } }).candidacy?.table;
    expect(table("7:node-b,node-a")).toEqual({ epoch: 7, nodes: ["node-b", "node-a"] });
    expect(table("node-b")).toEqual(NO_TABLE);
  });

  it("is missed by the first node that is heard, when none has an interface that is wanted", () => {
    const advertisements = [advertisementRecord("eth9", { interfaces: ["eth9"] })];
    const reason = (node: string, heard?: readonly string[]) =>
      decide({ node, advertisements, ...(heard && { heard }) }).reason;
    expect(reason("node-a")).toBe("noInterface");
    expect(reason("node-c")).toBe("noEligibleNode");
    expect(reason("node-c", ["node-b", "node-c"])).toBe("noInterface");
  });
});

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
    },
    situation.service ?? web,
  );
}

/** The node that answers, by asking each of them. */
function owner(situation: Situation = {}): string | undefined {
  const owners = [...everybody.keys()].filter((node) => decide({ ...situation, node }).announce);
  expect(owners.length).toBeLessThanOrEqual(1);
  return owners[0];
}

describe("announcement", () => {
  it("is made by the first node of the order, on every interface", () => {
    expect(decide()).toEqual({ announce: true, addresses: ["192.168.1.240"], interfaces: [] });
    expect(owner()).toBe("node-a");
  });

  it.each<[string, Situation, string]>([
    ["of another class", { service: { ...web, loadBalancerClass: "other" } }, "notOurs"],
    ["without an address", { service: { ...web, ingress: [] } }, "noAddress"],
    ["with an address of no pool", { service: { ...web, ingress: ["10.0.0.1"] } }, "noPool"],
    ["without endpoints that serve", { serving: [] }, "noEndpoints"],
    ["without an advertisement", { advertisements: [] }, "noMatchingAdvertisement"],
    ["that another node is first for", { node: "node-b" }, "notOwner"],
  ])("is not made for a Service %s", (_, situation, reason) => {
    expect(decide(situation)).toEqual({ announce: false, reason });
  });

  it.each<[string, Situation]>([
    ["its network is unavailable", { nodes: [nodeRecord("node-a", { networkUnavailable: true })] }],
    [
      "it is excluded by label",
      { nodes: [nodeRecord("node-a", { excludedFromLoadBalancers: true })] },
    ],
    ["its speaker is gone", { speakers: new Map([...everybody].slice(1)) }],
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
  ])("falls to the next node when %s", (_, situation) => {
    expect(owner(situation)).toBe("node-c");
  });

  it("comes from an excluded node when the label is ignored", () => {
    const nodes = [nodeRecord("node-a", { excludedFromLoadBalancers: true })];
    expect(owner({ nodes, ignoreExcludeLb: true })).toBe("node-a");
  });

  it("comes from a node with an endpoint under policy Local", () => {
    const service: ServiceRecord = { ...web, trafficPolicy: "Local" };
    expect(owner({ service, serving: ["node-b", "node-c"] })).toBe("node-c");
    expect(decide({ service, serving: ["node-x"] })).toEqual({
      announce: false,
      reason: "noEligibleNode",
    });
  });

  it("is made by any node when the subnet is at home nowhere", () => {
    const speakers = new Map(
      [...everybody.keys()].map((node) => [node, [{ name: "eth0", subnets: [] }]]),
    );
    expect(owner({ speakers })).toBe("node-a");
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
    expect(decide({ advertisements: [advertisementRecord("ad", changes)] }).announce).toBe(counts);
  });

  it("comes from the nodes that an advertisement selects", () => {
    const nodes = [...everybody.keys()].map((name) => nodeRecord(name, { labels: { name } }));
    const nodeSelectors = [labelled({ name: "node-b" })];
    expect(owner({ nodes, advertisements: [advertisementRecord("b", { nodeSelectors })] })).toBe(
      "node-b",
    );
  });

  it("comes from the preferred node, over several advertisements", () => {
    const nodes = [...everybody.keys()].map((name) => nodeRecord(name, { labels: { name } }));
    const prefer = (name: string, weight: number) =>
      advertisementRecord(`prefer-${name}-${weight}`, {
        preferredNodeSelectors: [{ weight, preference: labelled({ name }) }],
      });
    const advertisements = [prefer("node-b", 30), prefer("node-c", 50), prefer("node-b", 30)];
    expect(owner({ nodes, advertisements })).toBe("node-b");
  });

  it("is made on the union of the wanted interfaces, or on all when one wants all", () => {
    const eth0 = advertisementRecord("eth0", { interfaces: ["eth0"] });
    const eth1 = advertisementRecord("eth1", { interfaces: ["eth1"] });
    expect(decide({ advertisements: [eth0, eth1] })).toMatchObject({
      interfaces: ["eth0", "eth1"],
    });
    expect(decide({ advertisements: [eth0, advertisementRecord("all")] })).toMatchObject({
      interfaces: [],
    });
  });

  it("skips a node that has none of the wanted interfaces", () => {
    const speakers = new Map([...everybody, ["node-a", [{ name: "eth9", subnets: [] }]]]);
    expect(
      owner({ speakers, advertisements: [advertisementRecord("eth0", { interfaces: ["eth0"] })] }),
    ).toBe("node-c");
  });

  it("is not made for a shared address under an advertisement with Service selectors", () => {
    const service = { ...web, annotations: { "metallb.io/allow-shared-ip": "" } };
    const advertisements = [
      advertisementRecord("ad", { serviceSelectors: [labelled({ tier: "front" })] }),
    ];
    expect(decide({ service, advertisements })).toEqual({
      announce: false,
      reason: "sharedIPWithServiceSelector",
    });
  });
});

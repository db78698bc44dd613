import { describe, expect, it } from "vitest";
import type { BgpAdvertisementRecord, NodeRecord, PoolRecord, ServiceRecord } from "../domain.ts";
import {
  bgpAdvertisementRecord as advertisement,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
} from "../testing/records.ts";
import { decideRoutes } from "./bgp-routes.ts";

const pool = poolRecord("lan", ["192.0.2.0/24", "2001:db8::/120"]);
const rack = (value: string) => ({ matchLabels: { rack: value }, matchExpressions: [] });

interface Setting {
  readonly service?: Partial<ServiceRecord>;
  readonly advertisements?: readonly BgpAdvertisementRecord[];
  readonly node?: Partial<NodeRecord>;
  readonly serving?: readonly string[];
  readonly pool?: PoolRecord | undefined;
  readonly ignoreExcludeLb?: boolean;
}

function decide(setting: Setting = {}) {
  const { serving = ["n1"], advertisements = [advertisement("a")] } = setting;
  const service = serviceRecord("default/web", { ingress: ["192.0.2.7"], ...setting.service });
  return decideRoutes(
    {
      node: "n1",
      lbClass: "",
      ignoreExcludeLb: setting.ignoreExcludeLb ?? false,
      nodes: new Map([["n1", nodeRecord("n1", setting.node)]]),
      advertisements,
      slicesOf: () => [sliceRecord("web-1", "default/web", serving)],
      poolOf: () => ("pool" in setting ? setting.pool : pool),
    },
    service,
  );
}

const plain = { peers: [], localPref: 0, asPathPrepend: 0, communities: [] };

describe("the routes of a Service", () => {
  it("are one an address and advertisement", () => {
    expect(decide({ service: { ingress: ["192.0.2.7", "2001:db8::7"] } })).toEqual({
      announce: true,
      routes: [
        { ...plain, prefix: "192.0.2.7/32" },
        { ...plain, prefix: "2001:db8::7/128" },
      ],
    });
  });

  it("are aggregates beside single addresses where advertisements ask for both", () => {
    const advertisements = [
      advertisement("a", { localPref: 200, communities: ["1:1"] }),
      advertisement("b", { aggregationLength: 26, aggregationLengthV6: 124, peers: ["tor"] }),
    ];
    expect(decide({ advertisements })).toEqual({
      announce: true,
      routes: [
        { ...plain, prefix: "192.0.2.7/32", localPref: 200, communities: ["1:1"] },
        { ...plain, prefix: "192.0.2.0/26", peers: ["tor"] },
      ],
    });
  });

  it("go out under policy Cluster wherever an endpoint serves, under Local only from its node", () => {
    expect(decide({ serving: ["n2"] }).announce).toBe(true);
    expect(decide({ service: { trafficPolicy: "Local" } }).announce).toBe(true);
  });

  it.each<[string, Setting]>([
    ["notOurs", { service: { loadBalancerClass: "other" } }],
    ["noAddress", { service: { ingress: [] } }],
    ["noPool", { pool: undefined }],
    ["notOwner", { advertisements: [] }],
    ["notOwner", { advertisements: [advertisement("a", { pools: ["dmz"] })] }],
    ["notOwner", { advertisements: [advertisement("a", { nodeSelectors: [rack("2")] })] }],
    [
      "noMatchingAdvertisement",
      { advertisements: [advertisement("a", { serviceSelectors: [rack("2")] })] },
    ],
    [
      "conflictingAdvertisements",
      { advertisements: [advertisement("a"), advertisement("b", { localPref: 50 })] },
    ],
    [
      "conflictingAdvertisements",
      {
        advertisements: [
          advertisement("a"),
          advertisement("b", { asPathPrepend: 1, peers: ["x"] }),
        ],
      },
    ],
    ["nodeNetworkUnavailable", { node: { networkUnavailable: true } }],
    ["nodeLabeledExcludeBalancers", { node: { excludedFromLoadBalancers: true } }],
    ["noEndpoints", { serving: [] }],
    ["noLocalEndpoints", { service: { trafficPolicy: "Local" }, serving: ["n2"] }],
  ])("are none: %s", (reason, setting) => {
    expect(decide(setting)).toEqual({ announce: false, reason });
  });

  it("do not contradict each other for other peers, or for other lengths", () => {
    const to = (peer: string, localPref: number) =>
      advertisement(peer, { peers: [peer], localPref });
    expect(decide({ advertisements: [to("a", 1), to("b", 2)] }).announce).toBe(true);
    const long = advertisement("c", { localPref: 5, aggregationLength: 24 });
    expect(decide({ advertisements: [advertisement("a"), long] }).announce).toBe(true);
  });

  it("go out from a node labelled for exclusion where that is to be ignored", () => {
    const node = { excludedFromLoadBalancers: true };
    expect(decide({ node, ignoreExcludeLb: true }).announce).toBe(true);
  });
});

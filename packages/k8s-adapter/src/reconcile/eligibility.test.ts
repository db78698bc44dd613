import { describe, expect, it } from "vitest";
import type { L2AdvertisementRecord, ServiceRecord, SpeakerInterface } from "../domain.ts";
import {
  advertisementRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "../testing/records.ts";
import { type EligibilityView, eligibility, scoresOf, speakersOf } from "./eligibility.ts";

const lan = poolRecord("lan", ["192.168.1.0/24", "fd00::/64"]);
const web = serviceRecord("default/web", { ingress: ["192.168.1.240", "fd00::1"] });
const wired = (...names: readonly string[]): readonly SpeakerInterface[] =>
  names.map((name) => ({
    name,
    subnets: { eth0: ["192.168.1.0/24"], eth1: ["fd00::/64"] }[name] ?? ["10.78.0.0/24"],
  }));

function look(changes: Partial<EligibilityView> = {}, service: ServiceRecord = web) {
  const names = ["n1", "n2"];
  return eligibility(
    {
      lbClass: "",
      ignoreExcludeLb: false,
      nodes: new Map(names.map((name) => [name, nodeRecord(name)])),
      advertisements: [advertisementRecord("all")],
      speakers: new Map(names.map((name) => [name, wired("eth0", "mgmt")])),
      slicesOf: (key) => [sliceRecord("web-1", key, ["n2"])],
      poolOf: () => lan,
      ...changes,
    },
    service,
  );
}

describe("eligibility", () => {
  it("is that of every node which has a speaker and an interface at home, with its score", () => {
    const speakers = new Map([
      ["n1", wired("eth0", "mgmt")],
      ["n2", wired("mgmt")],
    ]);
    expect(look({ speakers }).nodes).toEqual(
      new Map([["n1", expect.objectContaining({ score: 0, interfaces: [], homes: ["eth0"] })]]),
    );
  });

  it("names every interface where one of the addresses is at home", () => {
    const speakers = new Map([["n1", wired("mgmt", "eth1", "eth0")]]);
    expect(look({ speakers }).nodes?.get("n1")?.homes).toEqual(["eth1", "eth0"]);
  });

  it("goes by the interfaces that an advertisement names, and by all of these at home nowhere", () => {
    const interfaces = ["mgmt", "spare"];
    const advertisements = [advertisementRecord("named", { interfaces })];
    const speakers = new Map([["n1", wired("eth0", "mgmt", "spare")]]);
    expect(look({ advertisements, speakers }).nodes?.get("n1")).toMatchObject({
      interfaces,
      homes: interfaces,
    });
  });

  it("is nobody's without an interface, and says who is selected all the same", () => {
    const advertisements = [advertisementRecord("named", { interfaces: ["eth9"] })];
    expect(look({ advertisements })).toEqual({ reason: "noEligibleNode", selected: ["n1", "n2"] });
  });

  it("is that of the nodes with an endpoint under policy Local", () => {
    const nodes = look({}, { ...web, trafficPolicy: "Local" }).nodes;
    expect([...(nodes ?? new Map()).keys()]).toEqual(["n2"]);
  });

  it("carries the scores of preferred nodes, over several advertisements", () => {
    const matchLabels = { rack: "1" };
    const prefer = (weight: number): Partial<L2AdvertisementRecord> => ({
      preferredNodeSelectors: [{ weight, preference: { matchLabels, matchExpressions: [] } }],
    });
    const advertisements = [
      advertisementRecord("a", prefer(3)),
      advertisementRecord("b", prefer(4)),
    ];
    const nodes = new Map([["n1", nodeRecord("n1", { labels: matchLabels })]]);
    const found = look({ advertisements, nodes }).nodes ?? new Map();
    expect(scoresOf(found)).toEqual(
      new Map([
        ["n1", 7],
        ["n2", 0],
      ]),
    );
  });

  it("counts speakers that never said goodbye, whenever they were heard", () => {
    const records = [
      speakerRecord("n1", { interfaces: wired("eth0"), renewal: "long ago" }),
      speakerRecord("n2", { held: false }),
    ];
    expect(speakersOf(records)).toEqual(new Map([["n1", wired("eth0")]]));
  });
});

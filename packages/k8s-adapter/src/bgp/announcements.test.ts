import { describe, expect, it } from "vitest";
import type { BfdProfileRecord, BfdTiming, Kind, Kinds, ServiceRecord } from "../domain.ts";
import { World } from "../reconcile/world.ts";
import { bfdTiming } from "../testing/bfd-net.ts";
import { FakeSession } from "../testing/fake-session.ts";
import {
  bgpAdvertisementRecord,
  bgpPeerRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
} from "../testing/records.ts";
import { BgpAnnouncements } from "./announcements.ts";

const lan = poolRecord("lan", ["192.0.2.0/24"]);

function setUp() {
  const world = new World([
    "service",
    "node",
    "bgpPeer",
    "bgpAdvertisement",
    "community",
    "secret",
    "bfdProfile",
  ]);
  const sessions: FakeSession[] = [];
  const bgp = new BgpAnnouncements({
    world,
    node: "n1",
    lbClass: "",
    ignoreExcludeLb: false,
    poolOf: () => lan,
    open: (settings) => {
      const session = new FakeSession(settings);
      sessions.push(session);
      return session;
    },
  });
  const put = <K extends Kind>(kind: K, record: Kinds[K]) =>
    // The compiler does not see that kind and record belong together.
    world.apply({ type: "put", kind, record } as Parameters<World["apply"]>[0]);
  const announce = (service: ServiceRecord) => {
    put("service", service);
    const change = bgp.decide(service.key, service);
    bgp.flush();
    return change;
  };
  put("node", nodeRecord("n1"));
  put("bgpAdvertisement", bgpAdvertisementRecord("all"));
  put("endpointSlice", sliceRecord("web-1", "default/web", ["n1"]));
  return {
    world,
    bgp,
    put,
    announce,
    sessions,
    live: () => sessions.filter((s) => s.stopped === undefined),
  };
}

const web = serviceRecord("default/web", { ingress: ["192.0.2.7"] });
const routesOf = (session: FakeSession | undefined) => [...(session?.routes.keys() ?? [])];

describe("BGP announcements", () => {
  it("tell every peer of a Service's address, and when it is gone", () => {
    const { bgp, put, announce, sessions } = setUp();
    put("bgpPeer", bgpPeerRecord("a"));
    put("bgpPeer", bgpPeerRecord("b", { address: "10.77.0.253" }));
    expect(bgp.configure([lan])).toEqual([]);
    expect(announce(web)).toMatchObject({ before: [], after: ["192.0.2.7"] });
    expect(sessions.map(routesOf)).toEqual([["192.0.2.7/32"], ["192.0.2.7/32"]]);
    expect(announce({ ...web, ingress: [] })).toMatchObject({ before: ["192.0.2.7"], after: [] });
    expect(sessions.map(routesOf)).toEqual([[], []]);
  });

  it("tell a new peer all there is", () => {
    const { bgp, put, announce, sessions } = setUp();
    bgp.configure([lan]);
    announce(web);
    put("bgpPeer", bgpPeerRecord("a"));
    bgp.configure([lan]);
    expect(sessions.map(routesOf)).toEqual([["192.0.2.7/32"]]);
  });

  it("leave a session alone when its peer did not change, and replace it when it did", () => {
    const { bgp, put, announce, sessions, live } = setUp();
    put("bgpPeer", bgpPeerRecord("a"));
    bgp.configure([lan]);
    announce(web);
    put("bgpPeer", bgpPeerRecord("a", { resourceVersion: "2" }));
    bgp.configure([lan]);
    expect(sessions).toHaveLength(1);
    put("bgpPeer", bgpPeerRecord("a", { holdTimeS: 9 }));
    bgp.configure([lan]);
    expect(sessions[0]?.stopped).toBe("configuration changed");
    expect(live().map(routesOf)).toEqual([["192.0.2.7/32"]]);
  });

  it("are complete with the first flush, and for a session that comes later at once", () => {
    const { bgp, put, announce, sessions } = setUp();
    put("bgpPeer", bgpPeerRecord("a"));
    bgp.configure([lan]);
    expect(sessions.map(({ isComplete }) => isComplete)).toEqual([false]);
    announce(web);
    put("bgpPeer", bgpPeerRecord("b", { address: "10.77.0.253" }));
    bgp.configure([lan]);
    expect(sessions.map(({ isComplete }) => isComplete)).toEqual([true, true]);
  });

  it("end the session of a peer that is gone", () => {
    const { bgp, put, world, sessions } = setUp();
    put("bgpPeer", bgpPeerRecord("a"));
    bgp.configure([lan]);
    world.apply({ type: "delete", kind: "bgpPeer", key: "metallb-system/a" });
    bgp.configure([lan]);
    expect(sessions.map(({ stopped }) => stopped)).toEqual(["peer removed"]);
  });

  it("give each peer what its advertisement says", () => {
    const { bgp, put, announce, sessions } = setUp();
    put("bgpPeer", bgpPeerRecord("a", { localAsn: 65_000 }));
    put("bgpPeer", bgpPeerRecord("b", { address: "10.77.0.253" }));
    put("community", { ...bgpPeerRecord("c"), aliases: [{ name: "vpn", value: "1:2" }] });
    put(
      "bgpAdvertisement",
      bgpAdvertisementRecord("all", {
        localPref: 300,
        asPathPrepend: 2,
        communities: ["vpn", "large:1:2:3"],
      }),
    );
    bgp.configure([lan]);
    announce(web);
    const common = {
      origin: "igp",
      nextHop: "0.0.0.0",
      communities: [0x1_0002],
      largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }],
    };
    expect(sessions.map(({ routes }) => routes.get("192.0.2.7/32"))).toEqual([
      { ...common, asPath: [], localPref: 300 },
      { ...common, asPath: [{ type: "sequence", asns: [64_512, 64_512] }] },
    ]);
  });

  it("take leave of everyone at the end", async () => {
    const { bgp, put, sessions } = setUp();
    put("bgpPeer", bgpPeerRecord("a"));
    bgp.configure([lan]);
    await bgp.close("node drained");
    expect(sessions.map(({ stopped }) => stopped)).toEqual(["node drained"]);
  });

  it("leaves a session up when only the way in which BFD watches it changes", () => {
    const { bgp, put, sessions } = setUp();
    const profile = (timing: BfdTiming) => put("bfdProfile", bfdProfileRecord("fast", timing));
    profile(bfdTiming());
    put("bgpPeer", bgpPeerRecord("a", { bfdProfile: "fast" }));
    put("bgpPeer", bgpPeerRecord("b", { address: "10.77.0.253" }));
    bgp.configure([lan]);
    profile(bfdTiming({ detectMultiplier: 5 }));
    bgp.configure([lan]);
    bgp.configure([lan]);
    put("bgpPeer", bgpPeerRecord("a"));
    bgp.configure([lan]);
    expect(sessions.map(({ watched }) => watched)).toEqual([
      [bfdTiming({ detectMultiplier: 5 }), undefined],
      [],
    ]);
    expect(sessions.map(({ stopped }) => stopped)).toEqual([undefined, undefined]);
    put("bgpPeer", bgpPeerRecord("a", { bfdProfile: "fast", holdTimeS: 30 }));
    bgp.configure([lan]);
    expect(sessions.map(({ stopped }) => stopped)).toEqual([
      "configuration changed",
      undefined,
      undefined,
    ]);
  });
});

function bfdProfileRecord(name: string, timing: BfdTiming): BfdProfileRecord {
  const namespace = "metallb-system";
  const version = { uid: name, resourceVersion: "1", createdMs: 0 };
  return { key: `${namespace}/${name}`, namespace, name, ...version, timing };
}

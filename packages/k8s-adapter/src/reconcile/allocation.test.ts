import { Allocator } from "@ingot/allocator";
import { describe, expect, it } from "vitest";
import type { PoolRecord, PoolReservation, ServiceRecord } from "../domain.ts";
import { namespaceRecord, poolRecord, serviceRecord } from "../testing/records.ts";
import { decideAllocation, POOL_ANNOTATION } from "./allocation.ts";
import { Quotas } from "./quotas.ts";

const lan = poolRecord("lan", ["10.77.0.100-10.77.0.101"]);

function controller(pools: readonly PoolRecord[] = [lan], changes: { broken?: string } = {}) {
  const allocator = new Allocator();
  allocator.setPools([...pools]);
  const view = {
    allocator,
    pools: new Map(pools.map((pool) => [pool.name, pool])),
    namespaces: new Map([["default", namespaceRecord("default", { labels: { team: "a" } })]]),
    brokenPools: new Set(changes.broken === undefined ? [] : [changes.broken]),
    lbClass: "",
    isForeign: false,
    quotas: new Quotas(new Map()),
    keptFor: () => [],
    isLeaving: () => false,
  };
  return {
    allocator,
    decide: (service: ServiceRecord) => decideAllocation(view, service.key, service),
    gone: (key: string) => decideAllocation(view, key, undefined),
  };
}

const keptFor = (name: string, address: string, reserved: Partial<PoolReservation>) =>
  poolRecord(name, [address], {
    reserved: {
      priority: 0,
      namespaces: [],
      namespaceSelectors: [],
      serviceSelectors: [],
      ...reserved,
    },
  });
const labelled = (team: string) => [{ matchLabels: { team }, matchExpressions: [] }];
const web = serviceRecord("default/web");
const api = serviceRecord("default/api");
const holding = (service: ServiceRecord, address: string, pool = "lan"): ServiceRecord => ({
  ...service,
  ingress: [address],
  annotations: { ...service.annotations, [POOL_ANNOTATION]: pool },
});
const asking = (service: ServiceRecord, suffix: string, value: string): ServiceRecord => ({
  ...service,
  annotations: { ...service.annotations, [`metallb.io/${suffix}`]: value },
});

describe("a pool that is kept for somebody", () => {
  const first = (...pools: readonly PoolRecord[]) =>
    controller([lan, ...pools]).decide({ ...web, labels: { team: "a" } }).desired?.pool;

  it.each<[string, Partial<PoolReservation>]>([
    ["its namespace by name", { namespaces: ["x", "default"] }],
    ["its namespace by label", { namespaceSelectors: labelled("a") }],
    ["itself by label", { serviceSelectors: labelled("a") }],
    ["everybody", {}],
  ])("goes before the others for a Service when it is for %s", (_, reserved) => {
    expect(first(keptFor("z", "10.0.0.1/32", reserved))).toBe("z");
  });

  it.each<[string, Partial<PoolReservation>]>([
    ["other namespaces", { namespaces: ["x"], namespaceSelectors: labelled("b") }],
    ["others of its namespace", { namespaces: ["default"], serviceSelectors: labelled("b") }],
  ])("does not take a Service when it is for %s", (_, reserved) => {
    expect(first(keptFor("a", "10.0.0.1/32", reserved))).toBe("lan");
  });

  it("goes by priority, and last with 0", () => {
    const pools = [0, 20, 10].map((priority) =>
      keptFor(`p${priority}`, `10.0.0.${priority}/32`, { priority }),
    );
    const { decide } = controller(pools);
    const order = [1, 2, 3].map((i) => decide(serviceRecord(`default/s${i}`)).desired?.pool);
    expect(order).toEqual(["p10", "p20", "p0"]);
  });

  it("is used up before another gives both families", () => {
    const dual = poolRecord("dual", ["10.1.0.0/24", "2001:db8::/120"]);
    const service = serviceRecord("default/web", {
      families: [4, 6],
      familyPolicy: "PreferDualStack",
    });
    const decision = controller([dual, keptFor("own", "10.0.0.1/32", {})]).decide(service);
    expect(decision.desired).toEqual({ addresses: ["10.0.0.1"], pool: "own" });
  });

  it("takes back what it gave to somebody that it is not for any more", () => {
    const decision = controller([lan, keptFor("own", "10.0.0.1/32", { namespaces: ["x"] })]).decide(
      holding(web, "10.0.0.1", "own"),
    );
    expect(decision.desired?.pool).toBe("lan");
    expect(decision.cleared).toBe('pool "own": namespace "default" is not allowed');
  });

  it("refuses a Service that asks for it, or for one of its addresses, by name", () => {
    const { decide } = controller([keptFor("own", "10.0.0.1/32", { namespaces: ["x"] })]);
    expect(decide(asking(web, "address-pool", "own")).problem).toBe(
      'pool "own": namespace "default" is not allowed',
    );
    expect(decide(asking(web, "loadBalancerIPs", "10.0.0.1")).problem).toMatch(
      /is in pool "own": namespace "default" is not allowed$/,
    );
  });
});

describe("allocation", () => {
  it("gives the lowest free address of the first pool", () => {
    const { decide } = controller();
    expect(decide(web)).toEqual({
      desired: { addresses: ["10.77.0.100"], pool: "lan" },
      problem: "",
      reason: "AllocationFailed",
      cleared: "",
      lacks: "",
      waitsFor: [],
    });
    expect(decide(api).desired?.addresses).toEqual(["10.77.0.101"]);
  });

  it("decides the same again when nothing changed", () => {
    const { decide } = controller();
    expect(decide(web)).toEqual(decide(web));
  });

  it("keeps what a status says, although a lower address is free", () => {
    const { decide } = controller();
    expect(decide(holding(web, "10.77.0.101")).desired?.addresses).toEqual(["10.77.0.101"]);
  });

  it("follows an address into a pool of another name", () => {
    const { decide } = controller();
    expect(decide(holding(web, "10.77.0.101", "old")).desired).toEqual({
      addresses: ["10.77.0.101"],
      pool: "lan",
    });
  });

  it("takes an address away that is in no pool, says so, and gives another", () => {
    const { decide } = controller();
    const decision = decide(holding(web, "192.0.2.1"));
    expect(decision.desired?.addresses).toEqual(["10.77.0.100"]);
    expect(decision.cleared).toContain("192.0.2.1");
  });

  it("touches nothing while the pool of an address is broken", () => {
    const { decide } = controller([], { broken: "lan" });
    const decision = decide(holding(web, "10.77.0.101"));
    expect(decision.desired).toBeUndefined();
    expect(decision.problem).toBe('IPAddressPool "lan", which 10.77.0.101 is from, is broken');
  });

  it("leaves the second of two Services that hold one address without it", () => {
    const { decide } = controller();
    decide(holding(web, "10.77.0.100"));
    const second = decide(holding(api, "10.77.0.100"));
    expect(second.desired?.addresses).toEqual(["10.77.0.101"]);
    expect(second.cleared).toContain("default/web");
  });

  it("frees the address of a Service that is gone", () => {
    const { decide, gone } = controller();
    decide(web);
    gone(web.key);
    expect(decide(api).desired?.addresses).toEqual(["10.77.0.100"]);
  });

  it.each([
    ["the type", { isLoadBalancer: false }],
    ["the class", { loadBalancerClass: "other" }],
  ])("clears what it wrote when %s leaves its hands", (_, changes) => {
    const { decide, allocator } = controller();
    decide(web);
    expect(decide({ ...holding(web, "10.77.0.100"), ...changes }).desired).toEqual({
      addresses: [],
      pool: "",
    });
    expect(allocator.assignment(web.key)).toBeUndefined();
  });

  it("leaves a Service of another class alone, even with an annotation like its own", () => {
    const { decide } = controller();
    expect(
      decide({ ...holding(web, "10.77.0.100"), loadBalancerClass: "other" }).desired,
    ).toBeUndefined();
  });

  describe("says why, and what would help, when", () => {
    it("every pool is exhausted", () => {
      const { decide } = controller();
      decide(web);
      decide(api);
      const decision = decide(serviceRecord("default/third"));
      expect(decision.desired).toEqual({ addresses: [], pool: "" });
      expect(decision.problem).toMatch(/^no available IPs: .*lan/);
      expect(decision.waitsFor).toEqual(["pools", "pool:lan"]);
    });

    it("there is no pool", () => {
      expect(controller([]).decide(web).problem).toBe(
        "no available IPs: there is no IPAddressPool",
      );
    });

    it("no pool may be used unasked", () => {
      const off = poolRecord("dmz", ["10.0.0.0/24"], { autoAssign: false });
      const other = keptFor("lab", "10.0.1.0/24", { namespaces: ["lab"] });
      expect(controller([off, other]).decide(web).problem).toBe(
        'no available IPs: pool "dmz": autoAssign is false; pool "lab": namespace "default" is not allowed',
      );
    });

    it("the wanted pool does not exist", () => {
      const decision = controller().decide(asking(web, "address-pool", "dmz"));
      expect(decision.problem).toBe('unknown pool "dmz"');
      expect(decision.waitsFor).toEqual(["pools"]);
    });

    it("the wanted address is outside every pool", () => {
      const decision = controller().decide(asking(web, "loadBalancerIPs", "192.0.2.9"));
      expect(decision.problem).toBe(
        '["192.0.2.9"] (metallb.io/loadBalancerIPs) is not allowed in config: no IPAddressPool holds 192.0.2.9',
      );
      expect(decision.waitsFor).toEqual(["pools", "address:192.0.2.9"]);
    });

    it("the wanted address is another Service's", () => {
      const { decide } = controller();
      decide(web);
      const decision = decide({ ...api, loadBalancerIP: "10.77.0.100" });
      expect(decision.problem).toMatch(
        /^\["10.77.0.100"\] \(spec.loadBalancerIP\): .*default\/web/,
      );
    });

    it("the wanted address is in another pool than the wanted pool", () => {
      const dmz = poolRecord("dmz", ["10.0.0.0/24"]);
      const both = asking(asking(web, "loadBalancerIPs", "10.0.0.1"), "address-pool", "lan");
      expect(controller([lan, dmz]).decide(both).problem).toBe(
        '["10.0.0.1"] (metallb.io/loadBalancerIPs) is not compatible with requested address pool lan: it is in pool "dmz"',
      );
    });

    it("what is asked for cannot be read", () => {
      const decision = controller().decide(asking(web, "loadBalancerIPs", "10.77.0.300"));
      expect(decision.problem).toBe(
        'invalid metallb.io/loadBalancerIPs: "10.77.0.300" is not an address',
      );
    });
  });

  it("keeps the old address while a changed request cannot be granted", () => {
    const { decide } = controller();
    decide(web);
    const decision = decide(asking(holding(web, "10.77.0.100"), "loadBalancerIPs", "192.0.2.9"));
    expect(decision.desired).toEqual({ addresses: ["10.77.0.100"], pool: "lan" });
    expect(decision.problem).toContain("192.0.2.9");
  });

  it("moves to an explicit address in one step", () => {
    const { decide, allocator } = controller();
    decide(web);
    const decision = decide(asking(holding(web, "10.77.0.100"), "loadBalancerIPs", "10.77.0.101"));
    expect(decision.desired?.addresses).toEqual(["10.77.0.101"]);
    expect(allocator.ownersOf("10.77.0.100")).toEqual([]);
  });

  it("takes explicit addresses from a pool that is not used unasked", () => {
    const off = poolRecord("dmz", ["10.0.0.0/24"], { autoAssign: false });
    const { decide } = controller([lan, off]);
    expect(decide({ ...web, loadBalancerIP: "10.0.0.7" }).desired?.pool).toBe("dmz");
    expect(decide(asking(api, "address-pool", "dmz")).desired?.addresses).toEqual(["10.0.0.0"]);
  });

  it("lets Services of one sharing key share, as they already did", () => {
    const { decide } = controller();
    const tcp = asking(holding(web, "10.77.0.100"), "allow-shared-ip", "dns");
    const udp = {
      ...asking(holding(api, "10.77.0.100"), "allow-shared-ip", "dns"),
      ports: [{ protocol: "UDP" as const, port: 80 }],
    };
    expect(decide(tcp).desired?.addresses).toEqual(["10.77.0.100"]);
    expect(decide(udp).desired?.addresses).toEqual(["10.77.0.100"]);
  });

  describe("of two families", () => {
    const dual = poolRecord("dual", ["10.0.0.0/30", "fd77::/126"]);
    const wants = (familyPolicy: ServiceRecord["familyPolicy"]): ServiceRecord => ({
      ...web,
      familyPolicy,
      clusterIPs: ["10.96.0.1", "fd96::1"],
    });

    it("keeps one and says so when both are required and the cluster has one", () => {
      const service = { ...holding(web, "10.77.0.101"), familyPolicy: "RequireDualStack" as const };
      const decision = controller().decide(service);
      expect(decision.desired?.addresses).toEqual(["10.77.0.101"]);
      expect(decision).toMatchObject({
        problem: "RequireDualStack needs cluster addresses of both families",
        reason: "not enough clusterips",
      });
    });

    it("gives both from one pool", () => {
      expect(controller([lan, dual]).decide(wants("RequireDualStack")).desired).toEqual({
        addresses: ["10.0.0.0", "fd77::"],
        pool: "dual",
      });
    });

    it("gives the primary alone when that is preferred only", () => {
      expect(controller().decide(wants("PreferDualStack")).desired?.addresses).toEqual([
        "10.77.0.100",
      ]);
    });

    it("gives nothing when both are required and no pool has both", () => {
      expect(controller().decide(wants("RequireDualStack")).problem).toMatch(/^no available IPs/);
    });

    it("keeps the order in which a status names them", () => {
      const service = { ...wants("RequireDualStack"), ingress: ["fd77::1", "10.0.0.1"] };
      expect(controller([dual]).decide(service).desired?.addresses).toEqual([
        "fd77::1",
        "10.0.0.1",
      ]);
    });
  });
});

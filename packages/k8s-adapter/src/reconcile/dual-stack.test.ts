import { Allocator } from "@ingot/allocator";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { familyOf } from "../address.ts";
import type { PoolRecord, ServiceRecord } from "../domain.ts";
import { poolRecord, serviceRecord } from "../testing/records.ts";
import { type AllocationDecision, decideAllocation, POOL_ANNOTATION } from "./allocation.ts";
import { Quotas } from "./quotas.ts";

/** A controller whose writes take effect at once, as an API server would carry them out. */
class Cluster {
  readonly #allocator = new Allocator();
  readonly #services = new Map<string, ServiceRecord>();
  #pools: readonly PoolRecord[] = [];

  setPools(...pools: readonly PoolRecord[]): void {
    this.#pools = pools;
    this.#allocator.setPools([...pools]);
  }

  put(service: ServiceRecord): AllocationDecision {
    const { ingress = [], annotations = {} } = this.#services.get(service.key) ?? service;
    const decision = this.#decide({
      ...service,
      ingress,
      annotations: { ...annotations, ...service.annotations },
    });
    return decision;
  }

  again(key: string): AllocationDecision {
    const service = this.#services.get(key);
    if (service === undefined) throw new Error(`there is no ${key}`);
    return this.#decide(service);
  }

  delete(key: string): void {
    this.#services.delete(key);
    this.#allocator.release(key);
  }

  #decide(service: ServiceRecord): AllocationDecision {
    const decision = decideAllocation(
      {
        allocator: this.#allocator,
        pools: new Map(this.#pools.map((pool) => [pool.name, pool])),
        namespaces: new Map(),
        brokenPools: new Set(),
        lbClass: "",
        isForeign: false,
        quotas: new Quotas(new Map()),
        keptFor: () => [],
        isLeaving: () => false,
      },
      service.key,
      service,
    );
    const { addresses = service.ingress, pool = "" } = decision.desired ?? {};
    const annotations = { ...service.annotations, [POOL_ANNOTATION]: pool };
    this.#services.set(service.key, { ...service, ingress: addresses, annotations });
    return decision;
  }
}

const V4 = "10.0.0.1-10.0.0.2";
const V6 = "2001:db8::1-2001:db8::2";
const pool = (...addresses: readonly string[]) => poolRecord("lan", addresses);
const web = (changes: Partial<ServiceRecord> = {}) =>
  serviceRecord("default/web", {
    familyPolicy: "PreferDualStack",
    clusterIPs: ["10.96.0.1", "fd96::1"],
    ...changes,
  });
const given = ({ desired }: AllocationDecision) => desired?.addresses;

describe("PreferDualStack", () => {
  it("gets the second family when the pool has it, behind the first, and says so until then", () => {
    const cluster = new Cluster();
    cluster.setPools(pool(V4));
    const first = cluster.put(web());
    expect(first).toMatchObject({ lacks: "", problem: "" });
    expect(cluster.again("default/web")).toMatchObject({
      desired: { addresses: ["10.0.0.1"] },
      lacks: 'pool "lan" has no IPv6 range',
      waitsFor: ["pools"],
    });
    cluster.setPools(pool(V4, V6));
    expect(given(cluster.again("default/web"))).toEqual(["10.0.0.1", "2001:db8::1"]);
    expect(cluster.again("default/web")).toMatchObject({ lacks: "", waitsFor: [] });
  });

  it("waits for an address of the second family where all are in use", () => {
    const cluster = new Cluster();
    cluster.setPools(pool("10.0.0.1/32", V6));
    cluster.put(web({ key: "default/other", clusterIPs: ["10.96.0.2"] }));
    expect(given(cluster.put(web()))).toEqual(["2001:db8::1"]);
    expect(cluster.again("default/web")).toMatchObject({ waitsFor: ["pool:lan"] });
    cluster.delete("default/other");
    expect(given(cluster.again("default/web"))).toEqual(["2001:db8::1", "10.0.0.1"]);
  });

  it("does not move to another pool that has both", () => {
    const cluster = new Cluster();
    cluster.setPools(poolRecord("b", [V4]));
    cluster.put(web());
    cluster.setPools(poolRecord("a", ["10.1.0.1/32", V6]), poolRecord("b", [V4]));
    expect(given(cluster.again("default/web"))).toEqual(["10.0.0.1"]);
  });

  it("keeps one family on a cluster of one, however often it is looked at", () => {
    const cluster = new Cluster();
    cluster.setPools(pool(V4, V6));
    const single = web({ clusterIPs: ["10.96.0.1"] });
    for (let look = 0; look < 5; look += 1) {
      expect(given(cluster.put(single))).toEqual(["10.0.0.1"]);
    }
  });

  it("keeps the family that is left when the cluster or the pool loses the other", () => {
    for (const lose of ["cluster", "pool"] as const) {
      const cluster = new Cluster();
      cluster.setPools(poolRecord("a", ["10.9.0.0/24"], { autoAssign: false }), pool(V4, V6));
      cluster.put(serviceRecord("default/first"));
      expect(given(cluster.put(web()))).toEqual(["10.0.0.2", "2001:db8::1"]);
      cluster.delete("default/first");
      if (lose === "cluster") {
        expect(given(cluster.put(web({ clusterIPs: ["10.96.0.1"] })))).toEqual(["10.0.0.2"]);
      } else {
        cluster.setPools(pool(V4));
        const decision = cluster.again("default/web");
        expect(given(decision)).toEqual(["10.0.0.2"]);
        expect(decision.cleared).toContain("2001:db8::1");
      }
    }
  });

  it("is refused one explicit address where the cluster has both families", () => {
    const cluster = new Cluster();
    cluster.setPools(pool(V4, V6));
    expect(cluster.put(web({ loadBalancerIP: "10.0.0.2" })).problem).toContain(
      "does not match the ipFamily of the service (IPv4, IPv6)",
    );
  });

  it("never oscillates and never gives up a good address, whatever happens to pools and families", () => {
    const pools = fc.constantFrom(
      [V4],
      [V6],
      [V4, V6],
      ["10.0.0.1/32", V6],
      [V4, "2001:db8::2/128"],
    );
    const step = fc.oneof(
      pools.map((addresses) => ({ type: "pools" as const, addresses })),
      fc
        .constantFrom(
          ["10.96.0.1"],
          ["fd96::1"],
          ["10.96.0.1", "fd96::1"],
          ["fd96::1", "10.96.0.1"],
        )
        .map((clusterIPs) => ({ type: "families" as const, clusterIPs })),
      fc
        .constantFrom(
          "PreferDualStack" as const,
          "RequireDualStack" as const,
          "SingleStack" as const,
        )
        .map((familyPolicy) => ({ type: "policy" as const, familyPolicy })),
      fc.boolean().map((exists) => ({ type: "neighbour" as const, exists })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const cluster = new Cluster();
        let addresses: readonly string[] = [V4, V6];
        let service = web();
        cluster.setPools(pool(...addresses));
        let held = given(cluster.put(service)) ?? [];
        for (const next of steps) {
          if (next.type === "pools") addresses = next.addresses;
          if (next.type === "families") service = { ...service, clusterIPs: next.clusterIPs };
          if (next.type === "policy") service = { ...service, familyPolicy: next.familyPolicy };
          if (next.type === "neighbour") {
            if (next.exists) cluster.put(web({ key: "default/neighbour" }));
            else cluster.delete("default/neighbour");
          } else {
            cluster.setPools(pool(...addresses));
          }
          const first = given(cluster.put(service)) ?? [];
          const second = given(cluster.again(service.key)) ?? [];
          const third = given(cluster.again(service.key)) ?? [];
          expect(third).toEqual(second);
          // What is written at first is only added to.
          expect(second.slice(0, first.length)).toEqual(first);
          const inPool = new Allocator();
          inPool.setPools([{ name: "lan", addresses: [...addresses] }]);
          const wanted = new Set(service.clusterIPs.map((text) => familyOf(text)));
          const good = held.filter(
            (address) => inPool.poolOf(address) !== undefined && wanted.has(familyOf(address)),
          );
          for (const address of good) expect(second).toContain(address);
          held = second;
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

describe("sharing", () => {
  const sharer = (key: string, port: number, changes: Partial<ServiceRecord> = {}) =>
    serviceRecord(key, {
      ports: [{ protocol: "TCP", port }],
      annotations: { "metallb.io/allow-shared-ip": "key" },
      selector: "app=a",
      ...changes,
    });
  const local = { trafficPolicy: "Local" } as const;
  const one = (changes: Partial<PoolRecord> = {}) => poolRecord("lan", ["10.0.0.1/32"], changes);

  it.each<[string, ServiceRecord, ServiceRecord, boolean]>([
    ["of two namespaces", sharer("a/x", 80), sharer("b/x", 81), true],
    ["of equal ports", sharer("a/x", 80), sharer("a/y", 80), false],
    [
      "of equal ports of other protocols",
      sharer("a/x", 53),
      sharer("a/y", 0, { ports: [{ protocol: "UDP", port: 53 }] }),
      true,
    ],
    [
      "of other keys",
      sharer("a/x", 80),
      sharer("a/y", 81, { annotations: { "metallb.io/allow-shared-ip": "other" } }),
      false,
    ],
    ["without a key", sharer("a/x", 80), sharer("a/y", 81, { annotations: {} }), false],
    ["of policies Local and Cluster", sharer("a/x", 80, local), sharer("a/y", 81), false],
    ["of Local with one selector", sharer("a/x", 80, local), sharer("a/y", 81, local), true],
    [
      "of Local with two selectors",
      sharer("a/x", 80, local),
      sharer("a/y", 81, { ...local, selector: "app=b" }),
      false,
    ],
    [
      "of Local with one selector in two namespaces",
      sharer("a/x", 80, local),
      sharer("b/x", 81, local),
      false,
    ],
    [
      "of Local without a selector, and of Cluster",
      sharer("a/x", 80, { ...local, selector: "" }),
      sharer("a/y", 81),
      false,
    ],
  ])("by Services %s", (_, first, second, shares) => {
    const cluster = new Cluster();
    cluster.setPools(one());
    cluster.put(first);
    expect(given(cluster.put(second))).toEqual(shares ? ["10.0.0.1"] : []);
  });

  it.each([
    ["a/y", "10.0.0.1"],
    ["b/y", ""],
  ])("of a pool that allows it within a namespace alone: a/x with %s", (key, address) => {
    const cluster = new Cluster();
    cluster.setPools(one({ shareWithinNamespace: true }));
    cluster.put(sharer("a/x", 80));
    expect(given(cluster.put(sharer(key, 81)))?.join()).toBe(address);
    const explicit = sharer(key, 82, { key: `${key}2`, loadBalancerIP: "10.0.0.1" });
    expect(given(cluster.put(explicit))?.join()).toBe(address);
  });
});

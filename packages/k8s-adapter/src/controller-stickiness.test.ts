import { describe, expect, it } from "vitest";
import type { PoolRecord, ServiceRecord } from "./domain.ts";
import { POOL_ANNOTATION } from "./reconcile/allocation.ts";
import type { SourceEvent } from "./source/source.ts";
import {
  ControllerBench,
  given,
  holding,
  put,
  putPool,
  settled,
} from "./testing/controller-bench.ts";
import { poolRecord, serviceRecord } from "./testing/records.ts";

// What MetalLB's users may rely on when pools and Services change under a controller, and what its
// own controller does not keep. Each case at a start over that state, or while it runs.

const lan = poolRecord("lan", ["10.0.0.1-10.0.0.4"], { createdMs: 1 });
const web = serviceRecord("default/web", { createdMs: 1 });
const api = serviceRecord("default/api", { createdMs: 2 });
const gone = (pool: PoolRecord): SourceEvent => ({ type: "delete", kind: "pool", key: pool.key });

/** A controller that has decided all of this. */
async function running(...before: readonly SourceEvent[]): Promise<ControllerBench> {
  const bench = new ControllerBench();
  bench.loop.lead();
  bench.source.tell(...before);
  bench.source.sync();
  await settled();
  return bench;
}

/** What is written, and which events say why, after these. */
async function after(bench: ControllerBench, ...events: readonly SourceEvent[]) {
  const { source } = bench;
  const [statuses, told] = [source.statuses.length, source.events.length];
  source.tell(...events);
  await settled();
  return {
    written: given(source).slice(statuses),
    pools: source.statuses.slice(statuses).map(({ annotations }) => annotations[POOL_ANNOTATION]),
    reasons: source.events.slice(told).map(({ reason }) => reason),
  };
}

describe("stickiness at a start", () => {
  it("gives nobody an address that another status names, whoever is older", async () => {
    const { source } = await running(
      putPool(lan),
      put(holding(web, "10.0.9.9")),
      put(holding(api, "10.0.0.1")),
    );
    expect(given(source)).toEqual(["default/web 10.0.0.2"]);
  });

  it("gives nobody what a status names that has to give it up, before it did", async () => {
    const kept = poolRecord("kept", ["10.0.1.1/32"], {
      reserved: {
        priority: 0,
        namespaces: ["other"],
        namespaceSelectors: [],
        serviceSelectors: [],
      },
    });
    const bench = new ControllerBench();
    const other = serviceRecord("other/own");
    bench.loop.lead();
    bench.source.tell(putPool(kept), put(other), put(holding(web, "10.0.1.1")));
    bench.source.answers.push(new Error("the API is away"));
    bench.source.sync();
    await settled();
    expect(given(bench.source)).toEqual([]);
    bench.clock.advance(200);
    await settled();
    expect(given(bench.source)).toEqual(["default/web -", "other/own 10.0.1.1"]);
  });

  it("lets of two that ask for one address the one have it that has it", async () => {
    const asks = (service: ServiceRecord) => ({ ...service, loadBalancerIP: "10.0.0.3" });
    const { source } = await running(
      putPool(lan),
      put(asks(web)),
      put(asks(holding(api, "10.0.0.3"))),
    );
    expect(given(source)).toEqual([]);
    expect(source.events.map(({ name, reason }) => `${name} ${reason}`)).toEqual([
      "web AllocationFailed",
    ]);
  });

  it("clears a Service that ceased to be a load balancer meanwhile", async () => {
    const { source } = await running(
      putPool(lan),
      put({ ...holding(web, "10.0.0.1"), isLoadBalancer: false }),
    );
    expect(source.statuses).toMatchObject([
      { key: "default/web", addresses: [], annotations: { [POOL_ANNOTATION]: null } },
    ]);
  });
});

describe("a status that cannot be", () => {
  const MOVED = ["ClearAssignment", "IPAllocated"];

  it.each([
    ["two addresses of one family", ["10.0.0.2", "10.0.0.3"], "10.0.0.2", ["ClearAssignment"]],
    ["an address twice", ["10.0.0.2", "10.0.0.2"], "10.0.0.2", []],
    ["three addresses", ["10.0.0.2", "2001:db8::1", "10.0.0.3"], "10.0.0.1", MOVED],
    ["what is no address", ["nonsense"], "10.0.0.1", MOVED],
  ])(
    "names %s, and is repaired with as much of it as may stay",
    async (_, ingress, address, reasons) => {
      const { source } = await running(putPool(lan), put({ ...holding(web, "x"), ingress }));
      expect(given(source)).toEqual([`default/web ${address}`]);
      expect(source.events.map(({ reason }) => reason)).toEqual(reasons);
    },
  );
});

describe("stickiness when pools change", () => {
  const served = () => running(putPool(lan), put(web), put(api));

  it("follows a pool into another name, without a gap and in one write", async () => {
    const renamed = poolRecord("net", lan.addresses, { createdMs: 2 });
    const bench = await served();
    expect((await after(bench, putPool(renamed))).written).toEqual([]);
    expect(await after(bench, gone(lan))).toEqual({
      written: ["default/web 10.0.0.1", "default/api 10.0.0.2"],
      pools: ["net", "net"],
      reasons: [],
    });
  });

  it("follows a pool that is split, whichever half comes first", async () => {
    const half = putPool({ ...lan, addresses: ["10.0.0.1/32"] });
    const rest = putPool(poolRecord("rest", ["10.0.0.2-10.0.0.4"], { createdMs: 2 }));
    // The new pool overlaps until the old one is smaller, so nothing changes before.
    expect(await after(await served(), rest, half)).toMatchObject({
      written: ["default/api 10.0.0.2"],
      pools: ["rest"],
      reasons: [],
    });
    // In this order the address is in no pool for a moment.
    const bench = await served();
    expect((await after(bench, half)).written).toEqual(["default/api -"]);
    expect((await after(bench, rest)).written).toEqual(["default/api 10.0.0.2"]);
  });

  it("follows pools that are merged", async () => {
    const other = poolRecord("other", ["10.0.1.1-10.0.1.4"]);
    const bench = await running(
      putPool(lan),
      putPool(other),
      put(web),
      put({ ...api, loadBalancerIP: "10.0.1.2" }),
    );
    const whole = { ...lan, addresses: [...lan.addresses, ...other.addresses] };
    expect(await after(bench, putPool(whole), gone(other))).toEqual({
      written: ["default/api 10.0.1.2"],
      pools: ["lan"],
      reasons: [],
    });
  });

  it("moves only the Service whose address a pool has lost", async () => {
    const bench = await served();
    expect(await after(bench, putPool({ ...lan, addresses: ["10.0.0.2-10.0.0.4"] }))).toEqual({
      written: ["default/web 10.0.0.3"],
      pools: ["lan"],
      reasons: ["ClearAssignment", "IPAllocated"],
    });
  });

  it("clears what was of the last pool, and serves all when it is there again", async () => {
    const bench = await served();
    const cleared = await after(bench, gone(lan));
    expect(cleared.written).toEqual(["default/web -", "default/api -"]);
    expect((await after(bench, putPool(lan))).written).toEqual([
      "default/web 10.0.0.1",
      "default/api 10.0.0.2",
    ]);
  });

  it("keeps what was given when autoAssign is turned off", async () => {
    const bench = await served();
    expect((await after(bench, putPool({ ...lan, autoAssign: false }))).written).toEqual([]);
  });

  it("leaves alone what is of a pool that was broken before, and moves it once that is gone", async () => {
    const key = "metallb-system/old";
    const error = { kind: "pool", key, field: "spec", message: "broken" } as const;
    const old = { ...holding(web, "10.0.9.9"), annotations: { [POOL_ANNOTATION]: "old" } };
    const bench = await running(putPool(lan), { type: "rejected", error }, put(old));
    expect(given(bench.source)).toEqual([]);
    expect(await after(bench, { type: "delete", kind: "pool", key })).toMatchObject({
      written: ["default/web 10.0.0.1"],
    });
  });

  it("moves from .0 and .255 when avoidBuggyIPs is turned on", async () => {
    const net = poolRecord("net", ["10.0.0.0-10.0.0.1"]);
    const bench = await running(putPool(net), put(web));
    expect((await after(bench, putPool({ ...net, avoidBuggyIPs: true }))).written).toEqual([
      "default/web 10.0.0.1",
    ]);
  });

  it("keeps what is shared within a namespace when a pool begins or ceases to demand that", async () => {
    const shared = (key: string, port: number) =>
      serviceRecord(key, {
        ports: [{ protocol: "TCP", port }],
        annotations: { "metallb.io/allow-shared-ip": "key" },
      });
    const one = { ...lan, addresses: ["10.0.0.1/32"] };
    const bench = await running(putPool(one), put(shared("a/x", 80)), put(shared("a/y", 81)));
    const guarded = { ...one, shareWithinNamespace: true };
    expect((await after(bench, putPool(guarded), putPool(one))).written).toEqual([]);
    await after(bench, put(shared("b/z", 82)));
    // Only the youngest has to go.
    expect((await after(bench, putPool(guarded))).written).toEqual(["b/z -"]);
  });

  it("moves those that a serviceAllocation leaves out", async () => {
    const spare = poolRecord("spare", ["10.0.5.1/32"], { createdMs: 2 });
    const bench = await running(putPool(lan), putPool(spare), put(web));
    const reserved = {
      priority: 0,
      namespaces: ["other"],
      namespaceSelectors: [],
      serviceSelectors: [],
    };
    expect(await after(bench, putPool({ ...lan, reserved }))).toMatchObject({
      written: ["default/web 10.0.5.1"],
      reasons: ["ClearAssignment", "IPAllocated"],
    });
  });

  it("gives a waiting Service no address of one that lost only its other family", async () => {
    const both = poolRecord("lan", ["10.0.0.1/32", "2001:db8::1/128"]);
    const dual = { ...web, families: [4, 6] as const, familyPolicy: "PreferDualStack" as const };
    const bench = await running(putPool(both), put(dual), put(api));
    expect(given(bench.source)).toEqual(["default/web 10.0.0.1,2001:db8::1"]);
    bench.loop.suspend();
    // Ahead of the other in the queue.
    bench.source.tell(put({ ...api, resourceVersion: "7" }));
    bench.source.tell(putPool({ ...both, addresses: ["10.0.0.1/32"] }));
    bench.loop.lead();
    await settled();
    expect(given(bench.source).slice(1)).toEqual(["default/web 10.0.0.1"]);
  });
});

describe("stickiness when Services change", () => {
  it("keeps the address while a changed request cannot be granted, and says so", async () => {
    const bench = await running(putPool(lan), put(web), put(api));
    const asking = {
      ...holding(api, "10.0.0.2"),
      loadBalancerIP: "10.0.0.1",
      resourceVersion: "9",
    };
    const refused = await after(bench, put(asking));
    expect(refused).toMatchObject({ written: [], reasons: ["AllocationFailed"] });
    expect(bench.source.events.at(-1)?.message).toMatch(
      /"10\.0\.0\.1" is already in use by "default\/web".*; it keeps 10\.0\.0\.2$/,
    );
    const freed = await after(bench, { type: "delete", kind: "service", key: "default/web" });
    expect(freed.written).toEqual(["default/api 10.0.0.1"]);
  });

  it("keeps the address while a request cannot be read, and says so as MetalLB does", async () => {
    const bench = await running(putPool(lan), put(web));
    const annotations = { "metallb.io/loadBalancerIPs": "10.0.0.2,10.0.0.3" };
    const asking = { ...holding(web, "10.0.0.1"), resourceVersion: "9" };
    const all = { ...asking.annotations, ...annotations };
    const { written, reasons } = await after(bench, put({ ...asking, annotations: all }));
    expect({ written, reasons }).toEqual({ written: [], reasons: ["LoadBalancerFailed"] });
    expect(bench.source.events.at(-1)?.message).toBe(
      'invalid requested loadbalancer IPs: invalid metallb.io/loadBalancerIPs: ["10.0.0.2","10.0.0.3"] has the same family twice; it keeps 10.0.0.1',
    );
    const fresh = await after(bench, put({ ...api, annotations }));
    expect(fresh.reasons).toEqual(["AllocationFailed"]);
  });

  it("clears what is of another class now, even if the first write fails", async () => {
    const bench = await running(putPool(lan), put(web));
    bench.source.answers.push("conflict");
    const other = { ...holding(web, "10.0.0.1"), loadBalancerClass: "x", resourceVersion: "7" };
    await after(bench, put(other));
    expect((await after(bench, put({ ...other, resourceVersion: "8" }))).written).toEqual([
      "default/web -",
    ]);
  });

  it("goes straight back when a request is taken back before it was written", async () => {
    const bench = await running(putPool(lan), put(web));
    const { source } = bench;
    source.answers.push("conflict");
    const asking = {
      ...holding(web, "10.0.0.1"),
      loadBalancerIP: "10.0.0.4",
      resourceVersion: "3",
    };
    await after(bench, put(asking));
    const back = await after(bench, put({ ...asking, loadBalancerIP: "10.0.0.1" }));
    expect(back).toMatchObject({ written: [], reasons: [] });
  });

  it("lets one that is about to be deleted keep what it has, and gives it nothing", async () => {
    const bench = await running(putPool(lan), put(web));
    const deleting = { ...holding(web, "10.0.0.1"), deleting: true, resourceVersion: "5" };
    const { written } = await after(bench, put(deleting), put({ ...api, deleting: true }));
    expect(written).toEqual([]);
    expect(await after(bench, put(serviceRecord("default/new")))).toMatchObject({
      written: ["default/new 10.0.0.2"],
    });
  });

  it("gives one that is made anew under its name what it had", async () => {
    const bench = await running(putPool(lan), put(web), put(api));
    await after(bench, { type: "delete", kind: "service", key: "default/web" });
    expect((await after(bench, put({ ...web, uid: "2" }))).written).toEqual([
      "default/web 10.0.0.1",
    ]);
  });

  it("claims for a Service what it comes with, before those that wait", async () => {
    const bench = await running(putPool({ ...lan, addresses: ["10.0.0.1/32"] }));
    bench.loop.suspend();
    bench.source.tell(put(web), put(holding(api, "10.0.0.1")));
    bench.loop.lead();
    await settled();
    expect(given(bench.source)).toEqual([]);
    expect(bench.source.events.map(({ name }) => name)).toEqual(["web"]);
  });
});

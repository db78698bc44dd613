import { describe, expect, it } from "vitest";
import type { NamespaceQuota, PoolRecord, ServiceRecord } from "./domain.ts";
import type { SourceEvent } from "./source/source.ts";
import {
  ControllerBench,
  given,
  holding,
  put,
  putNamespace,
  putPool,
  settled,
} from "./testing/controller-bench.ts";
import { namespaceRecord, poolRecord, serviceRecord, speakerRecord } from "./testing/records.ts";

const lan = poolRecord("lan", ["10.0.0.1-10.0.0.3"]);
const web = serviceRecord("default/web", { createdMs: 1 });
const api = serviceRecord("default/api", { createdMs: 2 });
const remove = (key: string): SourceEvent => ({ type: "delete", kind: "service", key });

async function running(...before: readonly SourceEvent[]): Promise<ControllerBench> {
  const bench = new ControllerBench();
  bench.loop.lead();
  bench.source.tell(...before);
  bench.source.sync();
  await settled();
  return bench;
}

async function after(bench: ControllerBench, ...events: readonly SourceEvent[]) {
  const written = bench.source.statuses.length;
  bench.source.tell(...events);
  await settled();
  return given(bench.source).slice(written);
}

describe("the cool-down of a pool", () => {
  const cooling = (changes: Partial<PoolRecord> = {}) =>
    putPool({ ...lan, addresses: ["10.0.0.1/32"], coolDownMs: 60_000, ...changes });

  it("keeps an address that was given up from other Services for that time", async () => {
    const bench = await running(cooling(), put(web), put(api));
    expect(await after(bench, remove("default/web"))).toEqual([]);
    const explicit = put({ ...api, loadBalancerIP: "10.0.0.1", resourceVersion: "2" });
    expect(await after(bench, explicit)).toEqual([]);
    expect(bench.source.events.at(-1)?.message).toContain(
      '"10.0.0.1" is already in use by "default/web (cooling down 10.0.0.1)"',
    );
    bench.clock.advance(59_999);
    await settled();
    expect(given(bench.source)).toHaveLength(1);
    bench.clock.advance(1);
    await settled();
    expect(given(bench.source).at(-1)).toBe("default/api 10.0.0.1");
  });

  it("lets the same Service have it back, before what is lower", async () => {
    const bench = await running(cooling({ addresses: lan.addresses }), put(web), put(api));
    await after(bench, remove("default/web"), remove("default/api"));
    expect(await after(bench, put(api))).toEqual(["default/api 10.0.0.2"]);
    expect(await after(bench, put(serviceRecord("default/new")))).toEqual(["default/new 10.0.0.3"]);
    expect(await after(bench, put(web))).toEqual(["default/web 10.0.0.1"]);
    // It has it, so nothing cools down any more.
    bench.clock.advance(60_000);
    expect(await after(bench, put(serviceRecord("default/late")))).toEqual([]);
  });

  it("begins when a status does not name the address any more", async () => {
    const bench = await running(cooling({ addresses: lan.addresses }), put(web));
    const moving = {
      ...holding(web, "10.0.0.1"),
      loadBalancerIP: "10.0.0.3",
      resourceVersion: "5",
    };
    await after(bench, put(moving));
    expect(await after(bench, put(api))).toEqual(["default/api 10.0.0.2"]);
    bench.clock.advance(60_000);
    expect(await after(bench, put(serviceRecord("default/new")))).toEqual(["default/new 10.0.0.1"]);
  });

  it("is not for a shared address that others still have", async () => {
    const shared = (key: string, port: number) =>
      serviceRecord(key, {
        ports: [{ protocol: "TCP", port }],
        annotations: { "metallb.io/allow-shared-ip": "key" },
      });
    const bench = await running(cooling(), put(shared("a/x", 80)), put(shared("a/y", 81)));
    await after(bench, remove("a/x"));
    expect(await after(bench, put(shared("a/z", 80)))).toEqual(["a/z 10.0.0.1"]);
  });
});

describe("the quota of a namespace", () => {
  const quota = (limits: Partial<NamespaceQuota>, name = "default") =>
    putNamespace(
      namespaceRecord(name, {
        quota: { ipv4: undefined, ipv6: undefined, problem: "", ...limits },
      }),
    );
  const problems = ({ source }: ControllerBench) =>
    source.events.filter(({ type }) => type === "Warning").map(({ message }) => message);

  it("refuses one address too many, says why, and counts no other namespace", async () => {
    const bench = await running(
      putPool(lan),
      quota({ ipv4: 1 }),
      put(web),
      put(api),
      put(serviceRecord("other/web", { createdMs: 3 })),
    );
    expect(given(bench.source)).toEqual(["default/web 10.0.0.1", "other/web 10.0.0.2"]);
    expect(problems(bench)).toEqual([
      'Failed to allocate IP for "default/api": no available IPs: namespace "default" has 1 of the 1 IPv4 addresses that ingot.dev/quota-ipv4 allows',
    ]);
  });

  it.each<[string, SourceEvent]>([
    ["an address is given up", remove("default/web")],
    ["it is raised", quota({ ipv4: 2 })],
    ["it is taken away", putNamespace(namespaceRecord("default"))],
  ])("lets those that wait have one when %s", async (_, event) => {
    const bench = await running(putPool(lan), quota({ ipv4: 1 }), put(web), put(api));
    expect(await after(bench, event)).toMatchObject([/^default\/api /]);
  });

  it("takes nothing away when it is lowered, and lets Services move", async () => {
    const bench = await running(putPool(lan), quota({ ipv4: 2 }), put(web), put(api));
    expect(await after(bench, quota({ ipv4: 1 }))).toEqual([]);
    await after(bench, remove("default/api"));
    const moving = {
      ...holding(web, "10.0.0.1"),
      loadBalancerIP: "10.0.0.3",
      resourceVersion: "5",
    };
    expect(await after(bench, put(moving))).toEqual(["default/web 10.0.0.3"]);
  });

  it("counts what is there at a start first, and a shared address once", async () => {
    const shared = (key: string, port: number, changes: Partial<ServiceRecord> = {}) =>
      serviceRecord(key, {
        ports: [{ protocol: "TCP", port }],
        annotations: { "metallb.io/allow-shared-ip": "key" },
        ...changes,
      });
    const bench = await running(
      putPool(lan),
      quota({ ipv4: 1 }),
      put({ ...web, createdMs: 0 }),
      put(shared("default/x", 80, { ingress: ["10.0.0.1"], createdMs: 7 })),
      put(shared("default/y", 81, { createdMs: 8 })),
    );
    expect(given(bench.source)).toEqual(["default/x 10.0.0.1", "default/y 10.0.0.1"]);
  });

  it("leaves a Service that prefers two families with the one that there is room for", async () => {
    const both = poolRecord("lan", ["10.0.0.1/32", "2001:db8::1/128"]);
    const dual = { families: [4, 6] as const, familyPolicy: "PreferDualStack" as const };
    const bench = await running(putPool(both), quota({ ipv6: 0 }));
    expect(await after(bench, put({ ...web, ...dual }))).toEqual(["default/web 10.0.0.1"]);
    expect(bench.source.events.map(({ message }) => message)).toContain(
      'cannot assign additional IP in PreferDualStack: namespace "default" has 0 of the 0 IPv6 addresses that ingot.dev/quota-ipv6 allows',
    );
    expect(await after(bench, quota({ ipv6: 1 }))).toEqual(["default/web 10.0.0.1,2001:db8::1"]);
  });

  it("that cannot be read lets nobody have more", async () => {
    const problem = 'metadata.annotations["ingot.dev/quota-ipv4"] must be a whole number, got "x"';
    const bench = await running(putPool(lan), quota({ problem }), put(web));
    expect(problems(bench)).toEqual([
      `Failed to allocate IP for "default/web": no available IPs: namespace "default": ${problem}`,
    ]);
  });
});

describe("the quarantine of a pool", () => {
  const guarded = (changes: Partial<PoolRecord> = {}) =>
    putPool({ ...lan, addresses: ["10.0.0.1/32"], quarantine: true, ...changes });
  const seen = (node: string, ...conflicts: readonly string[]): SourceEvent => ({
    type: "put",
    kind: "speaker",
    record: speakerRecord(node, { conflicts }),
  });

  it("takes nothing from the Service that has it, and gives it to no other", async () => {
    const bench = await running(guarded(), put(web), put(api));
    const resync = put({ ...holding(web, "10.0.0.1"), resourceVersion: "7" });
    expect(await after(bench, seen("n1", "10.0.0.1"), resync)).toEqual([]);
    expect(await after(bench, remove("default/web"))).toEqual([]);
    const explicit = put({ ...api, loadBalancerIP: "10.0.0.1", resourceVersion: "2" });
    expect(await after(bench, explicit)).toEqual([]);
    expect(bench.source.events.at(-1)?.message).toContain(
      '"10.0.0.1" is already in use by "another host (in conflict 10.0.0.1)"',
    );
  });

  it("ends ten minutes after the last node has reported it", async () => {
    const bench = await running(
      guarded(),
      seen("n1", "10.0.0.1"),
      seen("n2", "10.0.0.1"),
      put(web),
    );
    expect(given(bench.source)).toEqual([]);
    await after(bench, seen("n1"));
    bench.clock.advance(600_000);
    expect(await after(bench)).toEqual([]);
    await after(bench, { type: "delete", kind: "speaker", key: speakerRecord("n2").key });
    bench.clock.advance(599_999);
    expect(await after(bench)).toEqual([]);
    const waited = given(bench.source).length;
    bench.clock.advance(1);
    await settled();
    expect(given(bench.source).slice(waited)).toEqual(["default/web 10.0.0.1"]);
  });

  it("is of pools alone that want it, as soon as they do, and until they do not", async () => {
    const bench = await running(guarded({ quarantine: false }), seen("n1", "10.0.0.1"), put(web));
    expect(given(bench.source)).toEqual(["default/web 10.0.0.1"]);
    await after(bench, guarded(), remove("default/web"));
    expect(await after(bench, put(api))).toEqual([]);
    expect(await after(bench, guarded({ quarantine: false }))).toEqual(["default/api 10.0.0.1"]);
  });
});

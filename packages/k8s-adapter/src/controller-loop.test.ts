import { describe, expect, it } from "vitest";
import type { ServiceRecord } from "./domain.ts";
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

const lan = poolRecord("lan", ["10.0.0.1-10.0.0.2"]);
const web = serviceRecord("default/web", { createdMs: 1 });
const api = serviceRecord("default/api", { createdMs: 2 });
const third = serviceRecord("default/third", { createdMs: 3 });

/** One that leads from the start. */
function start(...before: readonly SourceEvent[]): ControllerBench {
  const bench = new ControllerBench();
  bench.loop.lead();
  bench.source.tell(...before);
  return bench;
}

describe("controller loop", () => {
  it("decides nothing before everything is listed", async () => {
    const bench = start(putPool(lan), put(web));
    const { source } = bench;
    source.tell({ type: "synced", kind: "pool" });
    source.tell({ type: "synced", kind: "namespace" });
    source.tell({ type: "synced", kind: "ownershipKey" });
    source.tell({ type: "synced", kind: "speaker" });
    await settled();
    expect(bench.isReady).toBe(false);
    expect(source.statuses).toEqual([]);
    source.tell({ type: "synced", kind: "service" });
    await settled();
    expect(bench.isReady).toBe(true);
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
  });

  it("writes status and annotation in one write, and one event", async () => {
    const { source } = start(putPool(lan), put(web));
    source.sync();
    await settled();
    expect(source.statuses).toEqual([
      {
        key: "default/web",
        resourceVersion: "1",
        addresses: ["10.0.0.1"],
        annotations: { [POOL_ANNOTATION]: "lan" },
      },
    ]);
    expect(source.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'IPAllocated: Assigned IP ["10.0.0.1"]',
    ]);
  });

  it("warns of deprecated annotations when an address is assigned", async () => {
    const old = "metallb.universe.tf/address-pool";
    const { source } = start(putPool(lan), put({ ...web, annotations: { [old]: "lan" } }));
    source.sync();
    await settled();
    expect(source.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'IPAllocated: Assigned IP ["10.0.0.1"]',
      `deprecatedAnnotation: Service uses deprecated annotation ${old}`,
    ]);
  });

  it("lets those that have addresses claim them before the others are served", async () => {
    const { source } = start(putPool(lan), put(web), put(holding(api, "10.0.0.1")));
    source.sync();
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.2"]);
  });

  it("writes nothing at all at a start over a steady state", async () => {
    const { source } = start(
      putPool(lan),
      put(holding(web, "10.0.0.2")),
      put(holding(api, "10.0.0.1")),
    );
    source.sync();
    source.tell(putPool({ ...lan, resourceVersion: "2" }), put(holding(web, "10.0.0.2")));
    await settled();
    expect(source.statuses).toEqual([]);
    expect(source.events).toEqual([]);
  });

  it("tells a Service once why it waits, and serves it when an address comes free", async () => {
    const { source } = start(putPool(lan), put(web), put(api), put(third));
    source.sync();
    await settled();
    source.tell(put({ ...third, resourceVersion: "2" }));
    await settled();
    const warnings = source.events.filter(({ type }) => type === "Warning");
    expect(warnings.map(({ name, reason }) => `${name} ${reason}`)).toEqual([
      "third AllocationFailed",
    ]);
    expect(warnings[0]?.message).toMatch(
      /^Failed to allocate IP for "default\/third": no available IPs/,
    );
    source.tell({ type: "delete", kind: "service", key: "default/web" });
    await settled();
    expect(given(source).at(-1)).toBe("default/third 10.0.0.1");
  });

  it("wakes those that wait when an address comes free by a move", async () => {
    const dmz = poolRecord("dmz", ["10.0.9.1/32"], { autoAssign: false });
    const { source } = start(putPool(lan), putPool(dmz), put(web), put(api), put(third));
    source.sync();
    await settled();
    source.tell(
      put({ ...holding(web, "10.0.0.1"), resourceVersion: "2", loadBalancerIP: "10.0.9.1" }),
    );
    await settled();
    expect(given(source).slice(-2)).toEqual(["default/web 10.0.9.1", "default/third 10.0.0.1"]);
  });

  it("wakes those that wait for an address that others share in another way now", async () => {
    const shared = (service: ServiceRecord, port: number) => ({
      ...service,
      ports: [{ protocol: "TCP" as const, port }],
      annotations: { ...service.annotations, "metallb.io/allow-shared-ip": "key" },
    });
    const { source } = start(putPool({ ...lan, addresses: ["10.0.0.1/32"] }));
    source.sync();
    source.tell(put(shared(web, 80)), put(shared(api, 80)));
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
    source.tell(put({ ...shared(holding(web, "10.0.0.1"), 81), resourceVersion: "5" }));
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.1", "default/api 10.0.0.1"]);
  });

  it("says once that a second family is missing, and does not count that as waiting", async () => {
    const dual = { ...web, familyPolicy: "PreferDualStack" as const, families: [4, 6] as const };
    const { source, metrics } = start(putPool(lan), put(dual));
    source.sync();
    await settled();
    source.tell(put({ ...dual, ...holding(dual, "10.0.0.1"), resourceVersion: "9" }));
    await settled();
    expect(await metrics.render()).toContain("\ningot_services_waiting 0");
    source.tell(putPool({ ...lan, addresses: [...lan.addresses, "2001:db8::1/128"] }));
    await settled();
    expect(source.events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'IPAllocated: Assigned IP ["10.0.0.1"]',
      'AdditionalAssignFailed: cannot assign additional IP in PreferDualStack: pool "lan" has no IPv6 range',
      'IPAllocated: Assigned additional IP "2001:db8::1"',
    ]);
  });

  it("serves those that wait when a pool appears or grows", async () => {
    const { source } = start(put(web));
    source.sync();
    await settled();
    expect(source.events[0]?.message).toContain("there is no IPAddressPool");
    source.tell(putPool(lan));
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
  });

  it("moves a Service whose pool lost its address, and says so", async () => {
    const { source } = start(putPool(lan), put(holding(web, "10.0.0.1")));
    source.sync();
    source.tell(putPool({ ...lan, addresses: ["10.0.0.2/32"] }));
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.2"]);
    expect(source.events.map(({ reason }) => reason)).toEqual(["ClearAssignment", "IPAllocated"]);
  });

  it("goes on with the last good form of a pool that was broken", async () => {
    const { source, logger, metrics } = start(putPool(lan));
    source.sync();
    const error = {
      kind: "pool",
      key: lan.key,
      field: "spec.addresses[0]",
      message: 'invalid CIDR "x"',
    } as const;
    source.tell({ type: "rejected", error }, put(web));
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
    expect(logger.lines.join("\n")).toMatch(/error invalid CIDR "x".*spec\.addresses\[0\]/);
    expect(await metrics.render()).toContain("metallb_k8s_client_config_stale_bool 1");
    source.tell(putPool(lan));
    expect(await metrics.render()).toContain("metallb_k8s_client_config_stale_bool 0");
  });

  it("touches no address whose pool was broken before its start", async () => {
    const { source } = start(put(holding(web, "10.0.0.1")));
    const error = { kind: "pool", key: lan.key, field: "spec", message: "broken" } as const;
    source.tell({ type: "rejected", error });
    source.sync();
    await settled();
    expect(source.statuses).toEqual([]);
    source.tell(putPool(lan), put(api));
    await settled();
    expect(given(source)).toEqual(["default/api 10.0.0.2"]);
  });

  it("lets one failing Service hold up no other, and tries it again", async () => {
    const { source, clock, logger } = start(putPool(lan), put(web), put(api));
    source.answers.push(new Error("boom"));
    source.sync();
    await settled();
    expect(given(source)).toEqual(["default/api 10.0.0.2"]);
    expect(logger.lines.join("\n")).toContain("boom");
    clock.advance(200);
    await settled();
    expect(given(source)).toEqual(["default/api 10.0.0.2", "default/web 10.0.0.1"]);
  });

  it("decides anew from the fresh object after a conflict", async () => {
    const { source } = start(putPool(lan), put(web));
    source.answers.push("conflict");
    source.sync();
    await settled();
    expect(source.events).toEqual([]);
    source.tell(put({ ...web, resourceVersion: "7" }));
    await settled();
    expect(source.statuses.map(({ resourceVersion }) => resourceVersion)).toEqual(["1", "7"]);
    expect(source.events).toHaveLength(1);
  });

  it("repairs a status that somebody else wrote", async () => {
    const { source } = start(putPool(lan), put(web));
    source.sync();
    await settled();
    source.tell(put({ ...holding(web, "192.0.2.66"), resourceVersion: "9" }));
    await settled();
    expect(given(source).at(-1)).toBe("default/web 10.0.0.1");
  });

  it("ends the series of a pool that is gone", async () => {
    const { source, metrics } = start(putPool(lan), put(web));
    source.sync();
    await settled();
    expect(await metrics.render()).toContain(
      'metallb_allocator_addresses_in_use_total{pool="lan"} 1',
    );
    source.tell({ type: "delete", kind: "pool", key: lan.key });
    expect(await metrics.render()).not.toContain('pool="lan"');
  });
});

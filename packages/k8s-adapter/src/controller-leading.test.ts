import { describe, expect, it } from "vitest";
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

/** One that leads from the start. */
function start(...before: readonly SourceEvent[]): ControllerBench {
  const bench = new ControllerBench();
  bench.loop.lead();
  bench.source.tell(...before);
  return bench;
}

describe("controller loop of several", () => {
  /** One that follows, and knows everything. */
  function follower(...before: readonly SourceEvent[]): ControllerBench {
    const bench = new ControllerBench();
    bench.loop.follow();
    bench.source.tell(...before);
    bench.source.sync();
    return bench;
  }

  it("is ready, and decides and writes nothing, while it follows", async () => {
    const bench = follower(putPool(lan), put(web));
    const { source, metrics } = bench;
    await settled();
    source.tell(putPool({ ...lan, addresses: ["10.0.0.1/32"] }), put(api));
    await settled();
    expect(bench.isReady).toBe(true);
    expect([...source.statuses, ...source.events]).toEqual([]);
    expect(await metrics.render()).toContain("\ningot_controller_leader 0");
    expect(await metrics.render()).not.toContain('pool="lan"');
  });

  it("decides only when it knows what the one before it wrote last", async () => {
    const { source, loop, metrics } = follower(putPool(lan), put(web), put(api));
    let refreshed = () => {};
    source.refreshed = new Promise((resolve) => {
      refreshed = resolve;
    });
    loop.lead();
    await settled();
    expect(source.statuses).toEqual([]);
    source.tell(put({ ...holding(api, "10.0.0.1"), resourceVersion: "2" }));
    refreshed();
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.2"]);
    expect(await metrics.render()).toContain("\ningot_controller_leader 1");
  });

  it("lists once when it leads from the start", async () => {
    const { source } = start(putPool(lan), put(web));
    source.sync();
    await settled();
    expect(source.refreshes).toBe(0);
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
  });

  it("does not begin when it lost the lead while it caught up", async () => {
    const { source, loop } = follower(putPool(lan), put(web));
    loop.lead();
    loop.follow();
    await settled();
    expect(source.statuses).toEqual([]);
  });

  it("holds everything back while suspended, and goes on with what it knew", async () => {
    const { source, loop } = start(putPool(lan), put(web));
    source.sync();
    await settled();
    loop.suspend();
    source.tell(put(api));
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
    loop.lead();
    await settled();
    expect(source.refreshes).toBe(0);
    expect(given(source)).toEqual(["default/web 10.0.0.1", "default/api 10.0.0.2"]);
  });

  it("forgets what it decided when somebody else leads, and begins with what that one wrote", async () => {
    const { source, loop } = start(putPool(lan), put(web));
    source.sync();
    await settled();
    loop.follow();
    source.tell(
      put({ ...holding(web, "10.0.0.2"), resourceVersion: "5" }),
      put({ ...holding(api, "10.0.0.1"), resourceVersion: "6" }),
    );
    loop.lead();
    await settled();
    expect(given(source)).toEqual(["default/web 10.0.0.1"]);
    expect(source.events.map(({ reason }) => reason)).toEqual(["IPAllocated"]);
  });

  it("tells each write when it has to be over, and begins none that could not be", async () => {
    const { source, loop, clock, logger } = new ControllerBench();
    let leftMs = 1_234;
    loop.lead(() => leftMs);
    source.tell(putPool(lan), put(web));
    source.sync();
    await settled();
    expect(source.statuses.map(({ withinMs }) => withinMs)).toEqual([1_234]);
    leftMs = 20;
    source.tell(put(api));
    await settled();
    expect(source.statuses).toHaveLength(1);
    leftMs = 3_000;
    clock.advance(50);
    await settled();
    expect(given(source).at(-1)).toBe("default/api 10.0.0.2");
    // Not even one attempt is made that has to fail.
    expect(logger.lines.filter((line) => line.startsWith("warn"))).toEqual([]);
  });

  it("leads no more once it is closed", async () => {
    const { source, loop } = follower(putPool(lan), put(web));
    await loop.close();
    loop.lead();
    await settled();
    expect(source.statuses).toEqual([]);
  });

  it("says what is wrong with the configuration, once, and only while it leads", async () => {
    const { source, loop } = follower(putPool(lan), put(web));
    expect(source.reports).toEqual([]);
    loop.lead();
    await settled();
    const error = { kind: "pool", key: lan.key, field: "spec", message: "broken" } as const;
    source.tell({ type: "rejected", error }, put(api));
    loop.follow();
    source.tell(putPool(lan));
    expect(source.reports.map((report) => report?.errors)).toEqual([
      [],
      ["IPAddressPool metallb-system/lan: spec broken"],
      undefined,
    ]);
  });
});

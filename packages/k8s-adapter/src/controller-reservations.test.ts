import { describe, expect, it } from "vitest";
import { readReservations } from "./config/reservations.ts";
import type { PoolRecord, ServiceRecord } from "./domain.ts";
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

const lan = poolRecord("lan", ["10.0.0.1-10.0.0.3"]);
const web = serviceRecord("default/web", { createdMs: 1 });
const api = serviceRecord("default/api", { createdMs: 2 });
const remove = (key: string): SourceEvent => ({ type: "delete", kind: "service", key });
const reserving = (service: ServiceRecord, value = "true"): ServiceRecord => ({
  ...service,
  annotations: { ...service.annotations, "ingot.dev/reserve": value },
});
const listing = (text: string, changes: Partial<PoolRecord> = {}): PoolRecord => {
  const read = readReservations(text);
  return { ...lan, reservations: read.ok ? read.list : [], ...changes };
};

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

/** The lists that are written by now. */
async function lists(bench: ControllerBench): Promise<readonly string[]> {
  bench.clock.advance(100);
  await settled();
  return bench.source.reservations.splice(0).map(({ text }) => text);
}

describe("a reservation", () => {
  it("of a Service that wants one is put on its pool's list, in one write, and outlives it", async () => {
    const bench = await running(putPool(lan), put(reserving(web)), put(api));
    expect(await lists(bench)).toEqual(["10.0.0.1=default/web"]);
    await after(bench, putPool(listing("10.0.0.1=default/web")), remove("default/web"));
    expect(await after(bench, put(serviceRecord("default/new")))).toEqual(["default/new 10.0.0.3"]);
    expect(await after(bench, put(serviceRecord("default/late")))).toEqual([]);
    expect(await after(bench, put(web))).toEqual(["default/web 10.0.0.1"]);
    expect(await lists(bench)).toEqual([]);
  });

  it("holds before it is written, and is written though its Service is gone", async () => {
    const bench = await running(putPool(lan), put(reserving(web)));
    await after(bench, remove("default/web"));
    expect(await after(bench, put(api))).toEqual(["default/api 10.0.0.2"]);
    expect(await lists(bench)).toEqual(["10.0.0.1=default/web"]);
  });

  it("is known to a controller that begins anew, before anything is given out", async () => {
    const bench = await running(putPool(listing("10.0.0.1=default/web")), put(api));
    expect(given(bench.source)).toEqual(["default/api 10.0.0.2"]);
    expect(await after(bench, put(web))).toEqual(["default/web 10.0.0.1"]);
    expect(await lists(bench)).toEqual([]);
  });

  it("takes nothing from a Service that has the address, and holds when it gives it up", async () => {
    const list = putPool(listing("10.0.0.1=default/web"));
    const bench = await running(putPool(lan), put(reserving(api)));
    await lists(bench);
    expect(await after(bench, list, put(web))).toEqual(["default/web 10.0.0.2"]);
    await after(bench, remove("default/api"), remove("default/web"));
    expect(await after(bench, put(serviceRecord("default/new")))).toEqual(["default/new 10.0.0.2"]);
  });

  it("is refused to an explicit request of another, which says whose it is", async () => {
    const bench = await running(
      putPool(listing("10.0.0.1=default/web")),
      put({ ...api, loadBalancerIP: "10.0.0.1" }),
    );
    expect(bench.source.events[0]?.message).toContain(
      '"10.0.0.1" is already in use by "default/web (reserved 10.0.0.1)"',
    );
    // Given up by an operator.
    expect(await after(bench, putPool(lan))).toEqual(["default/api 10.0.0.1"]);
  });

  it("is for a Service that waits, as soon as an operator makes it", async () => {
    const off = { ...lan, autoAssign: false };
    const bench = await running(putPool(off), put(web));
    expect(given(bench.source)).toEqual([]);
    const list = putPool(listing("10.0.0.3=default/web", { autoAssign: false }));
    expect(await after(bench, list)).toEqual(["default/web 10.0.0.3"]);
  });

  it("moves with a Service that wants one, and ends when it says so", async () => {
    const bench = await running(putPool(lan), put(reserving(web)));
    await lists(bench);
    const moved = { ...reserving(holding(web, "10.0.0.1")), loadBalancerIP: "10.0.0.3" };
    await after(bench, put({ ...moved, resourceVersion: "5" }));
    expect(await lists(bench)).toEqual(["10.0.0.3=default/web"]);
    await after(bench, putPool(listing("10.0.0.3=default/web")));
    const now = { ...moved, ingress: ["10.0.0.3"], resourceVersion: "9" };
    await after(bench, put(reserving(now, "false")));
    expect(await lists(bench)).toEqual([""]);
  });

  it("needs an annotation that can be read", async () => {
    const bench = await running(putPool(lan), put(reserving(web, "yes")));
    expect(bench.source.events[0]?.message).toContain(
      'invalid ingot.dev/reserve: "yes" is neither "true" nor "false"',
    );
  });

  it("of another list decides nothing anew of those that it does not concern", async () => {
    const bench = await running(putPool(lan), put(web), put(api));
    const decisions = async () =>
      /^metallb_k8s_client_updates_total (\d+)$/m.exec(await bench.metrics.render())?.[1];
    const before = await decisions();
    await after(bench, putPool(listing("10.0.0.3=default/new")));
    expect(Number(await decisions()) - Number(before)).toBe(1);
  });

  it("is written again after a conflict, from the fresh list", async () => {
    const bench = await running(putPool(lan), put(reserving(web)));
    const { source } = bench;
    const write = source.writeReservations.bind(source);
    source.writeReservations = async (reservations) => {
      await write(reservations);
      source.writeReservations = write;
      return "conflict";
    };
    expect(await lists(bench)).toEqual(["10.0.0.1=default/web"]);
    await after(bench, putPool(listing("10.0.0.2=default/other", { resourceVersion: "8" })));
    bench.clock.advance(1_000);
    await settled();
    expect(source.reservations).toMatchObject([
      { resourceVersion: "8", text: "10.0.0.1=default/web,10.0.0.2=default/other" },
    ]);
  });
});

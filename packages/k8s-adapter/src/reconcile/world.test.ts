import { describe, expect, it } from "vitest";
import type { Kind, ObjectError } from "../domain.ts";
import type { SourceEvent } from "../source/source.ts";
import { nodeRecord, poolRecord, serviceRecord, sliceRecord } from "../testing/records.ts";
import { World } from "./world.ts";

const kinds: readonly Kind[] = ["service", "pool", "endpointSlice"];
const web = serviceRecord("default/web");
const put = (record: typeof web): SourceEvent => ({ type: "put", kind: "service", record });
const synced = (kind: Kind): SourceEvent => ({ type: "synced", kind });
const slice = (name: string, service: string): SourceEvent => ({
  type: "put",
  kind: "endpointSlice",
  record: sliceRecord(name, service, ["n1"]),
});

describe("world", () => {
  it("is ready when every kind that is watched was listed", () => {
    const world = new World(kinds);
    for (const kind of kinds) {
      expect(world.isReady).toBe(false);
      world.apply(synced(kind));
    }
    expect(world.isReady).toBe(true);
  });

  it("tells the keys whose records changed", () => {
    const world = new World(kinds);
    expect(world.apply(put(web))).toEqual(["default/web"]);
    expect(world.apply({ type: "delete", kind: "service", key: "default/web" })).toEqual([
      "default/web",
    ]);
    expect(world.apply({ type: "delete", kind: "service", key: "default/web" })).toEqual([]);
  });

  it("keeps the last good record of an object that is broken, until it is mended or gone", () => {
    const world = new World(kinds);
    const pool = poolRecord("lan", ["10.0.0.0/24"]);
    const error: ObjectError = { kind: "pool", key: pool.key, field: "spec", message: "broken" };
    world.apply({ type: "put", kind: "pool", record: pool });
    world.apply({ type: "rejected", error });
    expect(world.table("pool").get(pool.key)).toBe(pool);
    expect(world.rejected).toEqual([error]);
    world.apply({ type: "put", kind: "pool", record: pool });
    expect(world.rejected).toEqual([]);
    world.apply({ type: "rejected", error });
    world.apply({ type: "delete", kind: "pool", key: pool.key });
    expect(world.rejected).toEqual([]);
    expect(world.table("pool").size).toBe(0);
  });

  it("finds the slices of a Service, also when one changes its Service", () => {
    const world = new World(kinds);
    const names = (service: string) => Array.from(world.slicesOf(service), ({ name }) => name);
    world.apply(slice("a", "default/web"));
    world.apply(slice("b", "default/web"));
    expect(names("default/web")).toEqual(["a", "b"]);
    world.apply(slice("a", "default/api"));
    expect([names("default/web"), names("default/api")]).toEqual([["b"], ["a"]]);
    world.apply({ type: "delete", kind: "endpointSlice", key: "default/b" });
    expect(names("default/web")).toEqual([]);
  });

  it("says why it is not current while a kind cannot be reached", () => {
    const world = new World(kinds);
    world.apply({ type: "connection", kind: "pool", connected: false, reason: "refused" });
    expect(world.staleness).toEqual(["pool: refused"]);
    world.apply({ type: "connection", kind: "pool", connected: true, reason: "" });
    expect(world.staleness).toEqual([]);
  });

  it("begins with a snapshot, which what is listed replaces kind by kind", () => {
    const before = new World(kinds);
    const gone = serviceRecord("default/gone");
    before.apply(put(web));
    before.apply(put(gone));
    before.apply(slice("a", "default/web"));

    const world = new World(kinds);
    const fresh = { ...web, resourceVersion: "9" };
    world.apply(put(fresh));
    world.preload(before.snapshot());
    expect(world.isReady).toBe(true);
    expect(world.isListed).toBe(false);
    expect(world.table("service").get("default/web")).toBe(fresh);
    expect(world.table("service").has("default/gone")).toBe(true);
    expect(Array.from(world.slicesOf("default/web"))).toHaveLength(1);
    expect(world.apply(synced("service"))).toEqual(["default/gone"]);
    expect(world.table("service").has("default/gone")).toBe(false);
  });
});

it("does not take a heartbeat for a change", () => {
  const world = new World(["node"]);
  const tell = (resourceVersion: string, labels = {}) =>
    world.apply({
      type: "put",
      kind: "node",
      record: nodeRecord("n1", { resourceVersion, labels }),
    });
  expect(tell("1")).toEqual(["n1"]);
  expect(tell("2")).toEqual([]);
  expect(world.table("node").get("n1")?.resourceVersion).toBe("2");
  expect(tell("3", { rack: "1" })).toEqual(["n1"]);
});

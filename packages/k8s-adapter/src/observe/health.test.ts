import { describe, expect, it } from "vitest";
import { Health } from "./health.ts";

describe("health", () => {
  it("is alive and not ready at first", () => {
    const health = new Health(["source", "dataplane"]);
    expect(health.dead).toEqual([]);
    expect(health.unready).toEqual(["source: not started", "dataplane: not started"]);
  });

  it("is ready while every condition holds", () => {
    const health = new Health(["source", "dataplane"]);
    health.met("dataplane");
    expect(health.unready).toEqual(["source: not started"]);
    health.met("source");
    expect(health.unready).toEqual([]);
    health.unmet("dataplane", "worker is restarting");
    expect(health.unready).toEqual(["dataplane: worker is restarting"]);
  });

  it("keeps its conditions in order, whichever failed first", () => {
    const health = new Health(["source", "dataplane"]);
    health.met("source");
    health.unmet("source", "connection refused");
    expect(health.unready).toEqual(["source: connection refused", "dataplane: not started"]);
  });

  it("is neither alive nor ready once it is broken, for the first reason", () => {
    const health = new Health(["source"]);
    health.met("source");
    health.break("the event loop stood still");
    health.break("and more");
    expect(health.dead).toEqual(["broken: the event loop stood still"]);
    expect(health.unready).toEqual(["broken: the event loop stood still"]);
  });
});

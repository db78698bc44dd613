import { describe, expect, it } from "vitest";
import { planOf, readFailoverSettings, SCENARIO_NAMES, type Wish } from "./settings.ts";

describe("settings", () => {
  it("are undefined when nothing was asked for", () => {
    expect(Object.values(readFailoverSettings({})).filter((value) => value !== undefined)).toEqual(
      [],
    );
  });

  it("are read", () => {
    const options = { nodes: "9", family: "ipv6" };
    expect(readFailoverSettings({ ...options, "hello-interval": "10", window: "12" })).toEqual({
      nodes: 9,
      family: "ipv6",
      helloIntervalMs: 10,
      windowMs: 12_000,
    });
  });

  it.each([
    [{ nodes: "1" }, "--nodes must be 2 to 20, got 1"],
    [{ nodes: "many" }, "--nodes must be 2 to 20, got many"],
    [{ family: "ipx" }, "--family must be ipv4 or ipv6, got ipx"],
    [{ "hello-interval": "9" }, "--hello-interval must be 10 to 1000, got 9"],
    [{ window: "0" }, "--window must be 1 to 60, got 0"],
  ])("refuse %j", (options, message) => {
    expect(() => readFailoverSettings(options)).toThrow(message);
  });
});

describe("the plan", () => {
  const nothing: Wish = {
    scenarios: [],
    rounds: undefined,
    nodes: undefined,
    helloIntervalMs: undefined,
    isForeign: false,
  };

  it("has three nodes, three with fast hellos, and nine", () => {
    const parts = planOf(nothing);
    expect(parts.map(({ nodes, helloIntervalMs }) => [nodes, helloIntervalMs])).toEqual([
      [3, undefined],
      [3, 10],
      [9, undefined],
    ]);
    expect(parts[0]?.scenarios).toEqual(SCENARIO_NAMES);
  });

  it("leaves out what was not asked for, and labs with nothing in them", () => {
    expect(planOf({ ...nothing, scenarios: ["partition"], rounds: 2 })).toEqual([
      { nodes: 3, helloIntervalMs: undefined, scenarios: ["partition"], rounds: 2 },
    ]);
  });

  it("is one lab when that was asked for, or another product", () => {
    expect(planOf({ ...nothing, scenarios: ["cut"], nodes: 5 })).toEqual([
      { nodes: 5, helloIntervalMs: undefined, scenarios: ["cut"], rounds: undefined },
    ]);
    expect(planOf({ ...nothing, isForeign: true })).toEqual([
      { nodes: 3, helloIntervalMs: undefined, scenarios: SCENARIO_NAMES, rounds: undefined },
    ]);
  });
});

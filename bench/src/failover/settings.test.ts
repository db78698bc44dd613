import { describe, expect, it } from "vitest";
import { planOf, readFailoverSettings, SCENARIO_NAMES } from "./settings.ts";

describe("settings", () => {
  it("are undefined when nothing was asked for", () => {
    expect(Object.values(readFailoverSettings({})).filter((value) => value !== undefined)).toEqual(
      [],
    );
  });

  it("are read", () => {
    const options = { scenario: "crash,stop", nodes: "9", family: "ipv6", driver: "./x" };
    expect(readFailoverSettings({ ...options, "hello-interval": "10", window: "12" })).toEqual({
      scenarios: ["crash", "stop"],
      nodes: 9,
      family: "ipv6",
      driver: "./x",
      helloIntervalMs: 10,
      windowMs: 12_000,
    });
  });

  it.each([
    [{ scenario: "crash,fire" }, "--scenario must be of crash, "],
    [{ scenario: "" }, "hostile, got "],
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
  const asked = readFailoverSettings;

  it("has three nodes, three with fast hellos, and nine", () => {
    const parts = planOf(asked({}), undefined);
    expect(parts.map(({ nodes, helloIntervalMs }) => [nodes, helloIntervalMs])).toEqual([
      [3, undefined],
      [3, 10],
      [9, undefined],
    ]);
    expect(parts[0]?.scenarios).toEqual(SCENARIO_NAMES);
  });

  it("leaves out what was not asked for, and labs with nothing in them", () => {
    expect(planOf(asked({ scenario: "partition" }), 2)).toEqual([
      { nodes: 3, helloIntervalMs: undefined, scenarios: ["partition"], rounds: 2 },
    ]);
  });

  it("is one lab when that was asked for, or another product", () => {
    expect(planOf(asked({ scenario: "cut", nodes: "5" }), undefined)).toEqual([
      { nodes: 5, helloIntervalMs: undefined, scenarios: ["cut"], rounds: undefined },
    ]);
    expect(planOf(asked({ driver: "./x" }), undefined)).toEqual([
      { nodes: 3, helloIntervalMs: undefined, scenarios: SCENARIO_NAMES, rounds: undefined },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { type Announced, announcementsOf, servicesWith } from "./announced.ts";

const announced = (addresses: readonly string[], interfaces: readonly string[]): Announced => ({
  announce: true,
  addresses,
  interfaces,
});

describe("what a node answers for", () => {
  it.each([
    [["eth0"], ["eth1"], ["eth0", "eth1"]],
    [["eth0"], ["eth0"], ["eth0"]],
    [["eth0"], [], []],
    [[], ["eth0"], []],
  ])("has a shared address once, wanted on %j and %j, on %j", (one, other, interfaces) => {
    const all = [announced(["10.0.0.1"], one), announced(["10.0.0.1"], other)];
    expect(announcementsOf(all)).toEqual([{ address: "10.0.0.1", interfaces }]);
  });

  it("has every address of every Service", () => {
    const all = [announced(["10.0.0.1", "fd77::1"], []), announced(["10.0.0.2"], ["eth0"])];
    expect(announcementsOf(all)).toEqual([
      { address: "10.0.0.1", interfaces: [] },
      { address: "fd77::1", interfaces: [] },
      { address: "10.0.0.2", interfaces: ["eth0"] },
    ]);
  });

  it("is of all the Services that have an address", () => {
    const all = new Map([
      ["default/web", announced(["10.0.0.1", "fd77::1"], [])],
      ["default/api", announced(["10.0.0.1"], [])],
      ["default/dns", announced(["10.0.0.2"], [])],
    ]);
    expect(servicesWith(all, ["10.0.0.1"])).toEqual(["default/web", "default/api"]);
    expect(servicesWith(all, ["fd77::1", "10.0.0.2"])).toEqual(["default/web", "default/dns"]);
    expect(servicesWith(all, ["10.0.0.3"])).toEqual([]);
  });
});

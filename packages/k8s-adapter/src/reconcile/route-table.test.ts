import { describe, expect, it } from "vitest";
import type { ServiceRoute } from "./bgp-routes.ts";
import { RouteTable } from "./route-table.ts";

const route = (prefix: string, changes: Partial<ServiceRoute> = {}): ServiceRoute => ({
  prefix,
  peers: [],
  localPref: 0,
  asPathPrepend: 0,
  communities: [],
  ...changes,
});

describe("the table of routes", () => {
  it("keeps a prefix until the last Service that gives rise to it is gone", () => {
    const table = new RouteTable();
    table.set("default/a", [route("192.0.2.0/24")]);
    table.set("default/b", [route("192.0.2.0/24")]);
    expect(table.set("default/a", [])).toEqual(["192.0.2.0/24"]);
    expect(table.routeFor("tor", "192.0.2.0/24")).toBeDefined();
    expect(table.set("default/b", [])).toEqual(["192.0.2.0/24"]);
    expect(table.routeFor("tor", "192.0.2.0/24")).toBeUndefined();
    expect(table.size).toBe(0);
  });

  it("tells the prefixes of before and after", () => {
    const table = new RouteTable();
    table.set("default/a", [route("192.0.2.1/32")]);
    expect(table.set("default/a", [route("192.0.2.2/32")])).toEqual([
      "192.0.2.1/32",
      "192.0.2.2/32",
    ]);
    expect([...table.prefixes]).toEqual(["192.0.2.2/32"]);
  });

  it("tells each peer what is meant for it", () => {
    const table = new RouteTable();
    table.set("default/a", [
      route("192.0.2.1/32", { peers: ["tor-1"], communities: ["1:2", "1:1"], localPref: 7 }),
    ]);
    expect(table.routeFor("tor-1", "192.0.2.1/32")).toMatchObject({
      localPref: 7,
      communities: ["1:1", "1:2"],
    });
    expect(table.routeFor("tor-2", "192.0.2.1/32")).toBeUndefined();
  });

  it("unites what Services say about one prefix", () => {
    const table = new RouteTable();
    table.set("default/a", [route("192.0.2.0/24", { communities: ["1:1"], asPathPrepend: 2 })]);
    table.set("default/b", [route("192.0.2.0/24", { communities: ["1:2", "1:1"], localPref: 9 })]);
    expect(table.routeFor("tor", "192.0.2.0/24")).toEqual({
      localPref: 9,
      asPathPrepend: 0,
      communities: ["1:1", "1:2"],
    });
  });
});

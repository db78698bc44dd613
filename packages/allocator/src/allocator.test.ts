import { beforeEach, describe, expect, it } from "vitest";
import { Allocator } from "./allocator.ts";
import type { AllocationResult } from "./result.ts";
import type { Sharing } from "./slot.ts";

const web = (...ports: string[]): Sharing => ({ key: "web", backend: "", ports });

/** The addresses of a success, or why it failed. */
function outcome(result: AllocationResult): string {
  return result.ok ? result.assignment.addresses.join(" ") : `${result.reason}: ${result.message}`;
}

describe("allocator", () => {
  let allocator: Allocator;
  beforeEach(() => {
    allocator = new Allocator();
    allocator.setPools([
      { name: "dual", addresses: ["198.51.100.8/31", "192.0.2.0/30", "2001:db8::/64"] },
      { name: "buggy", addresses: ["203.0.113.254-203.0.114.1"], avoidBuggyIPs: true },
      { name: "six", addresses: ["2001:db8:6::/126"] },
    ]);
  });

  const ipv4 = (owner: string, sharing?: Sharing) =>
    outcome(
      allocator.allocate(owner, { pool: "dual", families: [4], ...(sharing && { sharing }) }),
    );

  it("hands out addresses in the order written, and a freed one first", () => {
    const given = ["a", "b", "c", "d", "e", "f"].map((owner) => ipv4(owner));
    const last = ["192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"];
    expect(given).toEqual(["198.51.100.8", "198.51.100.9", ...last]);
    expect(ipv4("g")).toBe('exhausted: no available IPv4 address in pool "dual": 6 of 6 in use');
    expect(allocator.release("d")).toEqual({ pool: "dual", addresses: ["192.0.2.1"] });
    expect(allocator.release("b")).toEqual({ pool: "dual", addresses: ["198.51.100.9"] });
    expect(ipv4("g")).toBe("198.51.100.9");
    expect(ipv4("h")).toBe("192.0.2.1");
  });

  it("gives an owner what it has, although a lower address is free", () => {
    ipv4("a");
    ipv4("b");
    allocator.release("a");
    expect(ipv4("b")).toBe("198.51.100.9");
  });

  it("gives both families in the order asked, and keeps one when the other comes or goes", () => {
    const ask = (...families: (4 | 6)[]) =>
      outcome(allocator.allocate("a", { pool: "dual", families }));
    ipv4("first");
    expect(ask(6)).toBe("2001:db8::");
    allocator.claim("second", ["2001:db8::1"]);
    allocator.release("first");
    expect(ask(4, 6)).toBe("198.51.100.8 2001:db8::");
    expect(ask(6, 4)).toBe("2001:db8:: 198.51.100.8");
    expect(allocator.assignment("a")?.addresses).toEqual(["2001:db8::", "198.51.100.8"]);
    expect(ask(4)).toBe("198.51.100.8");
    expect(allocator.ownersOf("2001:db8::")).toEqual([]);
  });

  it("gives all or nothing, and a refused owner keeps what it has", () => {
    allocator.claim("a", ["2001:db8:6::1"]);
    for (const owner of ["b", "c", "d", "e", "f", "g"]) ipv4(owner);
    expect(outcome(allocator.allocate("a", { pool: "dual", families: [6, 4] }))).toBe(
      'exhausted: no available IPv4 address in pool "dual": 6 of 6 in use',
    );
    expect(outcome(allocator.claim("a", ["2001:db8::7", "198.51.100.8"]))).toMatch(/^in-use: /);
    expect(allocator.ownersOf("2001:db8::7")).toEqual([]);
    expect(allocator.assignment("a")).toEqual({ pool: "six", addresses: ["2001:db8:6::1"] });
    expect(allocator.ownersOf("2001:db8:6::1")).toEqual(["a"]);
  });

  it("claims exactly the addresses named, in any spelling, and moves the owner there", () => {
    expect(outcome(allocator.claim("a", ["2001:DB8:0::7", "192.0.2.2"]))).toBe(
      "2001:db8::7 192.0.2.2",
    );
    expect(outcome(allocator.claim("a", ["::ffff:192.0.2.3"], { pool: "dual" }))).toBe("192.0.2.3");
    expect(allocator.ownersOf("2001:db8::7")).toEqual([]);
    expect(allocator.ownersOf("192.0.2.2")).toEqual([]);
    expect(allocator.ownersOf("192.0.2.3")).toEqual(["a"]);
  });

  it.each<[string[], string | undefined, string]>([
    [["192.0.2.0/32"], undefined, 'invalid: "192.0.2.0/32" is not an IP address'],
    [[], undefined, "family: no address asked for"],
    [["192.0.2.0", "192.0.2.1"], undefined, "family: two IPv4 addresses asked for"],
    [
      ["192.0.2.0", "2001:db8::", "192.0.2.1"],
      undefined,
      "family: more than two addresses asked for",
    ],
    [["192.0.2.0"], "none", 'unknown-pool: unknown pool "none"'],
    [["10.0.0.1"], undefined, 'not-in-a-pool: "10.0.0.1" is in no pool'],
    [
      ["203.0.113.255"],
      undefined,
      'avoided: "203.0.113.255" is avoided: pool "buggy" has avoidBuggyIPs',
    ],
    [["203.0.114.0"], "buggy", 'avoided: "203.0.114.0" is avoided: pool "buggy" has avoidBuggyIPs'],
    [["192.0.2.0"], "six", 'different-pools: "192.0.2.0" is in pool "dual", not in "six"'],
    [
      ["192.0.2.0", "2001:DB8:6::0"],
      undefined,
      'different-pools: "2001:db8:6::" is in pool "six", not in "dual"',
    ],
    [
      ["192.0.2.3"],
      undefined,
      'in-use: "192.0.2.3" is already in use by "x" without a sharing key',
    ],
  ])("refuses a claim of %j in pool %s", (addresses, pool, message) => {
    allocator.claim("x", ["192.0.2.3"]);
    expect(outcome(allocator.claim("a", addresses, pool === undefined ? {} : { pool }))).toBe(
      message,
    );
    expect(allocator.assignment("a")).toBeUndefined();
  });

  it.each<[string, (4 | 6)[], string]>([
    ["none", [4], 'unknown-pool: unknown pool "none"'],
    ["dual", [], "family: no address asked for"],
    ["dual", [6, 6], "family: two IPv6 addresses asked for"],
    ["six", [6, 4], 'family: pool "six" has no IPv4 range'],
  ])("refuses to allocate from pool %s the families %j", (pool, families, message) => {
    expect(outcome(allocator.allocate("a", { pool, families }))).toBe(message);
    expect(allocator.assignment("a")).toBeUndefined();
  });

  it("never hands out what is avoided", () => {
    const given = ["a", "b", "c"].map((owner) =>
      outcome(allocator.allocate(owner, { pool: "buggy", families: [4] })),
    );
    const full = 'exhausted: no available IPv4 address in pool "buggy": 2 of 2 in use';
    expect(given).toEqual(["203.0.113.254", "203.0.114.1", full]);
    expect(allocator.poolOf("203.0.113.255")).toBeUndefined();
    allocator.setPools([{ name: "edge", addresses: ["203.0.114.0/32"], avoidBuggyIPs: true }]);
    expect(outcome(allocator.allocate("a", { pool: "edge", families: [4] }))).toBe(
      'exhausted: no available IPv4 address in pool "edge": 0 of 0 in use',
    );
  });

  it("lets owners share, and prefers a freed lower address to joining", () => {
    expect(ipv4("other")).toBe("198.51.100.8");
    expect(ipv4("a", web("TCP/80"))).toBe("198.51.100.9");
    expect(ipv4("b", web("TCP/443"))).toBe("198.51.100.9");
    expect(ipv4("c", web("TCP/80"))).toBe("192.0.2.0");
    expect(ipv4("d", { ...web("UDP/53"), backend: "app=d" })).toBe("192.0.2.1");
    expect(ipv4("e", { key: "", backend: "", ports: [] })).toBe("192.0.2.2");
    expect(ipv4("g", { key: "", backend: "", ports: [] })).toBe("192.0.2.3");
    expect(allocator.ownersOf("198.51.100.9")).toEqual(["a", "b"]);
    allocator.release("other");
    expect(ipv4("f", web("UDP/53"))).toBe("198.51.100.8");
    expect(allocator.stats("dual")?.assignedIPv4).toBe(6n);
  });

  it("lets the only owner of an address change its terms in place, and others join on them", () => {
    ipv4("a");
    expect(ipv4("b", web("TCP/80"))).toBe("198.51.100.9");
    expect(ipv4("a", web("TCP/80"))).toBe("198.51.100.8");
    expect(ipv4("c", web("TCP/443"))).toBe("198.51.100.8");
    expect(outcome(allocator.claim("b", ["198.51.100.9"]))).toBe("198.51.100.9");
    expect(ipv4("d", web("TCP/80"))).toBe("192.0.2.0");
  });

  it("moves an owner whose new terms conflict with those it shares with", () => {
    ipv4("a", web("TCP/80"));
    ipv4("b", web("TCP/443"));
    expect(outcome(allocator.claim("b", ["198.51.100.8"], { sharing: web("TCP/80") }))).toBe(
      `in-use: can't change the sharing of "b": port TCP/80 is already in use on "198.51.100.8" by "a"`,
    );
    expect(ipv4("c", web("TCP/443"))).toBe("198.51.100.9");
    expect(ipv4("b", web("TCP/80"))).toBe("198.51.100.9");
    expect(ipv4("d", web("TCP/443"))).toBe("198.51.100.8");
  });

  it("reads the caller's terms once", () => {
    const ports = ["TCP/80", "TCP/80"];
    ipv4("a", web("TCP/80"));
    const sharing = { key: "web", backend: "", ports };
    allocator.allocate("b", { pool: "dual", families: [4], sharing });
    ports.length = 0;
    allocator.release("b");
    expect(ipv4("c", web("TCP/80"))).toBe("198.51.100.9");
  });

  it("tells the pool and the owners of an address", () => {
    expect(allocator.pools).toEqual(["dual", "buggy", "six"]);
    expect(allocator.poolOf("2001:DB8::9")).toBe("dual");
    expect(allocator.poolOf("10.0.0.1")).toBeUndefined();
    expect(allocator.poolOf("nonsense")).toBeUndefined();
    expect(allocator.ownersOf("10.0.0.1")).toEqual([]);
    expect(allocator.ownersOf("nonsense")).toEqual([]);
    expect(allocator.release("nobody")).toBeUndefined();
    expect(allocator.stats("none")).toBeUndefined();
  });

  it("counts distinct addresses, exactly", () => {
    ipv4("a", web("TCP/80"));
    ipv4("b", web("TCP/443"));
    allocator.claim("c", ["192.0.2.3", "2001:db8::ffff:ffff:ffff:ffff"]);
    expect(allocator.stats("dual")).toEqual({
      assignedIPv4: 2n,
      availableIPv4: 4n,
      assignedIPv6: 1n,
      availableIPv6: 2n ** 64n - 1n,
    });
  });

  it.each(["::/0", "2000::/3", "2001:db8::/32"])("serves %s like any other", (prefix) => {
    allocator.setPools([{ name: "huge", addresses: [prefix] }]);
    const take = (owner: string) =>
      outcome(allocator.allocate(owner, { pool: "huge", families: [6] }));
    const lowest = prefix.slice(0, prefix.indexOf("/"));
    expect(take("a")).toBe(lowest);
    expect(outcome(allocator.claim("b", ["2001:db8:ffff::1"]))).toBe("2001:db8:ffff::1");
    expect(take("c")).toBe(`${lowest}1`);
    allocator.release("a");
    expect(take("d")).toBe(lowest);
  });

  it("goes on after the last address of its family", () => {
    const last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    const addresses = [`${last}:fffe-${last}:ffff`, "255.255.255.255/32"];
    allocator.setPools([{ name: "end", addresses }]);
    const take = (owner: string, family: 4 | 6) =>
      outcome(allocator.allocate(owner, { pool: "end", families: [family] }));
    expect([take("a", 6), take("b", 6)]).toEqual([`${last}:fffe`, `${last}:ffff`]);
    expect(take("c", 6)).toBe('exhausted: no available IPv6 address in pool "end": 2 of 2 in use');
    expect([take("c", 4), take("d", 4)]).toEqual([
      "255.255.255.255",
      'exhausted: no available IPv4 address in pool "end": 1 of 1 in use',
    ]);
  });
});

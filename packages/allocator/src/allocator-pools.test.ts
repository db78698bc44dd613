import { beforeEach, describe, expect, it } from "vitest";
import { Allocator } from "./allocator.ts";
import type { PoolOptions } from "./entries.ts";
import type { Sharing } from "./slot.ts";

describe("replacing the pools of an allocator", () => {
  let allocator: Allocator;
  const shared = (port: string): Sharing => ({ key: "web", backend: "", ports: [port] });
  beforeEach(() => {
    allocator = new Allocator();
    const none = allocator.setPools([
      { name: "a", addresses: ["192.0.2.0/24", "2001:db8::/120"] },
      { name: "b", addresses: ["198.51.100.0/24"] },
    ]);
    expect(none).toEqual([]);
    allocator.claim("dual", ["192.0.2.0", "2001:db8::5"]);
    allocator.claim("low", ["192.0.2.1"], { sharing: shared("TCP/80") });
    allocator.claim("joined", ["192.0.2.1"], { sharing: shared("TCP/443") });
    allocator.claim("far", ["198.51.100.7"]);
  });

  it("leaves assignments where they are, under the pool's new name", () => {
    const evicted = allocator.setPools([
      { name: "b", addresses: ["192.0.2.0/25", "2001:db8::/64"] },
      { name: "c", addresses: ["198.51.100.0-198.51.100.9"] },
    ]);
    expect(evicted).toEqual([]);
    expect(allocator.assignment("dual")).toEqual({
      pool: "b",
      addresses: ["192.0.2.0", "2001:db8::5"],
    });
    expect(allocator.assignment("far")?.pool).toBe("c");
    expect(allocator.ownersOf("192.0.2.1")).toEqual(["low", "joined"]);
    expect(allocator.stats("b")?.assignedIPv4).toBe(2n);
    const third = { pool: "b", families: [4], sharing: shared("UDP/53") } as const;
    expect(allocator.allocate("third", third)).toEqual({
      ok: true,
      assignment: { pool: "b", addresses: ["192.0.2.1"] },
    });
  });

  it("evicts whoever has an address in no pool, or in two, and says what they held", () => {
    const evicted = allocator.setPools([
      { name: "four", addresses: ["192.0.2.0/24"] },
      { name: "six", addresses: ["2001:db8::/120"] },
    ]);
    expect(evicted).toEqual([
      { owner: "dual", assignment: { pool: "a", addresses: ["192.0.2.0", "2001:db8::5"] } },
      { owner: "far", assignment: { pool: "b", addresses: ["198.51.100.7"] } },
    ]);
    expect(allocator.assignment("dual")).toBeUndefined();
    expect(allocator.ownersOf("192.0.2.0")).toEqual([]);
    expect(allocator.allocate("new", { pool: "four", families: [4] }).ok).toBe(true);
    expect(allocator.ownersOf("192.0.2.0")).toEqual(["new"]);
  });

  it("evicts from addresses that are avoided from now on", () => {
    const evicted = allocator.setPools([
      { name: "a", addresses: ["192.0.2.0/24", "2001:db8::/120"], avoidBuggyIPs: true },
      { name: "b", addresses: ["198.51.100.0/24"] },
    ]);
    expect(evicted.map(({ owner }) => owner)).toEqual(["dual"]);
  });

  it("evicts everybody when there are no pools left", () => {
    expect(allocator.setPools([]).map(({ owner }) => owner)).toEqual([
      "dual",
      "low",
      "joined",
      "far",
    ]);
    expect(allocator.pools).toEqual([]);
  });

  it.each<[PoolOptions[], string]>([
    [[{ name: "", addresses: ["192.0.2.0/24"] }], "a pool must have a name"],
    [[{ name: "a", addresses: [] }], 'pool "a" has no addresses'],
    [
      [
        { name: "a", addresses: ["192.0.2.0/24"] },
        { name: "a", addresses: ["198.51.100.0/24"] },
      ],
      'pool "a" is defined twice',
    ],
    [
      [{ name: "a", addresses: ["192.0.2.7"] }],
      'pool "a": invalid CIDR "192.0.2.7": write a single address as 192.0.2.7/32',
    ],
    [
      [{ name: "a", addresses: ["192.0.2.0/24", "192.0.2.9-192.0.2.10"] }],
      'pool "a": "192.0.2.9-192.0.2.10" overlaps with "192.0.2.0/24" of the same pool',
    ],
    [
      [
        { name: "a", addresses: ["192.0.2.0/24"] },
        { name: "b", addresses: ["192.0.2.255/32"] },
      ],
      'pool "b": "192.0.2.255/32" overlaps with "192.0.2.0/24" of pool "a"',
    ],
  ])("refuses %j and changes nothing", (pools, message) => {
    expect(() => allocator.setPools(pools)).toThrow(new RangeError(message));
    expect(allocator.pools).toEqual(["a", "b"]);
    expect(allocator.assignment("far")).toEqual({ pool: "b", addresses: ["198.51.100.7"] });
    expect(allocator.ownersOf("192.0.2.1")).toEqual(["low", "joined"]);
  });
});

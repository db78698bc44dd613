import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findOverlap, type PoolOptions } from "./entries.ts";
import { parseRange } from "./range.ts";

describe("overlaps", () => {
  it.each<[string, PoolOptions[], [string, string, string, string] | undefined]>([
    ["no pools", [], undefined],
    [
      "ranges that touch",
      [
        { name: "a", addresses: ["192.0.2.0/25", "2001:db8::/65"] },
        { name: "b", addresses: ["192.0.2.128/25", "2001:db8:0:0:8000::/65"] },
      ],
      undefined,
    ],
    [
      "numbers that are equal in two families",
      [{ name: "a", addresses: ["192.0.2.0/24", "::c000:200/120"] }],
      undefined,
    ],
    [
      "two pools",
      [
        { name: "a", addresses: ["192.0.2.0/24"] },
        { name: "b", addresses: ["198.51.100.0/24", "192.0.2.255-192.0.3.9"] },
      ],
      ["b", "192.0.2.255-192.0.3.9", "a", "192.0.2.0/24"],
    ],
    [
      "a lower range written later",
      [
        { name: "a", addresses: ["192.0.2.9-192.0.2.20"] },
        { name: "b", addresses: ["192.0.2.0-192.0.2.10"] },
      ],
      ["b", "192.0.2.0-192.0.2.10", "a", "192.0.2.9-192.0.2.20"],
    ],
    [
      "one pool",
      [{ name: "a", addresses: ["2001:db8::/64", "192.0.2.0/24", "2001:db8::5/128"] }],
      ["a", "2001:db8::5/128", "a", "2001:db8::/64"],
    ],
    [
      "an entry written twice",
      [{ name: "a", addresses: ["192.0.2.0/24", "192.0.2.0/24"] }],
      ["a", "192.0.2.0/24", "a", "192.0.2.0/24"],
    ],
  ])("finds the overlap of %s", (_, pools, expected) => {
    const found = findOverlap(pools);
    expect(found && [found.pool, found.entry, found.otherPool, found.otherEntry]).toEqual(expected);
  });

  it("finds one when there is one, and an overlap is what it finds", () => {
    const entry = fc.tuple(fc.nat(120), fc.nat(20)).map(([first, more]) => {
      return `192.0.2.${first}-192.0.2.${first + more}`;
    });
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 4 }), { maxLength: 4 }), (written) => {
        const pools = written.map((addresses, index) => ({ name: `pool-${index}`, addresses }));
        const numbers = written.flat().flatMap((text) => {
          const { first, last } = parseRange(text);
          return Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i));
        });
        const found = findOverlap(pools);
        expect(found !== undefined).toBe(new Set(numbers).size < numbers.length);
        if (found === undefined) return;
        const [one, other] = [parseRange(found.entry), parseRange(found.otherEntry)];
        expect(one.first <= other.last && other.first <= one.last).toBe(true);
        expect(pools.find((pool) => pool.name === found.pool)?.addresses).toContain(found.entry);
        const otherPool = pools.find((pool) => pool.name === found.otherPool);
        expect(otherPool?.addresses).toContain(found.otherEntry);
      }),
    );
  });

  it("refuses an entry that it cannot read, and names it and its pool", () => {
    const pools = [{ name: "web", addresses: ["192.0.2.0/24", "192.0.2.0-"] }];
    const message = 'pool "web": invalid IP range "192.0.2.0-": invalid end IP ""';
    expect(() => findOverlap(pools)).toThrow(new RangeError(message));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress } from "./address.ts";
import { AddressSpace } from "./address-space.ts";
import { parseRange } from "./range.ts";

function spaceOf(entries: readonly string[], avoidBuggyIPs = false): AddressSpace {
  return new AddressSpace(entries.map(parseRange), avoidBuggyIPs);
}

/** The first addresses of a space, in its order. */
function firstOf(space: AddressSpace, family: 4 | 6, count: number): string[] {
  return Array.from({ length: count }, (_, position) => {
    const value = space.addressAt(BigInt(position));
    return value === undefined ? "none" : formatAddress(family, value);
  });
}

describe("address space", () => {
  it.each([
    [["1.2.3.0/24"], false, 256n],
    [["1.2.3.0/24"], true, 254n],
    [["1.2.3.0/24", "1.2.4.128/25"], true, 381n],
    [["1.2.3.0/31"], true, 1n],
    [["1.2.3.255/32"], true, 0n],
    [["1.2.3.0-1.2.3.0", "1.2.3.255-1.2.4.0"], true, 0n],
    [["1.2.3.10-1.2.3.20"], true, 11n],
    [["1.0.0.0/8"], true, 65_536n * 254n],
    [["0.0.0.0/0"], false, 1n << 32n],
    [["2001:db8::/64"], true, 1n << 64n],
    [["2001:db8::/126", "2001:db8::100/120"], true, 260n],
    [["::/0"], false, 1n << 128n],
    [[], true, 0n],
  ])("counts %j, avoiding %s: %s", (entries, avoid, size) => {
    expect(spaceOf(entries, avoid).size).toBe(size);
  });

  it("goes through the ranges in the order written, each ascending", () => {
    const space = spaceOf(["192.0.2.8/31", "192.0.2.255-192.0.3.0", "192.0.2.1-192.0.2.2"]);
    const ranges = ["192.0.2.8", "192.0.2.9", "192.0.2.255", "192.0.3.0", "192.0.2.1", "192.0.2.2"];
    expect(firstOf(space, 4, 7)).toEqual([...ranges, "none"]);
  });

  it("leaves out what is avoided", () => {
    const space = spaceOf(["192.0.2.0/32", "192.0.2.253-192.0.3.2", "192.0.2.1/32"], true);
    const usable = ["192.0.2.253", "192.0.2.254", "192.0.3.1", "192.0.3.2", "192.0.2.1"];
    expect(firstOf(space, 4, 6)).toEqual([...usable, "none"]);
    expect(space.positionOf(parseRange("192.0.3.0/32").first)).toBeUndefined();
    expect(space.positionOf(parseRange("192.0.2.0/32").first)).toBeUndefined();
  });

  it("numbers each usable address once, and nothing else", () => {
    const length = fc.integer({ min: 1, max: 600 });
    const layout = fc.array(fc.record({ gap: fc.nat(300), length }), { maxLength: 5 });
    fc.assert(
      fc.property(layout, fc.boolean(), fc.boolean(), (pieces, reversed, avoid) => {
        let end = 0n;
        const ranges = pieces.map(({ gap, length }) => {
          const first = end + BigInt(gap);
          end = first + BigInt(length);
          return { family: 4 as const, first, last: end - 1n };
        });
        const written = reversed ? ranges.toReversed() : ranges;
        const expected: bigint[] = [];
        for (const { first, last } of written) {
          for (let value = first; value <= last; value++) {
            if (!avoid || (value % 256n !== 0n && value % 256n !== 255n)) expected.push(value);
          }
        }
        const space = new AddressSpace(written, avoid);
        expect(space.size).toBe(BigInt(expected.length));
        const addresses = expected.map((_, position) => space.addressAt(BigInt(position)));
        expect(addresses).toEqual(expected);
        const positions = new Map(expected.map((value, position) => [value, BigInt(position)]));
        for (let value = 0n; value <= end; value++) {
          expect(space.positionOf(value)).toBe(positions.get(value));
        }
        expect(space.addressAt(space.size)).toBeUndefined();
      }),
      { numRuns: 40 },
    );
  });
});

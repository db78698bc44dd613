import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress } from "./address.ts";
import { byFirst, intervalAt, parseRange } from "./range.ts";

describe("range", () => {
  it.each([
    ["198.51.100.0/24", "198.51.100.0", "198.51.100.255"],
    ["198.51.100.10/24", "198.51.100.0", "198.51.100.255"],
    ["198.51.100.7/32", "198.51.100.7", "198.51.100.7"],
    ["0.0.0.0/0", "0.0.0.0", "255.255.255.255"],
    ["198.51.100.7/024", "198.51.100.0", "198.51.100.255"],
    ["198.51.100.10-198.51.100.20", "198.51.100.10", "198.51.100.20"],
    ["  198.51.100.10 - 198.51.100.20\t", "198.51.100.10", "198.51.100.20"],
    ["198.51.100.7-198.51.100.7", "198.51.100.7", "198.51.100.7"],
    ["::ffff:198.51.100.1-198.51.100.2", "198.51.100.1", "198.51.100.2"],
    ["2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"],
    ["2001:db8::7/126", "2001:db8::4", "2001:db8::7"],
    ["2001:DB8::1/128", "2001:db8::1", "2001:db8::1"],
    ["::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ["2001:db8::f-2001:db8::1:0", "2001:db8::f", "2001:db8::1:0"],
  ])("reads %j", (text, first, last) => {
    const range = parseRange(text);
    expect(formatAddress(range.family, range.first)).toBe(first);
    expect(formatAddress(range.family, range.last)).toBe(last);
  });

  it.each([
    ["", 'invalid CIDR ""'],
    ["pool", 'invalid CIDR "pool"'],
    [" 192.0.2.0/24", 'invalid CIDR " 192.0.2.0/24"'],
    ["192.0.2.300/24", 'invalid CIDR "192.0.2.300/24"'],
    ["192.0.2.1", 'invalid CIDR "192.0.2.1": write a single address as 192.0.2.1/32'],
    ["2001:db8::1", 'invalid CIDR "2001:db8::1": write a single address as 2001:db8::1/128'],
    ["192.0.2.0/33", 'invalid CIDR "192.0.2.0/33": the prefix length must be 0 to 32, got "33"'],
    ["2001:db8::/129", /must be 0 to 128, got "129"$/],
    ["192.0.2.0/", /must be 0 to 32, got ""$/],
    ["192.0.2.0/2x", /must be 0 to 32, got "2x"$/],
    ["192.0.2.0/24/24", /must be 0 to 32, got "24\/24"$/],
    ["::ffff:192.0.2.0/120", /"::ffff:192.0.2.0\/120": write an IPv4-mapped prefix as IPv4$/],
    ["192.0.2.9-192.0.2.x", 'invalid IP range "192.0.2.9-192.0.2.x": invalid end IP "192.0.2.x"'],
    ["-192.0.2.9", 'invalid IP range "-192.0.2.9": invalid start IP ""'],
    ["192.0.2.1-192.0.2.2-192.0.2.3", /invalid end IP "192.0.2.2-192.0.2.3"$/],
    ["192.0.2.0/24-192.0.2.9", /invalid start IP "192.0.2.0\/24"$/],
    [
      "192.0.2.9-192.0.2.1",
      'invalid IP range "192.0.2.9-192.0.2.1": start IP "192.0.2.9" is after the end IP "192.0.2.1"',
    ],
    [
      "192.0.2.9-2001:db8::1",
      'invalid IP range "192.0.2.9-2001:db8::1": start IP "192.0.2.9" is IPv4, end IP "2001:db8::1" is IPv6',
    ],
  ])("refuses %j", (text, message) => {
    expect(() => parseRange(text)).toThrow(RangeError);
    expect(() => parseRange(text)).toThrow(
      typeof message === "string" ? new RangeError(message) : message,
    );
  });

  it("answers any text with a range or a RangeError that names it", () => {
    const text = fc.string({ unit: fc.constantFrom(..."0129af:./- ".split("")), maxLength: 24 });
    fc.assert(
      fc.property(text, (any) => {
        try {
          const { first, last } = parseRange(any);
          expect(first <= last).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect(String(error)).toContain(`"${any}"`);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("finds the interval around a value", () => {
    const ends = fc.uniqueArray(fc.nat(60), { maxLength: 20 });
    fc.assert(
      fc.property(ends, fc.nat(60), (numbers, wanted) => {
        const sorted = numbers.toSorted((a, b) => a - b).map(BigInt);
        const intervals = sorted.flatMap((first, index) => {
          const last = sorted[index + 1];
          return index % 2 === 0 && last !== undefined ? [{ first, last }] : [];
        });
        const value = BigInt(wanted);
        const expected = intervals.find(({ first, last }) => first <= value && value <= last);
        expect(intervalAt(intervals, value)).toBe(expected);
        expect(intervals.toReversed().sort(byFirst)).toEqual(intervals);
      }),
    );
  });
});

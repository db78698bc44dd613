import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, quantile } from "./statistics.ts";

describe("quantile", () => {
  it.each([
    [0.01, 1],
    [0.5, 50],
    [0.501, 51],
    [0.99, 99],
    [0.999, 100],
    [1, 100],
  ])("of 1 to 100 at %d is %d", (fraction, expected) => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(quantile(values, fraction)).toBe(expected);
  });

  it("is one of the values, with as many on either side as it says", () => {
    const values = fc.array(fc.integer(), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0.001, max: 1, noNaN: true }), (all, fraction) => {
        const value = quantile(all, fraction);
        const below = all.filter((other) => other < value).length;
        const upTo = all.filter((other) => other <= value).length;
        expect(all).toContain(value);
        expect(below).toBeLessThan(fraction * all.length);
        expect(upTo).toBeGreaterThanOrEqual(fraction * all.length);
      }),
    );
  });

  it("leaves the values as they are", () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });

  it.each([0, -1, 1.1, Number.NaN])("refuses the fraction %d", (fraction) => {
    expect(() => quantile([1], fraction)).toThrow(
      new RangeError(`fraction must be above 0 and at most 1, got ${fraction}`),
    );
  });

  it("refuses to tell the median of nothing", () => {
    expect(() => median([])).toThrow(new RangeError("values must not be empty"));
  });
});

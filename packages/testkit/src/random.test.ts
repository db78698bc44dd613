import { describe, expect, it } from "vitest";
import { seededRandom } from "./random.ts";

const draw = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

describe("seeded random", () => {
  it("repeats itself for the same seed and differs for another", () => {
    expect(draw(7, 20)).toEqual(draw(7, 20));
    expect(draw(7, 20)).not.toEqual(draw(8, 20));
  });

  it("is spread evenly over [0, 1)", () => {
    const buckets = new Array<number>(10).fill(0);
    for (const number of draw(1, 100_000)) {
      const bucket = Math.floor(number * 10);
      buckets[bucket] = (buckets[bucket] ?? Number.NaN) + 1;
    }
    expect(buckets).toHaveLength(10);
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

import { describe, expect, it } from "vitest";
import type { OmittedRule } from "./claim.ts";
import { play } from "./testing/scenario.ts";

const seeds = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe("simulated networks", () => {
  it("keep every promise, whatever goes wrong", { timeout: 120_000 }, () => {
    for (const seed of seeds(100_001, 200)) {
      const { violations } = play(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  it("leave an address to its heir though a table comes in the moment in which the network heals", () => {
    for (const seed of [253, 1_511, 2_795, 3_535, 3_778, 4_253, 5_165, 6_075, 7_658, 9_173]) {
      const { violations } = play(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });

  it.each<OmittedRule>(["yield", "backup", "listen"])("break one without the rule %s", (omit) => {
    const broken = seeds(1, 60).some((seed) => play(seed, omit).violations.length > 0);
    expect(broken).toBe(true);
  });

  it("are the same each time, and tell how it came about", () => {
    const [one, other] = [play(7, undefined, true), play(7, undefined, true)];
    expect(one).toEqual(other);
    expect(one.trace.join("\n")).toContain("ALL IS MENDED");
  });
});

import { describe, expect, it } from "vitest";
import { Pace } from "./pace.ts";

/** When 1,000 go, each as soon as it may. */
function goes(pace: Pace): number[] {
  let now = 0;
  return Array.from({ length: 1_000 }, () => {
    now = Math.max(now, pace.readyAt);
    pace.take(now);
    return now;
  });
}

describe("pace", () => {
  it.each([500, 1_000, 50_000, 3])("lets %d a second through, and a tenth of that at once", (n) => {
    const times = goes(new Pace(n));
    const atOnce = Math.max(1, Math.floor(n / 10));
    expect(times.filter((time) => time === 0)).toHaveLength(Math.min(1_000, atOnce));
    for (const [i, time] of times.entries()) {
      expect(time).toBeCloseTo(Math.max(0, i + 1 - atOnce) * (1_000 / n), 6);
    }
  });

  it("saves up no more than that while it rests", () => {
    const pace = new Pace(500);
    goes(pace);
    const atOnce = () => {
      let taken = 0;
      for (; pace.readyAt <= 1_000_000; taken++) pace.take(1_000_000);
      return taken;
    };
    expect(atOnce()).toBe(50);
    expect(atOnce()).toBe(0);
    expect(pace.readyAt).toBe(1_000_002);
  });
});

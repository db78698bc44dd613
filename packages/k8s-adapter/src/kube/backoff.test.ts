import { describe, expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

describe("backoff", () => {
  it.each([
    [0, [125, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]],
    [0.999_999, [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]],
  ])("doubles up to its longest, with half of it left to chance (%d)", (chance, wanted) => {
    const backoff = new Backoff(() => chance);
    expect(wanted.map(() => Math.round(backoff.nextMs(0)))).toEqual(wanted);
  });

  it("begins anew after a reset", () => {
    const backoff = new Backoff(() => 0);
    backoff.nextMs(0);
    backoff.nextMs(0);
    backoff.reset();
    expect(backoff.nextMs(0)).toBe(125);
  });

  it("never comes back before the server said, nor all at once", () => {
    expect(new Backoff(() => 0).nextMs(3_000)).toBe(3_000);
    expect(new Backoff(() => 0.5).nextMs(3_000)).toBe(3_375);
  });

  it("takes what the server says the first time, and its own when that was too soon", () => {
    const backoff = new Backoff(() => 0);
    expect([50, 50, 50].map((askedMs) => backoff.nextMs(askedMs))).toEqual([50, 250, 500]);
  });
});

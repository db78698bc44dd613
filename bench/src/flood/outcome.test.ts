import { describe, expect, it } from "vitest";
import { type FloodRound, parseCpuSeconds, parseOutcome, summarizeFlood } from "./outcome.ts";

it("reads an outcome", () => {
  expect(parseOutcome("250000 249990 3 4999900000\n")).toEqual({
    sent: 250_000,
    answered: 249_990,
    lost: 3,
    seconds: 4.9999,
  });
});

it.each(["", "1 2 3\n", "1 2 3 4", "1 2 -3 4\n"])("does not take %j for an outcome", (text) => {
  expect(() => parseOutcome(text)).toThrow(`not the outcome of a flood: ${text}`);
});

describe("CPU time", () => {
  it("is what both modes took, whatever the program is called", () => {
    const head = "42 (a) R 1 (b)) S 1 42 42 0 -1 4194304 100 0 0 0";
    expect(parseCpuSeconds(`${head} 150 25 7 9 20 0 1 0 100\n`)).toBe(1.75);
  });

  it("is not in other text", () => {
    expect(() => parseCpuSeconds("gone")).toThrow("not the state of a process: gone");
  });
});

describe("summary of floods", () => {
  const round = (answered: number, cpuSeconds: number): FloodRound => ({
    sent: 1_000,
    answered,
    lost: 1,
    seconds: 2,
    cpuSeconds,
  });

  it("adds up, and keeps the worst round", () => {
    const summary = summarizeFlood([round(1_000, 0.5), round(900, 0.3)]);
    expect(summary).toMatchObject({ sent: 2_000, answered: 1_900, lost: 2, cpuShare: 0.2 });
    expect(summary.requestsPerSecond).toBe(500);
    expect(summary.unansweredPercent).toBeCloseTo(5);
    expect(summary.worstUnansweredPercent).toBeCloseTo(10);
    expect(summary.cpuUsPerRequest).toBeCloseTo(400);
  });

  it("needs a round", () => {
    expect(() => summarizeFlood([])).toThrow(new RangeError("rounds must not be empty"));
  });
});

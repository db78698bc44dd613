import { describe, expect, it } from "vitest";
import { combine, parseSamples, type Summary, summarize } from "./samples.ts";

describe("samples", () => {
  it("are sorted by address; an unanswered request took the whole timeout", () => {
    expect(parseSamples("0 1500\n1 2000\n2 -\n0 250\n", 3, 100)).toEqual([
      { roundTripsUs: [1.5, 0.25], unanswered: 0 },
      { roundTripsUs: [2], unanswered: 0 },
      { roundTripsUs: [100_000], unanswered: 1 },
    ]);
  });

  it.each(["3 1", "0", "0 -1", "x 1", "0 1 2"])("do not look like %j", (line) => {
    expect(() => parseSamples(`0 1\n${line}\n`, 3, 100)).toThrow(`not a sample: ${line}`);
  });

  it("are summarized by nearest rank", () => {
    const roundTripsUs = Array.from({ length: 1_000 }, (_, i) => i + 1);
    expect(summarize({ roundTripsUs, unanswered: 2 })).toEqual({
      p50Us: 500,
      p90Us: 900,
      p99Us: 990,
      p999Us: 999,
      maxUs: 1_000,
      requests: 1_000,
      unanswered: 2,
    });
  });
});

it("combines rounds to the median of each percentile, whichever round it comes from", () => {
  const round = (p50Us: number, p99Us: number, unanswered: number): Summary => ({
    p50Us,
    p90Us: 50,
    p99Us,
    p999Us: 500,
    maxUs: p99Us * 2,
    requests: 10,
    unanswered,
  });
  expect(combine([round(3, 100, 0), round(1, 300, 1), round(2, 200, 1)])).toEqual({
    p50Us: 2,
    p90Us: 50,
    p99Us: 200,
    p999Us: 500,
    maxUs: 600,
    requests: 30,
    unanswered: 2,
  });
});

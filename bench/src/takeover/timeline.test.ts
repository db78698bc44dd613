import { describe, expect, it } from "vitest";
import { density, milestone, parseSightings } from "./timeline.ts";

describe("sightings", () => {
  it("are read line by line", () => {
    expect(parseSightings("2500000 0 request\n3000000 4999 answer\n")).toEqual([
      { atMs: 2.5, number: 0, what: "request" },
      { atMs: 3, number: 4_999, what: "answer" },
    ]);
  });

  it.each(["1 2", "1 2 probe", "-1 2 reply", "1 2 reply "])("do not look like %j", (line) => {
    expect(() => parseSightings(`1 2 reply\n${line}\n`)).toThrow(`not a sighting: ${line}`);
  });
});

describe("milestone", () => {
  const sightings = parseSightings(
    "11000000 0 request\n12000000 1 reply\n13000000 0 request\n15000000 1 request\n19000000 2 answer\n",
  );

  it("counts the first sighting of each address", () => {
    expect(milestone(sightings, ["request"], 10)).toEqual({
      addresses: 2,
      firstMs: 1,
      medianMs: 1,
      lastMs: 5,
    });
  });

  it("takes one kind or the other", () => {
    expect(milestone(sightings, ["request", "reply"], 10).lastMs).toBe(2);
  });

  it("has no figures of nothing", () => {
    expect(() => milestone([], ["answer"], 10)).toThrow(RangeError);
  });
});

describe("density", () => {
  it("is that of the fullest windows, wherever they begin", () => {
    const timesMs = [0, 60, 150, 159, 160, 1_059, 1_060, 5_000];
    expect(density(timesMs)).toEqual({
      frames: 8,
      seconds: 5,
      most100MsPerSecond: 30,
      mostPerSecond: 5,
    });
  });

  it("of nothing is nothing", () => {
    const none = { frames: 0, seconds: 0, most100MsPerSecond: 0, mostPerSecond: 0 };
    expect(density([])).toEqual(none);
  });
});

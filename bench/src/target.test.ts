import { expect, it } from "vitest";
import { renderTarget, target } from "./target.ts";

it.each([
  [1.2345, "met     p99 to that of C: 1.23 x, at most 1.5 x (82 % of the limit)"],
  [1.5, "met     p99 to that of C: 1.5 x, at most 1.5 x (100 % of the limit)"],
  [15.01, "MISSED  p99 to that of C: 15 x, at most 1.5 x (1001 % of the limit)"],
  [Number.NaN, "MISSED  p99 to that of C: NaN x, at most 1.5 x (NaN % of the limit)"],
])("says whether %d is within the limit", (measured, expected) => {
  expect(renderTarget(target("p99 to that of C", "x", measured, 1.5))).toBe(expected);
});

it("has no share of nothing", () => {
  const ended = target("sessions that ended", "%", 0, 0);
  expect(renderTarget(ended)).toBe("met     sessions that ended: 0 %, at most 0 %");
});

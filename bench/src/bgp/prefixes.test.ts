import { expect, it } from "vitest";
import { coverOf, prefixesOf } from "./prefixes.ts";

it("counts addresses over the octets", () => {
  expect(prefixesOf(70_000).at(-1)).toBe("10.1.17.111/32");
});

it("covers any number of them, without a hole or an overlap", () => {
  expect(coverOf(5)).toEqual(["10.0.0.0/30", "10.0.0.4/32"]);
  expect(coverOf(100_000)).toHaveLength(6);
  expect(coverOf(1_000_000)[0]).toBe("10.0.0.0/13");
});

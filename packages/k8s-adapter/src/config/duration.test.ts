import { expect, it } from "vitest";
import { durationMs } from "./duration.ts";

it.each([
  ["90s", 90_000],
  ["1m30s", 90_000],
  ["1h", 3_600_000],
  ["500ms", 500],
  ["1.5s", 1_500],
  ["0s", 0],
  ["0", 0],
])("reads %s", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

it.each(["", "90", "s", "1 s", "-1s", "1d", "1s2", "9s;"])("refuses %j", (text) => {
  expect(durationMs(text)).toBeUndefined();
});

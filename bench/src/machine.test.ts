import { expect, it } from "vitest";
import { parseCpuList } from "./machine.ts";

it.each([
  ["", []],
  ["3", [3]],
  ["0-1", [0, 1]],
  ["0-2,8,10-11", [0, 1, 2, 8, 10, 11]],
])("reads the CPU list %j", (text, expected) => {
  expect(parseCpuList(text)).toEqual(expected);
});

import { expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";

const known = ["arp", "allocator"];

it.each([
  [[], { help: false, json: false, benchmarks: known }],
  [["all"], { help: false, json: false, benchmarks: known }],
  [["allocator", "--json"], { help: false, json: true, benchmarks: ["allocator"] }],
  [["allocator", "arp"], { help: false, json: false, benchmarks: ["allocator", "arp"] }],
  [["--help"], { help: true, json: false, benchmarks: known }],
])("reads %j", (argv, expected) => {
  expect(parseArguments(argv, known)).toEqual(expected);
});

it.each([
  [["bgp"], "unknown benchmark bgp"],
  [["--fast"], "--fast"],
])("refuses %j", (argv, message) => {
  expect(() => parseArguments(argv, known)).toThrow(message);
});

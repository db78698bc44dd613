import { expect, it } from "vitest";
import { parseArguments } from "./arguments.ts";

const known = ["arp", "allocator"];

it.each([
  [[], { help: false, json: false, benchmarks: known, rounds: undefined }],
  [["all"], { help: false, json: false, benchmarks: known, rounds: undefined }],
  [
    ["allocator", "--json"],
    { help: false, json: true, benchmarks: ["allocator"], rounds: undefined },
  ],
  [
    ["allocator", "arp"],
    { help: false, json: false, benchmarks: ["allocator", "arp"], rounds: undefined },
  ],
  [["arp", "--rounds", "2"], { help: false, json: false, benchmarks: ["arp"], rounds: 2 }],
  [["--help"], { help: true, json: false, benchmarks: known, rounds: undefined }],
])("reads %j", (argv, expected) => {
  expect(parseArguments(argv, known)).toMatchObject(expected);
});

it("takes the names of parts together or one by one", () => {
  const argv = ["--scenario", "crash,stop", "--scenario", "burst", "--driver", "./x"];
  expect(parseArguments(argv, known)).toMatchObject({
    scenarios: ["crash", "stop", "burst"],
    driver: "./x",
  });
});

it("passes on what failover alone understands", () => {
  expect(parseArguments(["--nodes", "9"], known).failover).toMatchObject({
    nodes: 9,
    family: undefined,
  });
});

it.each([
  [["bgp"], "unknown benchmark bgp"],
  [["--fast"], "--fast"],
  [["--family", "both"], "--family must be ipv4 or ipv6, got both"],
  [["--rounds", "0"], "--rounds must be 1 to 999, got 0"],
])("refuses %j", (argv, message) => {
  expect(() => parseArguments(argv, known)).toThrow(message);
});

import { expect, it } from "vitest";
import { parseState } from "./receiver.ts";

it("reads a session that is Established", () => {
  const text = [
    "Name       Proto      Table      State  Since         Info",
    "ingot      BGP        ---        up     2026-02-03 04:05:06.789  Established   ",
    "  BGP state:          Established",
    "  Channel ipv4",
    "    Routes:         100000 imported, 0 exported, 100000 preferred",
  ].join("\n");
  expect(parseState(text)).toEqual({
    established: true,
    sinceMs: new Date(2026, 1, 3, 4, 5, 6, 789).getTime(),
    imported: 100_000,
  });
});

it("reads one that waits", () => {
  const text =
    "ingot BGP --- start 2026-02-03 04:05:06.789 Passive\n  BGP state:          Passive\n";
  expect(parseState(text)).toMatchObject({ established: false, imported: 0 });
});

it("takes nothing else", () => {
  expect(() => parseState("syntax error")).toThrow("not the state of a BGP session: syntax error");
});

import { describe, expect, it } from "vitest";
import { parseClientLog, parseSightings } from "./log.ts";

describe("the client's log", () => {
  it("has datagrams and connections", () => {
    const text =
      "ready\nd 1000000 1500000 n2\nd 2000000 - -\nc 500000 700000 connected\nc 1 2 timeout\n";
    expect(parseClientLog(text)).toEqual({
      datagrams: [
        { sentMs: 1, answer: { atMs: 1.5, node: "n2" } },
        { sentMs: 2, answer: undefined },
      ],
      connections: [
        { beganMs: 0.5, endedMs: 0.7, outcome: "connected" },
        { beganMs: 1e-6, endedMs: 2e-6, outcome: "timeout" },
      ],
    });
  });

  it.each(["d 1 2", "d 1 - n2", "c 1 - timeout", "x 1 2 3", "d one - -"])("has no %j", (line) => {
    expect(() => parseClientLog(`d 1 - -\n${line}\n`)).toThrow(`not a line of the client: ${line}`);
  });
});

describe("the watcher's log", () => {
  const nodes = new Map([["02:77:00:00:00:0b", "n1"]]);

  it("names the node, or the hardware address of a stranger", () => {
    const text =
      "ready\n1000000 answer 02:77:00:00:00:0b\n2000000 announcement 02:00:00:00:00:01\n";
    expect(parseSightings(text, nodes)).toEqual([
      { atMs: 1, what: "answer", node: "n1" },
      { atMs: 2, what: "announcement", node: "02:00:00:00:00:01" },
    ]);
  });

  it("has nothing else", () => {
    expect(() => parseSightings("1 claim 02:77:00:00:00:0b\n", nodes)).toThrow(
      "not a line of the watcher: 1 claim 02:77:00:00:00:0b",
    );
  });
});

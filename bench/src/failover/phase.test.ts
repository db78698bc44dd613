import { describe, expect, it } from "vitest";
import type { ClientLog, Sighting } from "./log.ts";
import { phasesOf } from "./phase.ts";

/** A datagram each ms, answered 0.2 ms later by the node of its letter; a dot is one that was lost. */
function client(nodes: string, connections: ClientLog["connections"] = []): ClientLog {
  const datagrams = [...nodes].map((node, sentMs) => ({
    sentMs,
    answer: node === "." ? undefined : { atMs: sentMs + 0.2, node },
  }));
  return { datagrams, connections };
}

/** A request each ms; the letters that stand at its place answered it. */
function answers(...nodes: readonly string[]): readonly Sighting[] {
  return nodes.flatMap((letters, atMs) =>
    [...letters].map((node) => ({ atMs, what: "answer" as const, node })),
  );
}

describe("phases", () => {
  it("are cut at the marks, by when something was sent or seen", () => {
    const phases = phasesOf(client("aaaabbbbb"), answers("a", "a", "a", "a", "b", "b"), [4, 7]);
    expect(phases.map(({ sent, holders }) => ({ sent, holders }))).toEqual([
      { sent: 4, holders: ["a"] },
      { sent: 3, holders: ["b"] },
      { sent: 2, holders: ["b"] },
    ]);
  });

  it("have the longest outage, from the first lost to the next answered one", () => {
    const [before, after] = phasesOf(client("aa.aaa...b.bb"), [], [5]);
    expect(before).toMatchObject({ lost: 1, outageMs: 1, unended: false });
    expect(after).toMatchObject({ lost: 4, outageMs: 3, unended: false, holders: ["a", "b"] });
  });

  it("own an outage that began in them, though it lasts into the next", () => {
    const [first, second] = phasesOf(client("aa....bb"), [], [4]);
    expect(first).toMatchObject({ lost: 2, outageMs: 4 });
    expect(second).toMatchObject({ lost: 2, outageMs: 0 });
  });

  it("say of an outage that it did not end", () => {
    expect(phasesOf(client("aaa...."), [], [3])[1]).toMatchObject({ outageMs: 3, unended: true });
  });

  it("count an answer that came after 100 ms as none", () => {
    const log = client("aaa");
    const late = { sentMs: 3, answer: { atMs: 103.1, node: "a" } };
    const [phase] = phasesOf({ ...log, datagrams: [...log.datagrams, late] }, [], []);
    expect(phase).toMatchObject({ sent: 4, lost: 1, unended: true });
  });

  it("count connections, and those that were not made", () => {
    const outcomes = ["connected", "timeout", "ECONNREFUSED"];
    const log = client(
      "aaa",
      outcomes.map((outcome, beganMs) => ({ beganMs, endedMs: beganMs + 1, outcome })),
    );
    expect(phasesOf(log, [], [1])[1]).toMatchObject({ connections: 2, failedConnections: 2 });
  });

  it("have the time for which two answered", () => {
    const seen = answers("a", "a", "ab", "ab", "ab", "b", "b");
    expect(phasesOf(client(""), seen, [1])[1]).toMatchObject({ overlapMs: 2 });
    expect(phasesOf(client(""), answers("a", "a", "b", "b"), [1])[1]).toMatchObject({
      overlapMs: 0,
    });
    expect(phasesOf(client(""), answers("abc", "abc", "c"), [])[0]).toMatchObject({ overlapMs: 1 });
  });

  it("have the longest time between two answers, where the first request in vain was sent", () => {
    const times = [0, 5, 10, 400, 405, 600, 610];
    const seen = times.map((atMs) => ({ atMs, what: "answer" as const, node: "a" }));
    // The one before the mark was answered, the one after it was not.
    expect(phasesOf(client(""), seen, [12, 500]).map(({ silenceMs }) => silenceMs)).toEqual([
      5, 390, 10,
    ]);
  });

  it("have a silence that lasts to the end", () => {
    const log = client("a".repeat(50));
    const seen = answers("a", "a");
    expect(phasesOf(log, seen, [3])[1]).toMatchObject({ silenceMs: 48 });
  });

  it("count announcements apart from answers", () => {
    const seen: readonly Sighting[] = [
      { atMs: 1, what: "announcement", node: "b" },
      { atMs: 2, what: "announcement", node: "b" },
      { atMs: 3, what: "answer", node: "a" },
    ];
    expect(phasesOf(client(""), seen, [])[0]?.announcements).toEqual({ b: 2 });
  });
});

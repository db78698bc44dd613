import { describe, expect, it } from "vitest";
import { Waiting } from "./waiting.ts";

describe("waiting", () => {
  it("wakes those that wait for a topic, longest first, and nobody else", () => {
    const waiting = new Waiting();
    waiting.set("a", ["pool:lan"]);
    waiting.set("b", ["pool:dmz"]);
    waiting.set("c", ["pool:dmz", "pool:lan"]);
    expect(waiting.waitersOf(["pool:lan"])).toEqual(["a", "c"]);
    expect(waiting.waitersOf(["address:10.0.0.1"])).toEqual([]);
    expect(waiting.size).toBe(3);
  });

  it("names each once that waits for several of the topics", () => {
    const waiting = new Waiting();
    waiting.set("c", ["pool:dmz", "pool:lan"]);
    expect(waiting.waitersOf(["pool:lan", "pool:dmz"])).toEqual(["c"]);
  });

  it("keeps the place of one that goes on waiting for the same", () => {
    const waiting = new Waiting();
    waiting.set("a", ["pool:lan"]);
    waiting.set("b", ["pool:lan"]);
    waiting.set("a", ["pool:lan"]);
    expect(waiting.waitersOf(["pool:lan"])).toEqual(["a", "b"]);
  });

  it("forgets one that waits no longer", () => {
    const waiting = new Waiting();
    waiting.set("a", ["pool:lan"]);
    waiting.set("a", []);
    expect(waiting.waitersOf(["pool:lan"])).toEqual([]);
    expect(waiting.size).toBe(0);
  });
});

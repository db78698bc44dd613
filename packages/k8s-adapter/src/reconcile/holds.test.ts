import { Allocator } from "@ingot/allocator";
import { describe, expect, it } from "vitest";
import { Holds } from "./holds.ts";

function start() {
  const allocator = new Allocator();
  allocator.setPools([{ name: "lan", addresses: ["10.0.0.0/30"] }]);
  const holds = new Holds(allocator);
  const has = (owner: string) => allocator.claim(owner, ["10.0.0.1"]).ok;
  return { allocator, holds, has };
}

describe("holds", () => {
  it("keep an address from everybody, and give way to the Service it is kept for", () => {
    const { holds, has } = start();
    holds.put("10.0.0.1", "reserved", "a/x");
    expect(has("a/y")).toBe(false);
    holds.lift("a/y");
    expect(has("a/y")).toBe(false);
    holds.lift("a/x");
    expect(has("a/x")).toBe(true);
  });

  it("are taken up again when the Service did not want it", () => {
    const { holds, has } = start();
    holds.put("10.0.0.1", "cooling down", "a/x");
    holds.lift("a/x");
    holds.lower("a/x");
    expect(has("a/y")).toBe(false);
  });

  it("give way to nobody while there is another reason", () => {
    const { holds, has } = start();
    holds.put("10.0.0.1", "reserved", "a/x");
    holds.put("10.0.0.1", "in conflict", "another host");
    holds.lift("a/x");
    expect(has("a/x")).toBe(false);
    expect(holds.drop("10.0.0.1", "in conflict", "another host")).toBe(false);
    holds.lift("a/x");
    expect(has("a/x")).toBe(true);
  });

  it("wait while somebody has the address, and hold from when he gives it up", () => {
    const { allocator, holds, has } = start();
    expect(has("a/y")).toBe(true);
    holds.put("10.0.0.1", "reserved", "a/x");
    allocator.release("a/y");
    expect(holds.regain("10.0.0.1")).toBe(true);
    expect(has("a/y")).toBe(false);
    expect(holds.drop("10.0.0.1", "reserved", "a/x")).toBe(true);
    expect(holds.regain("10.0.0.1")).toBe(false);
    expect(has("a/y")).toBe(true);
  });

  it("come back with the pool that has the address", () => {
    const { allocator, holds, has } = start();
    holds.put("10.0.0.1", "reserved", "a/x");
    allocator.setPools([]);
    allocator.setPools([{ name: "net", addresses: ["10.0.0.0/24"] }]);
    holds.refresh();
    expect(has("a/y")).toBe(false);
  });

  it("tell what is kept for a Service, but not what it is leaving", () => {
    const { holds } = start();
    holds.put("10.0.0.1", "reserved", "a/x");
    holds.put("10.0.0.2", "leaving", "a/x");
    expect(holds.of("a/x")).toEqual(["10.0.0.1"]);
    expect(holds.of("a/y")).toEqual([]);
  });
});

import { Allocator } from "@ingot/allocator";
import { describe, expect, it } from "vitest";
import { Departures } from "./departures.ts";

function moved(published: readonly string[]) {
  const allocator = new Allocator();
  allocator.setPools([{ name: "lan", addresses: ["10.0.0.0/30"] }]);
  const departures = new Departures(allocator);
  allocator.claim("default/web", ["10.0.0.0"]);
  const before = allocator.assignment("default/web");
  allocator.claim("default/web", ["10.0.0.1"]);
  return { allocator, departures, before, free: departures.hold("default/web", published, before) };
}

describe("departures", () => {
  it("hold an address that the status still names, until it is written", () => {
    const { allocator, departures, free } = moved(["10.0.0.0"]);
    expect(free).toEqual([]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(false);
    expect(departures.settle("default/web")).toEqual({ pool: "lan", addresses: ["10.0.0.0"] });
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(true);
  });

  it("free an address at once that the status does not name", () => {
    const { allocator, departures, free } = moved([]);
    expect(free).toEqual(["10.0.0.0"]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(true);
    expect(departures.settle("default/web")).toBeUndefined();
  });

  it("go on holding the published address when the Service moves again before it is written", () => {
    const { allocator, departures } = moved(["10.0.0.0"]);
    const before = allocator.assignment("default/web");
    allocator.claim("default/web", ["10.0.0.2"]);
    expect(departures.hold("default/web", ["10.0.0.0"], before)).toEqual(["10.0.0.1"]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(false);
  });
});

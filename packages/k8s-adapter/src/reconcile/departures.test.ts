import { Allocator } from "@ingot/allocator";
import { describe, expect, it } from "vitest";
import { Departures } from "./departures.ts";
import { Holds } from "./holds.ts";

function moved(published: readonly string[]) {
  const allocator = new Allocator();
  allocator.setPools([{ name: "lan", addresses: ["10.0.0.0/30"] }]);
  const holds = new Holds(allocator);
  const departures = new Departures(allocator, holds);
  allocator.claim("default/web", ["10.0.0.0"]);
  const before = allocator.assignment("default/web");
  allocator.claim("default/web", ["10.0.0.1"]);
  const free = departures.hold("default/web", published, before);
  return { allocator, holds, departures, free };
}

describe("departures", () => {
  it("hold an address that the status still names, until it is written", () => {
    const { allocator, departures, free } = moved(["10.0.0.0"]);
    expect(free).toEqual([]);
    expect(allocator.claim("default/api", ["10.0.0.0"])).toMatchObject({
      message: expect.stringContaining('"default/web (leaving 10.0.0.0)"'),
    });
    expect(departures.settle("default/web")).toEqual(["10.0.0.0"]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(true);
  });

  it("free an address at once that the status does not name", () => {
    const { allocator, departures, free } = moved([]);
    expect(free).toEqual(["10.0.0.0"]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(true);
    expect(departures.settle("default/web")).toEqual([]);
  });

  it("go on holding the published address when the Service moves again before it is written", () => {
    const { allocator, departures } = moved(["10.0.0.0"]);
    const before = allocator.assignment("default/web");
    allocator.claim("default/web", ["10.0.0.2"]);
    expect(departures.hold("default/web", ["10.0.0.0"], before)).toEqual(["10.0.0.1"]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(false);
  });

  it("let the Service go back to what it is leaving", () => {
    const { allocator, holds, departures } = moved(["10.0.0.0"]);
    const before = allocator.assignment("default/web");
    holds.lift("default/web");
    expect(allocator.claim("default/web", ["10.0.0.0"]).ok).toBe(true);
    expect(departures.hold("default/web", ["10.0.0.0"], before)).toEqual(["10.0.0.1"]);
    expect(departures.settle("default/web")).toEqual([]);
    expect(allocator.assignment("default/web")?.addresses).toEqual(["10.0.0.0"]);
  });

  it("free what is held of a Service that is gone", () => {
    const { allocator, departures } = moved(["10.0.0.0"]);
    const before = allocator.release("default/web");
    expect(departures.hold("default/web", [], before)).toEqual(["10.0.0.1", "10.0.0.0"]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(true);
  });

  it("hold for each of two that shared what both still name", () => {
    const { allocator, departures } = moved(["10.0.0.0"]);
    departures.hold("default/other", ["10.0.0.0"], undefined);
    expect(departures.settle("default/web")).toEqual([]);
    expect(allocator.claim("default/api", ["10.0.0.0"]).ok).toBe(false);
    expect(departures.settle("default/other")).toEqual(["10.0.0.0"]);
  });
});

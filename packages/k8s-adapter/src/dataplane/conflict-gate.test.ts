import { describe, expect, it } from "vitest";
import { ConflictGate } from "./conflict-gate.ts";
import type { ConflictSighting } from "./messages.ts";

const sighting: ConflictSighting = {
  address: "10.0.0.1",
  mac: "02:00:00:00:00:99",
  interface: "eth0",
  kept: true,
};

describe("conflict gate", () => {
  it("admits the first sight of each address, and then one in ten seconds", () => {
    const gate = new ConflictGate();
    const told = [];
    for (let now = 0; now < 30_000; now += 100) if (gate.admits(sighting, now)) told.push(now);
    expect(told).toEqual([0, 10_000, 20_000]);
    expect(gate.admits({ ...sighting, address: "10.0.0.2" }, 20_000)).toBe(true);
  });

  it.each<[string, Partial<ConflictSighting>]>([
    ["hardware address", { mac: "02:00:00:00:00:98" }],
    ["interface", { interface: "eth1" }],
    ["outcome", { kept: false }],
  ])("admits another %s after a second", (_, change) => {
    const gate = new ConflictGate();
    gate.admits(sighting, 0);
    expect(gate.admits({ ...sighting, ...change }, 999)).toBe(false);
    expect(gate.admits({ ...sighting, ...change }, 1_000)).toBe(true);
  });

  it("begins anew with an address that was not announced meanwhile", () => {
    const gate = new ConflictGate();
    gate.admits(sighting, 0);
    gate.retain(new Set([sighting.address]));
    expect(gate.admits(sighting, 1)).toBe(false);
    gate.retain(new Set());
    expect(gate.admits(sighting, 1)).toBe(true);
  });
});

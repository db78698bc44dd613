import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConflictSighting } from "../dataplane/messages.ts";
import { Conflicts, type ConflictsInput } from "./conflicts.ts";

const ADDRESS = "10.77.0.64";
const sighting: ConflictSighting = {
  address: ADDRESS,
  mac: "02:77:00:00:00:0b",
  interface: "eth0",
  kept: true,
};
const announced = (...addresses: readonly string[]): ConflictsInput => ({
  type: "announced",
  addresses: new Set(addresses),
});
const seen = (changes: Partial<ConflictSighting> = {}, peer?: string): ConflictsInput => ({
  type: "seen",
  sighting: { ...sighting, ...changes },
  peer,
});
const tick: ConflictsInput = { type: "tick" };

/** The conflicts of a node that announces the address. */
function start(): Conflicts {
  const conflicts = new Conflicts();
  conflicts.handle(announced(ADDRESS), 0);
  return conflicts;
}

describe("conflicts", () => {
  it("tell of a stranger at first sight, once", () => {
    const conflicts = start();
    expect(conflicts.handle(seen(), 100)).toEqual([ADDRESS]);
    const { address, ...claimant } = sighting;
    expect(conflicts.of(address)).toEqual([{ ...claimant, peer: undefined }]);
    expect(conflicts.handle(seen(), 10_100)).toEqual([]);
  });

  it.each<[string, Partial<ConflictSighting>, number]>([
    ["another stranger", { mac: "02:77:00:00:00:0c" }, 2],
    ["the same on another interface", { interface: "eth1" }, 2],
    ["an address that is given up to it", { kept: false }, 1],
  ])("tell of %s", (_, change, claimants) => {
    const conflicts = start();
    conflicts.handle(seen(), 0);
    expect(conflicts.handle(seen(change), 1_000)).toEqual([ADDRESS]);
    expect(conflicts.of(ADDRESS)).toHaveLength(claimants);
  });

  it("are over when nobody was seen for 40 s, each claimant for itself", () => {
    const conflicts = start();
    expect(conflicts.deadline).toBe(Number.POSITIVE_INFINITY);
    conflicts.handle(seen(), 0);
    conflicts.handle(seen({ mac: "02:77:00:00:00:0c" }), 5_000);
    conflicts.handle(seen(), 10_000);
    expect(conflicts.deadline).toBeLessThanOrEqual(45_000);
    expect(conflicts.handle(tick, 44_999)).toEqual([]);
    expect(conflicts.deadline).toBe(45_000);
    expect(conflicts.handle(tick, 45_000)).toEqual([ADDRESS]);
    expect(conflicts.of(ADDRESS).map(({ mac }) => mac)).toEqual([sighting.mac]);
    expect(conflicts.handle(tick, 50_000)).toEqual([ADDRESS]);
    expect(conflicts.of(ADDRESS)).toEqual([]);
    expect(conflicts.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("name the node whose Lease has the hardware address", () => {
    const conflicts = start();
    expect(conflicts.handle(seen({}, "n2"), 0)).toEqual([ADDRESS]);
    expect(conflicts.of(ADDRESS)).toMatchObject([{ peer: "n2" }]);
    expect(conflicts.handle(seen({}, "n2"), 20_000)).toEqual([]);
  });

  it("are over when the address is not announced any more, and ignore what comes late", () => {
    const conflicts = start();
    conflicts.handle(seen(), 0);
    expect(conflicts.handle(announced("10.77.0.65"), 1)).toEqual([ADDRESS]);
    expect(conflicts.handle(seen(), 2)).toEqual([]);
    expect(conflicts.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("are over at once when the address is free again", () => {
    const conflicts = start();
    conflicts.handle(seen({ kept: false }), 0);
    expect(conflicts.handle({ type: "free", address: "10.77.0.65" }, 1)).toEqual([]);
    expect(conflicts.handle({ type: "free", address: ADDRESS }, 1)).toEqual([ADDRESS]);
    expect(conflicts.of(ADDRESS)).toEqual([]);
  });

  it("have at most four claimants an address, whoever makes up more", () => {
    const conflicts = start();
    const mac = (i: number) => `02:00:00:00:00:${i.toString(16).padStart(2, "0")}`;
    const told = Array.from({ length: 100 }, (_, i) =>
      conflicts.handle(seen({ mac: mac(i) }), 1_000 * i),
    );
    // Until the first were gone, and others had their places.
    expect(told.slice(0, 40).flat()).toHaveLength(4);
    expect(conflicts.of(ADDRESS)).toHaveLength(4);
  });

  it("change only what they tell, and always end, whatever comes in whatever order", () => {
    const input = fc.oneof(
      fc.constant(tick),
      fc.constantFrom("a", "b").map((address): ConflictsInput => ({ type: "free", address })),
      fc.subarray(["a", "b"]).map((addresses) => announced(...addresses)),
      fc
        .tuple(fc.constantFrom("a", "b"), fc.constantFrom("m", "n"), fc.boolean(), fc.boolean())
        .map(([address, mac, kept, peer]) => seen({ address, mac, kept }, peer ? "n2" : undefined)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(20_000))), (steps) => {
        const conflicts = new Conflicts();
        const all = () => ["a", "b"].map((address) => JSON.stringify(conflicts.of(address)));
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          const before = all();
          const changed = conflicts.handle(next, now);
          const differing = ["a", "b"].filter((_, i) => all()[i] !== before[i]);
          expect([...changed].sort()).toEqual(differing);
        }
        conflicts.handle(tick, now + 40_000);
        expect(conflicts.deadline).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

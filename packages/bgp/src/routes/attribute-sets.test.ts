import { describe, expect, it } from "vitest";
import type { PathAttributes } from "../path-attributes.ts";
import { AttributeSets } from "./attribute-sets.ts";

const attributes: PathAttributes = { origin: "igp", asPath: [], nextHop: "192.0.2.1" };

describe("attribute sets", () => {
  it("are one for equal attributes, in whatever order the communities are", () => {
    const sets = new AttributeSets();
    const one = sets.intern({ ...attributes, communities: [2, 1] });
    expect(sets.intern({ ...attributes, communities: [1, 2, 2] })).toBe(one);
    expect([one.references, sets.size]).toEqual([2, 1]);
  });

  it.each<Partial<PathAttributes>>([
    { origin: "egp" },
    { asPath: [{ type: "sequence", asns: [1] }] },
    { nextHop: "192.0.2.2" },
    { linkLocalNextHop: "fe80::1" },
    { multiExitDisc: 0 },
    { localPref: 100 },
    { atomicAggregate: true },
    { aggregator: { asn: 1, address: "192.0.2.1" } },
    { communities: [1] },
    { extendedCommunities: [new Uint8Array(8)] },
    { ipv6ExtendedCommunities: [new Uint8Array(20)] },
    { largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }] },
    { originatorId: "192.0.2.1" },
    { clusterList: ["192.0.2.1"] },
    { onlyToCustomer: 1 },
    { others: [{ type: 99, flags: 0xc0, value: Uint8Array.of(1) }] },
  ])("differ by %j", (change) => {
    const sets = new AttributeSets();
    expect(sets.intern({ ...attributes, ...change })).not.toBe(sets.intern(attributes));
  });

  it("are gone with their last reference, and their ids are given anew", () => {
    const sets = new AttributeSets();
    const { id } = sets.intern(attributes);
    sets.intern(attributes);
    sets.release(id);
    expect(sets.at(id).attributes).toBe(attributes);
    sets.release(id);
    expect(() => sets.at(id)).toThrow(`no attribute set has the id ${id}`);
    const next = sets.intern({ ...attributes, multiExitDisc: 1 });
    expect([next.id, sets.size]).toEqual([id, 1]);
    expect(sets.intern(attributes)).not.toBe(next);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServiceGroups } from "./service-groups.ts";

/** The groups as text: members sorted. */
function shown(groups: ServiceGroups): readonly string[] {
  return [...groups.all()].map(({ members }) => [...members].sort().join("+")).sort();
}

describe("groups of Services", () => {
  it("are Services that share an address, by way of others too", () => {
    const groups = new ServiceGroups();
    groups.set("a", ["1"]);
    groups.set("b", ["2"]);
    expect(shown(groups)).toEqual(["a", "b"]);
    const change = groups.set("c", ["1", "2"]);
    expect(shown(groups)).toEqual(["a+b+c"]);
    expect(change.gone).toHaveLength(1);
    expect(change.gone[0]?.into).toBe(groups.groupOf("a")?.id);
    expect(groups.size).toBe(1);
  });

  it("come apart when what held them together goes", () => {
    const groups = new ServiceGroups();
    groups.set("c", ["1", "2"]);
    groups.set("a", ["1"]);
    groups.set("b", ["2"]);
    const before = groups.groupOf("c")?.id ?? "";
    const { split } = groups.set("c", []);
    expect(shown(groups)).toEqual(["a", "b"]);
    expect(split.map(({ from }) => from)).toEqual([before]);
    expect(groups.groupOf("c")).toBeUndefined();
  });

  it("end with their last Service", () => {
    const groups = new ServiceGroups();
    groups.set("a", ["1"]);
    const id = groups.groupOf("a")?.id ?? "";
    expect(groups.set("a", ["1"])).toEqual({ gone: [], split: [] });
    expect(groups.set("a", [])).toEqual({ gone: [{ id, into: "" }], split: [] });
    expect(groups.size).toBe(0);
  });

  it("are what a look at everything says, whatever comes, changes and goes", () => {
    const change = fc.tuple(
      fc.constantFrom(..."abcdef"),
      fc.uniqueArray(fc.constantFrom(..."12345"), { maxLength: 2 }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const groups = new ServiceGroups();
        const addresses = new Map<string, readonly string[]>();
        for (const [key, list] of changes) {
          groups.set(key, list);
          if (list.length === 0) addresses.delete(key);
          else addresses.set(key, list);
        }
        expect(shown(groups)).toEqual(slow(addresses));
        expect(groups.size).toBe(slow(addresses).length);
      }),
    );
  });
});

/** Unites as long as there is anything to unite. */
function slow(addresses: ReadonlyMap<string, readonly string[]>): readonly string[] {
  let sets = Array.from(addresses, ([key, list]) => ({ keys: [key], list: [...list] }));
  for (let i = 0; i < sets.length; i++) {
    const one = sets[i];
    const other = sets.find((set, k) => k > i && set.list.some((a) => one?.list.includes(a)));
    if (one === undefined || other === undefined) continue;
    one.keys.push(...other.keys);
    one.list.push(...other.list);
    sets = sets.filter((set) => set !== other);
    i = -1;
  }
  return sets.map(({ keys }) => keys.sort().join("+")).sort();
}

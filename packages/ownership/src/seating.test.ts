import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assign } from "./assign.ts";
import { Seating } from "./seating.ts";

const names = (count: number) => Array.from({ length: count }, (_, i) => `n${i + 1}`);
const all = (nodes: readonly string[]) => new Map(nodes.map((node) => [node, 0]));

/** Seats groups one by one, as they come. */
function seated(count: number, nodes: readonly string[]): Seating {
  const seating = new Seating();
  for (let i = 0; i < count; i++) seating.seat(`g${i}`, seating.complete(all(nodes), []));
  return seating;
}

/** How many groups each node has, counted from their lists, when some are dead. */
function loadsOf(seating: Seating, count: number, nodes: readonly string[], dead = "") {
  const counts = new Map(nodes.filter((node) => node !== dead).map((node) => [node, 0]));
  for (let i = 0; i < count; i++) {
    const first = seating.nodesOf(`g${i}`).find((node) => node !== dead) ?? "";
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return [...counts.values()];
}

const spread = (loads: readonly number[]) => Math.max(...loads) - Math.min(...loads);
const sizes = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.nat(120));

describe("Seating", () => {
  it("gives 99 groups that come one by one to 3 nodes 33 each, and 49 and 50 when one dies", () => {
    const nodes = names(3);
    const seating = seated(99, nodes);
    expect(loadsOf(seating, 99, nodes)).toEqual([33, 33, 33]);
    for (const node of nodes) expect(loadsOf(seating, 99, nodes, node).sort()).toEqual([49, 50]);
  });

  it("is even, and stays within two after any one death", () => {
    fc.assert(
      fc.property(sizes, ([nodeCount, groupCount]) => {
        const nodes = names(nodeCount);
        const seating = seated(groupCount, nodes);
        expect(spread(loadsOf(seating, groupCount, nodes))).toBeLessThanOrEqual(1);
        for (const node of nodes) {
          expect(spread(loadsOf(seating, groupCount, nodes, node))).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it("seats groups one by one so that a look at all of them leaves who is first and second", () => {
    fc.assert(
      fc.property(sizes, ([nodeCount, groupCount]) => {
        const nodes = names(nodeCount);
        const seating = seated(groupCount, nodes);
        const groups = Array.from({ length: groupCount }, (_, i) => ({
          id: `g${i}`,
          eligible: all(nodes),
        }));
        const before = new Map(
          groups.map(({ id }) => [id, { epoch: 1, nodes: seating.nodesOf(id) }] as const),
        );
        const after = assign(
          before,
          groups,
          nodes.map((name) => ({ name })),
          { unixSeconds: 2 },
        );
        const inForce = (table?: { readonly nodes: readonly string[] }) => table?.nodes.slice(0, 2);
        for (const [id, table] of before) expect(inForce(after.get(id))).toEqual(inForce(table));
      }),
    );
  });

  it("counts right, whatever comes, changes and goes", () => {
    const change = fc.tuple(
      fc.nat(9),
      fc.uniqueArray(fc.constantFrom(...names(5)), { maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const [seating, fresh] = [new Seating(), new Seating()];
        const last = new Map<string, readonly string[]>();
        for (const [group, nodes] of changes) {
          seating.seat(`g${group}`, nodes);
          last.set(`g${group}`, nodes);
        }
        for (const [id, nodes] of last) fresh.seat(id, nodes);
        for (const node of names(5)) {
          expect(seating.load(node)).toBe(fresh.load(node));
          const eligible = all(names(5));
          expect(seating.complete(eligible, [node], 5)).toEqual(
            fresh.complete(eligible, [node], 5),
          );
        }
      }),
    );
  });

  it("keeps what is given, and completes it by score before load", () => {
    const seating = seated(4, ["a"]);
    const eligible = new Map([
      ["a", 9],
      ["b", 0],
      ["c", -1],
    ]);
    expect(seating.complete(eligible, [])).toEqual(["a", "b", "c"]);
    expect(seating.complete(eligible, ["c"])).toEqual(["c", "a", "b"]);
    expect(seating.complete(eligible, ["x", "c"], 2)).toEqual(["x", "c"]);
    expect(seating.complete(new Map(), [])).toEqual([]);
  });
});

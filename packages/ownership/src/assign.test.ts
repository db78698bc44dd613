import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adopt, assign, type Tables } from "./assign.ts";
import type { AssignableNode } from "./loads.ts";
import { rebalance } from "./rebalance.ts";
import { parseTable } from "./table.ts";

const at = { unixSeconds: 1_000 };
const names = (count: number): AssignableNode[] =>
  Array.from({ length: count }, (_, i) => ({ name: `n${i + 1}` }));

/** Groups that every node may have. */
function open(count: number, nodes: readonly AssignableNode[]) {
  const eligible = new Map(nodes.map(({ name }) => [name, 0]));
  return Array.from({ length: count }, (_, i) => ({ id: `g${i}`, eligible }));
}

/** How many groups each node has, when some are dead. */
function loadsOf(tables: Tables, nodes: readonly AssignableNode[], dead: readonly string[] = []) {
  const counts = new Map(nodes.map(({ name }) => [name, 0]));
  for (const name of dead) counts.delete(name);
  for (const { nodes: list } of tables.values()) {
    const first = list.find((name) => !dead.includes(name));
    if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return [...counts.values()];
}

const spread = (loads: readonly number[]) => Math.max(...loads) - Math.min(...loads);
const sizes = fc.tuple(fc.integer({ min: 2, max: 12 }), fc.nat(120));

describe("assign", () => {
  it("gives 99 groups to 3 nodes 33 each, and 49 and 50 when one dies", () => {
    const nodes = names(3);
    const tables = assign(new Map(), open(99, nodes), nodes, at);
    expect(loadsOf(tables, nodes)).toEqual([33, 33, 33]);
    for (const { name } of nodes) {
      expect(loadsOf(tables, nodes, [name]).sort()).toEqual([49, 50]);
    }
    expect(tables.get("g0")?.epoch).toBe(1_000);
  });

  it("is even, and stays within two after any one death", () => {
    fc.assert(
      fc.property(sizes, ([nodeCount, groupCount]) => {
        const nodes = names(nodeCount);
        const tables = assign(new Map(), open(groupCount, nodes), nodes, at);
        expect(spread(loadsOf(tables, nodes))).toBeLessThanOrEqual(1);
        for (const { name } of nodes) {
          expect(spread(loadsOf(tables, nodes, [name]))).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it("stays within two after a death, an adoption, new groups and another death", () => {
    fc.assert(
      fc.property(sizes, fc.nat(20), ([nodeCount, groupCount], added) => {
        const nodes = names(nodeCount + 1);
        const groups = open(groupCount + added, nodes);
        const before = assign(new Map(), groups.slice(0, groupCount), nodes, at);
        const left = nodes.slice(1);
        const holders = new Map(
          Array.from(before, ([id, table]) => {
            const holder = table.nodes.find((node) => node !== "n1") ?? "";
            return [id, adopt(table, holder, 2_000)];
          }),
        );
        const after = assign(holders, groups, left, { unixSeconds: 3_000 });
        for (const [id, { nodes: list }] of holders) {
          expect(after.get(id)?.nodes[0]).toBe(list[0]);
        }
        expect(spread(loadsOf(after, left))).toBeLessThanOrEqual(2);
        for (const { name } of left.length > 1 ? left : []) {
          const now = spread(loadsOf(after, left));
          expect(spread(loadsOf(after, left, [name]))).toBeLessThanOrEqual(now + 2);
        }
      }),
    );
  });

  it("moves nothing when a node joins or returns, and changes no table without need", () => {
    const nodes = names(4);
    const before = assign(new Map(), open(40, nodes.slice(1)), nodes.slice(1), at);
    const after = assign(before, open(41, nodes), nodes, { unixSeconds: 2_000 });
    for (const [id, { nodes: list }] of before) expect(after.get(id)?.nodes[0]).toBe(list[0]);
    expect(after.get("g40")?.nodes[0]).toBe("n1");
    const again = assign(after, open(41, nodes), nodes, { unixSeconds: 3_000 });
    for (const [id, table] of after) expect(again.get(id)).toBe(table);
  });

  it("goes by weight, preference and eligibility", () => {
    const nodes = [{ name: "big", weight: 3 }, { name: "small" }];
    expect(loadsOf(assign(new Map(), open(40, nodes), nodes, at), nodes)).toEqual([30, 10]);
    const eligible = new Map([
      ["big", 0],
      ["small", 9],
      ["gone", 99],
    ]);
    const one = assign(new Map(), [{ id: "g", eligible }], nodes, at);
    expect(one.get("g")).toEqual({ epoch: 1_000, nodes: ["small", "big"] });
    expect(assign(new Map(), [{ id: "g", eligible: new Map() }], nodes, at).size).toBe(0);
  });

  it("adopts who answers, without a move, and only then with another epoch", () => {
    expect(adopt(parseTable("7:a,b,c"), "b", 0)).toEqual(parseTable("8:b,a,c"));
    const table = parseTable("7:a,b,c");
    expect(adopt(table, "a", 99)).toBe(table);
  });

  it.each([
    [[{ name: "a", weight: 0 }], 3, "weight of a must be above 0, got 0"],
    [[{ name: "a" }, { name: "a" }], 3, "nodes must have different names, got a twice"],
    [[], 1, "depth must be from 2 to 16, got 1"],
  ])("refuses nodes %j at depth %i", (nodes, depth, message) => {
    expect(() => assign(new Map(), [], nodes, { ...at, depth })).toThrow(new RangeError(message));
  });
});

describe("rebalance", () => {
  it("moves as few groups as make loads even", () => {
    fc.assert(
      fc.property(sizes, ([nodeCount, groupCount]) => {
        const nodes = names(nodeCount);
        const groups = open(groupCount, nodes);
        // All on the nodes that were there before the last one joined.
        const before = assign(new Map(), groups, nodes.slice(1), at);
        const moves = rebalance(before, groups, nodes, at);
        const after = new Map([...before, ...moves.map(({ id, table }) => [id, table] as const)]);
        expect(spread(loadsOf(after, nodes))).toBeLessThanOrEqual(1);
        expect(moves.length).toBe(Math.floor(groupCount / nodeCount));
        expect(moves.every(({ to }) => to === "n1")).toBe(true);
      }),
    );
  });

  it("goes by way of a third node where the straight way is not open", () => {
    const table = (node: string) => parseTable(`1:${node}`);
    const groups = [
      {
        id: "x1",
        eligible: new Map([
          ["a", 0],
          ["b", 0],
        ]),
      },
      {
        id: "x2",
        eligible: new Map([
          ["a", 0],
          ["b", 0],
        ]),
      },
      {
        id: "y",
        eligible: new Map([
          ["b", 0],
          ["c", 0],
        ]),
      },
    ];
    const before = new Map([
      ["x1", table("a")],
      ["x2", table("a")],
      ["y", table("b")],
    ]);
    const moves = rebalance(before, groups, [{ name: "a" }, { name: "b" }, { name: "c" }], at);
    expect(moves.map(({ id, from, to }) => `${id} ${from} ${to}`)).toEqual(["x1 a b", "y b c"]);
  });

  it("brings a group to the nodes that it prefers", () => {
    const groups = [
      {
        id: "g",
        eligible: new Map([
          ["a", 0],
          ["b", 1],
        ]),
      },
    ];
    const before = new Map([["g", parseTable("5:a,b")]]);
    const [move] = rebalance(before, groups, [{ name: "a" }, { name: "b" }], { unixSeconds: 0 });
    expect(move?.table).toEqual(parseTable("6:b,a"));
  });
});

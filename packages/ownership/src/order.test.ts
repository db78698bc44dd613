import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comesBefore, order } from "./order.ts";
import { outranks } from "./precedence.ts";
import { NO_TABLE, parseTable } from "./table.ts";

const eligible = (names: string) => new Map([...names].map((letter) => [`node-${letter}`, 0]));

describe("order", () => {
  // Computed independently of this code, from MetalLB's published rule.
  it.each([
    ["192.168.1.240", "acb"],
    ["192.168.1.241", "cab"],
    ["10.0.0.1", "bac"],
    ["10.0.0.2", "bca"],
    ["fc00::1", "bca"],
    ["fc00:f853:ccd:e799::", "bca"],
  ])("is MetalLB's for %s without a table", (address, letters) => {
    const expected = [...letters].map((letter) => `node-${letter}`);
    expect(order(address, NO_TABLE, eligible("abc"))).toEqual(expected);
  });

  it("follows the table, then scores, then hashes, and leaves out who is not eligible", () => {
    const scores = new Map([...eligible("abc"), ["node-d", 5]]);
    const table = parseTable("2:node-c,node-x");
    expect(order("10.0.0.1", table, scores)).toEqual(["node-c", "node-d", "node-b", "node-a"]);
  });

  it("has every eligible node once, and moves nothing of the others when one leaves", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,9}$/), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(names, fc.ipV6(), fc.nat(3), (nodes, address, listed) => {
        const table = { epoch: 1, nodes: nodes.slice(0, listed) };
        const all = order(address, table, new Map(nodes.map((node) => [node, 0])));
        expect([...all].sort()).toEqual([...nodes].sort());
        const rest = new Map(all.slice(1).map((node) => [node, 0]));
        expect(order(address, table, rest)).toEqual(all.slice(1));
      }),
    );
  });

  it("is total where claims are equal, and so are claims", () => {
    const rank = fc.record({
      epoch: fc.nat(2),
      term: fc.nat(2),
      table: fc.nat(2).map((epoch) => ({ epoch, nodes: epoch === 0 ? [] : ["b", "a"] })),
      state: fc.constantFrom("held" as const, "released" as const, "conflicted" as const),
      isForSilence: fc.boolean(),
      isAlone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(rank, { minLength: 3, maxLength: 3 }), (claims) => {
        const all = claims.map((claim, i) => ({ node: ["a", "b", "c"][i] ?? "", claim }));
        for (const one of all) {
          for (const other of all) {
            const wins = outranks(one, other, "10.0.0.1");
            expect(wins).toBe(one !== other && !outranks(other, one, "10.0.0.1"));
            for (const third of all) {
              if (wins && outranks(other, third, "10.0.0.1")) {
                expect(outranks(one, third, "10.0.0.1")).toBe(true);
              }
            }
          }
        }
      }),
    );
    expect(comesBefore("b", "a", "10.0.0.1", parseTable("1:b,a"))).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatTable,
  isNodeName,
  newer,
  nextEpoch,
  parseTable,
  TableSyntaxError,
} from "./table.ts";

describe("table", () => {
  it("reads and writes its text", () => {
    const table = { epoch: 7, nodes: ["n2", "n3", "n1.example"] };
    expect(parseTable("7:n2,n3,n1.example")).toEqual(table);
    expect(formatTable(table)).toBe("7:n2,n3,n1.example");
  });

  it.each([
    ["", "no epoch and colon"],
    ["n1,n2", "no epoch and colon"],
    ["-1:n1", "no epoch and colon"],
    ["4294967296:n1", "epoch above 4294967295"],
    ["7:", 'no node name ""'],
    ["7:n1,,n2", 'no node name ""'],
    ["7:n1, n2", 'no node name " n2"'],
    ["7:n1,n1", "node named twice"],
    [`7:${Array.from({ length: 17 }, (_, i) => `n${i}`).join(",")}`, "more than 16 nodes"],
  ])("refuses %j", (text, problem) => {
    expect(() => parseTable(text)).toThrow(new TableSyntaxError(problem, text));
  });

  it("survives a round trip, and any text gives a table or its own error", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), {
      minLength: 1,
      maxLength: 16,
    });
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), names, (epoch, nodes) => {
        expect(parseTable(formatTable({ epoch, nodes }))).toEqual({ epoch, nodes });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseTable(text);
        } catch (error) {
          expect(error).toBeInstanceOf(TableSyntaxError);
        }
      }),
    );
  });

  it("counts epochs up, by the clock where that is ahead", () => {
    expect(nextEpoch(7, 1_700_000_000.9)).toBe(1_700_000_000);
    expect(nextEpoch(1_700_000_000, 1_600_000_000)).toBe(1_700_000_001);
    expect(() => nextEpoch(0xffff_ffff, 0)).toThrow("epoch must fit in 32 bits, got 4294967296");
  });

  it("keeps the first of two with one epoch", () => {
    const [one, other] = [parseTable("3:a"), parseTable("3:b")];
    expect(newer(one, other)).toBe(one);
    expect(newer(one, parseTable("4:b"))).toEqual(parseTable("4:b"));
  });

  it("has no spaces, commas or colons in names", () => {
    expect(["n1", "a-b.c", "~"].every(isNodeName)).toBe(true);
    expect(["", "a b", "a,b", "a:b", "é", "x".repeat(254)].some(isNodeName)).toBe(false);
  });
});

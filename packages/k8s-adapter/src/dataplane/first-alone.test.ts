import { NO_TABLE, order, parseTable } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import { group, VIP } from "../testing/hello-lan.ts";
import { FirstAlone } from "./first-alone.ts";

describe("the first alone", () => {
  const nodes = ["n1", "n2", "n3"];
  const web = group(nodes, { table: parseTable("7:n3,n2") });
  const ranked = order(VIP, NO_TABLE, web.eligible);

  it("is MetalLB's first of those that are live, whatever a table says", () => {
    const first = new FirstAlone();
    const eligible = (live: readonly string[]) => {
      const [made] = first.of([web], (node) => live.includes(node));
      expect(made?.table).toEqual(NO_TABLE);
      return [...(made?.eligible.keys() ?? [])];
    };
    expect(eligible(nodes)).toEqual([ranked[0]]);
    expect(eligible(ranked.slice(1))).toEqual([ranked[1]]);
    expect(eligible([])).toEqual([]);
    expect(eligible(nodes)).toEqual([ranked[0]]);
  });

  it("goes by preferred nodes, and asks where the addresses are at home", () => {
    const preferring = { ...web, eligible: new Map([...web.eligible, [ranked[2] ?? "", 5]]) };
    const asked: string[] = [];
    const [made] = new FirstAlone().of([preferring], (node, interfaces) => {
      asked.push(`${node} ${interfaces}`);
      return true;
    });
    expect([...(made?.eligible.keys() ?? [])]).toEqual([ranked[2]]);
    expect(asked).toEqual([`${ranked[2]} eth0`]);
  });

  it("is the same object while it is the same node", () => {
    const first = new FirstAlone();
    const of = (live: readonly string[]) => first.of([web], (node) => live.includes(node))[0];
    const made = of(nodes);
    expect(of(nodes)).toBe(made);
    expect(of(ranked.slice(1))).not.toBe(made);
  });
});

import { parseTable } from "@ingot/ownership";
import { describe, expect, it } from "vitest";
import { chooseTable } from "./table-choice.ts";

const GONE = -1e9;
const nodes = (scores: Record<string, number>) => new Map(Object.entries(scores));
const all = nodes({ n1: 0, n2: 0, n3: 0 });

describe("the choice of a table", () => {
  it.each([
    ["stays while its first node may", "5:n1,n2,n3", all, undefined, "keep"],
    ["stays whoever joins", "5:n1,n2", all, undefined, "keep"],
    [
      "stays although another node is preferred",
      "5:n1",
      nodes({ n1: 0, n2: 9 }),
      undefined,
      "keep",
    ],
    ["stays when its first node holds", "5:n1,n2,n3", all, "n1", "keep"],
    ["follows a failover", "5:n1,n2,n3", all, "n2", "n2,n1,n3"],
    ["follows one that it did not foresee", "5:n1,n2", all, "n3", "n3,n1,n2"],
    ["does not follow a node that may not", "5:n1,n2", all, "n9", "keep"],
    ["goes on with the next when the first may not", "5:n9,n2,n1", all, undefined, "n2,n1"],
    ["is made from nothing when none may", "5:n8,n9", all, undefined, ""],
    ["is made from nothing when there is none", "", all, undefined, ""],
    ["begins with who holds when there is none", "", all, "n3", "n3"],
    ["leaves an evacuated node", "5:n1,n2", nodes({ n1: GONE, n2: 0 }), undefined, "n2"],
    ["leaves it although it holds", "5:n1,n2", nodes({ n1: GONE, n2: 0 }), "n1", "n2"],
    ["does not return while it holds on", "5:n2", nodes({ n1: GONE, n2: 0 }), "n1", "keep"],
    ["stays there when there is no other", "5:n1,n2", nodes({ n1: GONE }), "n1", "keep"],
  ])("%s: %s", (_, text, eligible, holder, expected) => {
    const table = text === "" ? { epoch: 0, nodes: [] } : parseTable(text);
    const { keep, given } = chooseTable({ table, eligible, holder });
    expect(keep ? "keep" : given.join()).toBe(expected);
  });
});

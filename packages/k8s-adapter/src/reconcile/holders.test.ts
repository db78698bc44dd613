import { describe, expect, it } from "vitest";
import { l2StatusRecord } from "../testing/records.ts";
import { Holders } from "./holders.ts";

const said = (node: string, createdMs = 0) => l2StatusRecord("shop/web", node, { createdMs });

describe("who answers", () => {
  it("is who says so, since it was heard", () => {
    const holders = new Holders();
    expect(holders.put(said("n1"), 5)).toBe("shop/web");
    expect(holders.put({ ...said("n1"), interfaces: ["eth1"], resourceVersion: "2" }, 9)).toBe(
      undefined,
    );
    expect(holders.holderOf("shop/web")).toEqual({ node: "n1", since: 5 });
    expect(holders.holderOf("shop/other")).toBeUndefined();
  });

  it("is who said it last: one that crashed cannot take its word back", () => {
    const holders = new Holders();
    holders.put(said("n1", 1_000), 0);
    expect(holders.put(said("n2", 2_000), 7)).toBe("shop/web");
    expect(holders.holderOf("shop/web")).toEqual({ node: "n2", since: 7 });
    expect(holders.delete(said("n1").key, 8)).toBeUndefined();
    expect(holders.delete(said("n2").key, 9)).toBe("shop/web");
    expect(holders.holderOf("shop/web")).toBeUndefined();
  });

  it("does not depend on the order in which words of different seconds are listed", () => {
    const holders = new Holders();
    holders.put(said("n2", 2_000), 0);
    expect(holders.put(said("n1", 1_000), 1)).toBeUndefined();
    expect(holders.holderOf("shop/web")?.node).toBe("n2");
    expect(holders.put(said("n1", 3_000), 2)).toBe("shop/web");
  });

  it("goes back to who is left when the last word is taken back", () => {
    const holders = new Holders();
    holders.put(said("n1", 1_000), 0);
    holders.put(said("n2", 2_000), 1);
    expect(holders.delete(said("n2").key, 2)).toBe("shop/web");
    expect(holders.holderOf("shop/web")).toEqual({ node: "n1", since: 2 });
  });

  it("forgets what a node says no longer when its word is about another Service", () => {
    const holders = new Holders();
    holders.put(said("n1"), 0);
    expect(holders.put({ ...said("n1"), service: "shop/api" }, 1)).toBe("shop/api");
    expect(holders.holderOf("shop/web")).toBeUndefined();
  });
});

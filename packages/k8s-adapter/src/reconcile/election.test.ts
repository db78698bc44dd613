import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { electionOrder } from "./election.ts";

describe("election order", () => {
  // Computed independently of this code, from MetalLB's published rule.
  it.each([
    ["192.168.1.240", "acb"],
    ["192.168.1.241", "cab"],
    ["192.168.1.242", "cab"],
    ["10.0.0.1", "bac"],
    ["10.0.0.2", "bca"],
    ["fc00::1", "bca"],
    ["fc00:f853:ccd:e799::", "bca"],
  ])("is MetalLB's for %s", (address, order) => {
    const nodes = ["node-a", "node-b", "node-c"];
    expect(electionOrder(nodes, address)).toEqual([...order].map((letter) => `node-${letter}`));
  });

  it.each([
    ["10.20.30.1", "iris2"],
    ["10.20.30.2", "iris1"],
  ])("elects MetalLB's winner of two nodes for %s", (address, winner) => {
    expect(electionOrder(["iris1", "iris2"], address)[0]).toBe(winner);
  });

  it("hashes node, number sign and address", () => {
    const digest = createHash("sha256").update("node-b#10.0.0.1").digest("hex");
    expect(digest.slice(0, 8)).toBe("2acae885");
  });

  it("puts a preferred node first, whatever its hash", () => {
    const scores = new Map([["node-c", 10]]);
    expect(electionOrder(["node-a", "node-b", "node-c"], "10.0.0.1", scores)).toEqual([
      "node-c",
      "node-b",
      "node-a",
    ]);
  });

  it("moves nothing of the others when a node leaves", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,12}$/), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(names, fc.ipV4(), (nodes, address) => {
        const order = electionOrder(nodes, address);
        const gone = order[0];
        expect(
          electionOrder(
            nodes.filter((node) => node !== gone),
            address,
          ),
        ).toEqual(order.slice(1));
      }),
    );
  });
});

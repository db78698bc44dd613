import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

describe("Node", () => {
  const node = (labels: object, status: object) =>
    project("node", { metadata: { name: "n1", labels }, status });
  const EXCLUDE = "node.kubernetes.io/exclude-from-external-load-balancers";

  it("tells whether its network is there and whether it is to be left out", () => {
    const condition = (status: string) => ({
      conditions: [{ type: "NetworkUnavailable", status }],
    });
    expect(node({ rack: "1" }, condition("False"))).toMatchObject({
      record: {
        labels: { rack: "1" },
        networkUnavailable: false,
        excludedFromLoadBalancers: false,
      },
    });
    expect(node({ [EXCLUDE]: "" }, condition("True"))).toMatchObject({
      record: { networkUnavailable: true, excludedFromLoadBalancers: true },
    });
    expect(node({}, {})).toMatchObject({ record: { networkUnavailable: false } });
  });
});

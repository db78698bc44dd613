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

  const leaving = (object: object) => {
    const projected = project("node", { metadata: { name: "n1" }, ...object });
    if (!projected?.ok) throw new Error("it is well formed");
    const { evacuated, cordoned, shutsDown } = projected.record;
    return { evacuated, cordoned, shutsDown };
  };
  const stays = { evacuated: false, cordoned: false, shutsDown: false };
  const annotated = (value: string) => ({
    metadata: { name: "n1", annotations: { "ingot.dev/evacuate": value } },
  });
  const ready = (status: string, message: string) => ({
    status: { conditions: [{ type: "Ready", status, message }] },
  });

  it.each([
    [{}, stays],
    [annotated("true"), { ...stays, evacuated: true }],
    [annotated("false"), stays],
    [{ spec: { unschedulable: true } }, { ...stays, cordoned: true }],
    [
      { spec: { taints: [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }] } },
      { ...stays, shutsDown: true },
    ],
    [{ spec: { taints: [{ key: "node.kubernetes.io/not-ready" }] } }, stays],
    [ready("False", "node is shutting down"), { ...stays, shutsDown: true }],
    [ready("True", "node is shutting down"), stays],
    [ready("False", "PLEG is not healthy"), stays],
  ])("tells whether it is being left: %j", (object, expected) => {
    expect(leaving(object)).toEqual(expected);
  });
});

import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const advertisement = (spec?: object) =>
  project("l2Advertisement", {
    metadata: { name: "a", namespace: "metallb-system" },
    ...(spec === undefined ? {} : { spec }),
  });

describe("L2Advertisement", () => {
  it("announces everything when it says nothing, with or without a spec", () => {
    const everything = {
      record: {
        pools: [],
        poolSelectors: [],
        nodeSelectors: [],
        serviceSelectors: [],
        interfaces: [],
        preferredNodeSelectors: [],
      },
    };
    expect(advertisement()).toMatchObject(everything);
    expect(advertisement({})).toMatchObject(everything);
  });

  it("keeps all its fields", () => {
    const hostname = { key: "kubernetes.io/hostname", operator: "In", values: ["n1", "n2"] };
    const spec = {
      ipAddressPools: ["a", "b"],
      ipAddressPoolSelectors: [{ matchLabels: { zone: "x" } }],
      nodeSelectors: [{ matchExpressions: [hostname] }],
      serviceSelectors: [{ matchLabels: { app: "web" } }],
      interfaces: ["eth0", "eth0"],
      preferredNodeSelectors: [{ weight: 100, preference: { matchLabels: { rack: "1" } } }],
    };
    const full = (matchLabels: object) => ({ matchLabels, matchExpressions: [] });
    expect(advertisement(spec)).toMatchObject({
      record: {
        pools: ["a", "b"],
        poolSelectors: [full({ zone: "x" })],
        nodeSelectors: [{ matchLabels: {}, matchExpressions: [hostname] }],
        serviceSelectors: [full({ app: "web" })],
        interfaces: ["eth0", "eth0"],
        preferredNodeSelectors: [{ weight: 100, preference: full({ rack: "1" }) }],
      },
    });
  });

  it.each([
    [
      { ipAddressPools: ["a", "b", "a"] },
      "spec.ipAddressPools[2]",
      'must not repeat a pool, got "a" twice',
    ],
    [
      { nodeSelectors: [{}, {}] },
      "spec.nodeSelectors[1]",
      "must not repeat a selector, got {} as in entry 0",
    ],
    [
      { serviceSelectors: [{ matchLabels: { a: true } }] },
      "spec.serviceSelectors[0].matchLabels.a",
      "must be text, got true",
    ],
    [
      { preferredNodeSelectors: [{ weight: 0, preference: {} }] },
      "spec.preferredNodeSelectors[0].weight",
      "must be at least 1, got 0",
    ],
    [
      { preferredNodeSelectors: [{ weight: 101, preference: {} }] },
      "spec.preferredNodeSelectors[0].weight",
      "must be at most 100, got 101",
    ],
    [
      { preferredNodeSelectors: [{ weight: 1 }] },
      "spec.preferredNodeSelectors[0].preference",
      "is required",
    ],
    [{ interfaces: "eth0" }, "spec.interfaces", 'must be a list, got "eth0"'],
  ])("refuses %j", (spec, field, message) => {
    const error = { kind: "l2Advertisement", key: "metallb-system/a", field, message };
    expect(advertisement(spec)).toEqual({ ok: false, error });
  });
});

import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const pool = (spec: object, labels: object = {}) =>
  project("pool", { metadata: { name: "p", namespace: "metallb-system", labels }, spec });

describe("IPAddressPool", () => {
  it("has the defaults of MetalLB", () => {
    expect(pool({ addresses: ["198.51.100.10/24"] }, { zone: "a" })).toEqual({
      ok: true,
      record: {
        key: "metallb-system/p",
        namespace: "metallb-system",
        name: "p",
        uid: "",
        resourceVersion: "",
        createdMs: 0,
        labels: { zone: "a" },
        addresses: ["198.51.100.10/24"],
        autoAssign: true,
        avoidBuggyIPs: false,
        reserved: undefined,
        shareWithinNamespace: false,
        counters: undefined,
      },
    });
  });

  it("may forbid that namespaces share, and a guard that is misspelt is an error", () => {
    const annotated = (value: string) =>
      project("pool", {
        metadata: {
          name: "p",
          namespace: "metallb-system",
          annotations: { "ingot.dev/share-within-namespace": value },
        },
        spec: { addresses: ["192.0.2.0/24"] },
      });
    expect(annotated("true")).toMatchObject({ record: { shareWithinNamespace: true } });
    expect(annotated("false")).toMatchObject({ record: { shareWithinNamespace: false } });
    expect(annotated("yes")).toMatchObject({
      error: {
        field: 'metadata.annotations["ingot.dev/share-within-namespace"]',
        message: 'must be "true" or "false", got "yes"',
      },
    });
  });

  it("takes ranges with spaces, several entries, and both families", () => {
    const addresses = ["192.0.2.1 - 192.0.2.9", "2001:db8::/120", "203.0.113.4/32"];
    expect(pool({ addresses, autoAssign: false, avoidBuggyIPs: true })).toMatchObject({
      record: { addresses, autoAssign: false, avoidBuggyIPs: true },
    });
  });

  it.each([
    [{}, "spec.addresses", /^is required$/],
    [{ addresses: [] }, "spec.addresses", /^must not be empty, got a list$/],
    [{ addresses: "192.0.2.0/24" }, "spec.addresses", /^must be a list, got "192.0.2.0\/24"$/],
    [{ addresses: ["192.0.2.0/24", 5] }, "spec.addresses[1]", /^must be text, got 5$/],
    [{ addresses: ["192.0.2.1"] }, "spec.addresses[0]", /^invalid CIDR "192.0.2.1".*\/32/],
    [{ addresses: ["192.0.2.0/24", "nonsense"] }, "spec.addresses[1]", /^invalid CIDR "nonsense"/],
    [
      { addresses: ["192.0.2.9-192.0.2.1"] },
      "spec.addresses[0]",
      /^invalid IP range .* is after the end IP/,
    ],
    [
      { addresses: ["192.0.2.0/24", "192.0.2.9-192.0.2.10"] },
      "spec.addresses[1]",
      /^CIDR "192.0.2.9-192.0.2.10" in pool "p" overlaps with already defined CIDR "192.0.2.0\/24"$/,
    ],
    [
      { addresses: ["192.0.2.0/24"], autoAssign: "yes" },
      "spec.autoAssign",
      /^must be true or false, got "yes"$/,
    ],
    [
      { addresses: ["192.0.2.0/24"], serviceAllocation: { priority: 1.5 } },
      "spec.serviceAllocation.priority",
      /^must be an integer, got 1.5$/,
    ],
    [
      { addresses: ["192.0.2.0/24"], serviceAllocation: { namespaces: ["a", "a"] } },
      "spec.serviceAllocation.namespaces[1]",
      /^must not repeat a namespace, got "a" twice$/,
    ],
    [
      { addresses: ["192.0.2.0/24"], serviceAllocation: { serviceSelectors: [{}, {}] } },
      "spec.serviceAllocation.serviceSelectors[1]",
      /^must not repeat a selector/,
    ],
  ])("refuses %j", (spec, field, message) => {
    expect(pool(spec)).toEqual({
      ok: false,
      error: {
        kind: "pool",
        key: "metallb-system/p",
        field,
        message: expect.stringMatching(message),
      },
    });
  });

  it("keeps for whom it is", () => {
    const team = { matchLabels: { team: "a" } };
    const full = { ...team, matchExpressions: [] };
    const serviceAllocation = {
      priority: 50,
      namespaces: ["a"],
      namespaceSelectors: [team],
      serviceSelectors: [team],
    };
    expect(pool({ addresses: ["192.0.2.0/24"], serviceAllocation })).toMatchObject({
      record: {
        reserved: {
          priority: 50,
          namespaces: ["a"],
          namespaceSelectors: [full],
          serviceSelectors: [full],
        },
      },
    });
  });
});

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
        quarantine: false,
        reservations: [],
        coolDownMs: 0,
        counters: undefined,
      },
    });
  });

  const annotated = (name: string, value: string) =>
    project("pool", {
      metadata: { name: "p", namespace: "metallb-system", annotations: { [name]: value } },
      spec: { addresses: ["192.0.2.0/24"] },
    });

  it.each([
    ["ingot.dev/share-within-namespace", "true", { shareWithinNamespace: true }],
    ["ingot.dev/share-within-namespace", "false", { shareWithinNamespace: false }],
    ["ingot.dev/quarantine", "true", { quarantine: true }],
    ["ingot.dev/cool-down", "1m30s", { coolDownMs: 90_000 }],
    ["ingot.dev/cool-down", "0s", { coolDownMs: 0 }],
    [
      "ingot.dev/reservations",
      "192.0.2.7=shop/web",
      { reservations: [{ address: "192.0.2.7", service: "shop/web" }] },
    ],
  ])("reads the annotation %s: %s", (name, value, record) => {
    expect(annotated(name, value)).toMatchObject({ record });
  });

  it.each([
    ["ingot.dev/share-within-namespace", "yes", 'must be "true" or "false", got "yes"'],
    [
      "ingot.dev/reservations",
      "192.0.2.7",
      'must be ADDRESS=NAMESPACE/NAME entries, got "192.0.2.7"',
    ],
    ["ingot.dev/quarantine", "", 'must be "true" or "false", got ""'],
    ["ingot.dev/cool-down", "5", 'must be a duration such as 90s or 5m, got "5"'],
  ])(
    "is refused with the annotation %s: %s, which must not count as none",
    (name, value, message) => {
      const field = `metadata.annotations["${name}"]`;
      expect(annotated(name, value)).toMatchObject({ error: { field, message } });
    },
  );

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

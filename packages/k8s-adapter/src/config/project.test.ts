import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Kind } from "../domain.ts";
import { project } from "./project.ts";

const KINDS: readonly Kind[] = [
  "service",
  "endpointSlice",
  "node",
  "pool",
  "l2Advertisement",
  "speaker",
];

/** An object that is well formed but for one field, which is anything. */
const almost = fc
  .tuple(
    fc.constantFrom(
      ["metadata"],
      ["metadata", "name"],
      ["metadata", "labels"],
      ["metadata", "annotations"],
      ["metadata", "annotations", "ingot.dev/interfaces"],
      ["metadata", "creationTimestamp"],
      ["spec"],
      ["spec", "addresses"],
      ["spec", "nodeSelectors"],
      ["spec", "ports"],
      ["spec", "selector"],
      ["spec", "leaseDurationSeconds"],
      ["endpoints"],
      ["status"],
      ["status", "conditions"],
      ["status", "loadBalancer", "ingress"],
    ),
    fc.jsonValue(),
  )
  .map(([path, value]) => {
    const object: Record<string, unknown> = JSON.parse(JSON.stringify(WELL_FORMED));
    let at = object;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
    at[path.at(-1) ?? ""] = value;
    return object;
  });

const WELL_FORMED = {
  metadata: {
    name: "ingot-speaker-n1",
    namespace: "ns",
    labels: { "app.kubernetes.io/component": "speaker", "kubernetes.io/service-name": "web" },
    annotations: { "metallb.io/ip-allocated-from-pool": "p", "ingot.dev/interfaces": "[]" },
  },
  spec: { type: "LoadBalancer", addresses: ["192.0.2.0/24"], leaseDurationSeconds: 5 },
  endpoints: [],
  status: { conditions: [], loadBalancer: { ingress: [] } },
};

describe("project", () => {
  it("makes a record of the well-formed object, whatever the kind", () => {
    for (const kind of KINDS) expect(project(kind, WELL_FORMED), kind).toMatchObject({ ok: true });
  });

  it.each(KINDS)(
    "answers any JSON with a %s record, an error that names it, or nothing",
    (kind) => {
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), almost), (object) => {
          const projected = project(kind, object);
          if (projected === undefined) return;
          if (projected.ok) expect(projected.record.name).not.toBe("");
          else expect(projected.error).toMatchObject({ kind, message: expect.stringMatching(/./) });
        }),
      );
    },
  );

  it("does not go deeper than it must", () => {
    let deep: unknown = null;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    const object = { metadata: { name: "p", namespace: "n" }, spec: { addresses: deep } };
    expect(project("pool", object)).toMatchObject({
      error: { field: "spec.addresses[0]", message: "must be text, got a list" },
    });
  });

  it.each([
    ["nothing", null, "", "", "must be an object, got null"],
    ["a list", [1], "", "", "must be an object, got a list"],
    ["an object without metadata", {}, "", "metadata", "is required"],
    ["no name", { metadata: { namespace: "n" } }, "n/", "metadata.name", "is required"],
    ["a name that is none", { metadata: { name: 5 } }, "", "metadata.name", "must be text, got 5"],
    ["no namespace", { metadata: { name: "x" } }, "x", "metadata.namespace", "is required"],
    [
      "a label that is none",
      { metadata: { name: "x", namespace: "n", labels: { "a/b": 1 } } },
      "n/x",
      'metadata.labels["a/b"]',
      "must be text, got 1",
    ],
  ])("refuses %s", (_, object, key, field, message) => {
    expect(project("l2Advertisement", object)).toEqual({
      ok: false,
      error: { kind: "l2Advertisement", key, field, message },
    });
  });

  it("takes a null field for an absent one, as Kubernetes does", () => {
    const metadata = { name: "x", namespace: "n", labels: null, uid: null };
    const spec = { addresses: ["192.0.2.0/24"], autoAssign: null, serviceAllocation: null };
    expect(project("pool", { metadata, spec, status: null })).toMatchObject({
      record: { autoAssign: true, reserved: undefined, labels: {}, uid: "" },
    });
  });

  it("reads what identifies an object", () => {
    const metadata = {
      name: "n1",
      uid: "u",
      resourceVersion: "42",
      creationTimestamp: "2026-01-02T03:04:05Z",
    };
    expect(project("node", { metadata })).toMatchObject({
      record: {
        key: "n1",
        namespace: "",
        name: "n1",
        uid: "u",
        resourceVersion: "42",
        createdMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      },
    });
    const undated = { ...metadata, creationTimestamp: "yesterday" };
    expect(project("node", { metadata: undated })).toMatchObject({ record: { createdMs: 0 } });
  });

  it.each([
    [{}, undefined],
    [{ "ingot.dev/quota-ipv4": "5" }, { ipv4: 5, ipv6: undefined, problem: "" }],
    [
      { "ingot.dev/quota-ipv4": "0", "ingot.dev/quota-ipv6": "10" },
      { ipv4: 0, ipv6: 10, problem: "" },
    ],
  ])("reads the quota of a Namespace: %j", (annotations, quota) => {
    expect(project("namespace", { metadata: { name: "shop", annotations } })).toMatchObject({
      record: { quota },
    });
  });

  it("keeps a Namespace whose quota cannot be read, and says what is wrong", () => {
    const metadata = {
      name: "shop",
      labels: { team: "a" },
      annotations: { "ingot.dev/quota-ipv6": "five" },
    };
    expect(project("namespace", { metadata })).toMatchObject({
      record: {
        labels: { team: "a" },
        quota: {
          problem:
            'metadata.annotations["ingot.dev/quota-ipv6"] must be a whole number, got "five"',
        },
      },
    });
  });
});

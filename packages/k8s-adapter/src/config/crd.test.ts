import { describe, expect, it } from "vitest";
import { bfdProfile } from "./bfd-profile.ts";
import { bgpAdvertisement } from "./bgp-advertisement.ts";
import { bgpPeer } from "./bgp-peer.ts";
import { community } from "./community.ts";
import { configurationState } from "./configuration-state.ts";
import { crdOf } from "./crd.ts";
import type { CustomResource } from "./custom-resource.ts";
import { valueAt } from "./field.ts";
import { ipAddressPool } from "./ip-address-pool.ts";
import { l2Advertisement } from "./l2-advertisement.ts";
import { serviceBgpStatus, serviceL2Status } from "./service-status.ts";

const resources = [
  ipAddressPool,
  l2Advertisement,
  bgpPeer,
  bgpAdvertisement,
  bfdProfile,
  community,
  configurationState,
  serviceL2Status,
  serviceBgpStatus,
];

interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly "x-kubernetes-list-type"?: string;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
}

function schemaOf(resource: CustomResource): Schema {
  const path = ["spec", "versions", 0, "schema", "openAPIV3Schema"];
  return valueAt(crdOf(resource), path) as Schema;
}

/** Every node of a schema, with its path. */
function* nodes(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema];
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    yield* nodes(child, `${path}.${name}`);
  }
  if (schema.items !== undefined) yield* nodes(schema.items, `${path}[]`);
  if (schema.additionalProperties !== undefined) {
    yield* nodes(schema.additionalProperties, `${path}{}`);
  }
}

/** The node at a path; `[]` is the entry of a list. */
function at(schema: Schema, ...path: string[]): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (node, step) => (step === "[]" ? node?.items : node?.properties?.[step]),
    schema,
  );
}

describe("CRD", () => {
  const STRUCTURAL = new Set([
    "type",
    "format",
    "description",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "enum",
    "default",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "maxLength",
    "x-kubernetes-validations",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-map-type",
  ]);

  it.each(resources)(
    "of $kind is structural: one type a node, nothing else than is allowed",
    (resource) => {
      for (const [path, node] of nodes(schemaOf(resource), resource.kind)) {
        expect(node.type, path).toMatch(/^(object|array|string|boolean|integer)$/);
        expect(
          Object.keys(node).filter((key) => !STRUCTURAL.has(key)),
          path,
        ).toEqual([]);
        if (node.type === "integer") expect(node.format, path).toMatch(/^int(32|64)$/);
        if (node.type === "array") expect(node.items, path).toBeTypeOf("object");
        // Server-side apply refuses sets of objects.
        if (node["x-kubernetes-list-type"] === "set") expect(node.items?.type, path).toBe("string");
        if (node.additionalProperties !== undefined) expect(node.properties, path).toBeUndefined();
      }
    },
  );

  it("has the names that MetalLB's objects are found by", () => {
    expect(resources.map((resource) => crdOf(resource))).toMatchObject([
      {
        metadata: { name: "ipaddresspools.metallb.io" },
        spec: {
          group: "metallb.io",
          scope: "Namespaced",
          names: {
            kind: "IPAddressPool",
            listKind: "IPAddressPoolList",
            singular: "ipaddresspool",
          },
          versions: [
            { name: "v1beta1", served: true, storage: true, subresources: { status: {} } },
          ],
        },
      },
      {
        metadata: { name: "l2advertisements.metallb.io" },
        spec: { names: { kind: "L2Advertisement", plural: "l2advertisements" } },
      },
      { metadata: { name: "bgppeers.metallb.io" }, spec: { names: { kind: "BGPPeer" } } },
      {
        metadata: { name: "bgpadvertisements.metallb.io" },
        spec: { names: { kind: "BGPAdvertisement" } },
      },
      { metadata: { name: "bfdprofiles.metallb.io" }, spec: { names: { kind: "BFDProfile" } } },
      { metadata: { name: "communities.metallb.io" }, spec: { names: { kind: "Community" } } },
      {
        metadata: { name: "configurationstates.metallb.io" },
        spec: { names: { kind: "ConfigurationState", singular: "configurationstate" } },
      },
      {
        metadata: { name: "servicel2statuses.metallb.io" },
        spec: { names: { kind: "ServiceL2Status", singular: "servicel2status" } },
      },
      {
        metadata: { name: "servicebgpstatuses.metallb.io" },
        spec: { names: { kind: "ServiceBGPStatus", singular: "servicebgpstatus" } },
      },
    ]);
  });

  it("serves the older version of a BGPPeer with a warning, and stores the newer one", () => {
    expect(crdOf(bgpPeer)).toMatchObject({
      spec: {
        versions: [
          { name: "v1beta2", served: true, storage: true },
          {
            name: "v1beta1",
            served: true,
            storage: false,
            deprecated: true,
            deprecationWarning: "metallb.io BGPPeer v1beta1 is deprecated, please use v1beta2",
          },
        ],
      },
    });
  });

  it("keeps the defaults, the demands and the columns", () => {
    const pool = schemaOf(ipAddressPool);
    expect(pool.required).toEqual(["spec"]);
    expect(at(pool, "spec")).toMatchObject({ required: ["addresses"] });
    expect(at(pool, "spec", "autoAssign")).toMatchObject({ type: "boolean", default: true });
    expect(at(pool, "spec", "avoidBuggyIPs")).toMatchObject({ type: "boolean", default: false });
    expect(at(pool, "status", "availableIPv6")).toEqual({
      type: "integer",
      format: "int64",
      description: expect.any(String),
    });
    const advertisement = schemaOf(l2Advertisement);
    // `kind: L2Advertisement` without a spec announces everything; it is a common object.
    expect(advertisement.required).toBeUndefined();
    expect(at(advertisement, "spec", "preferredNodeSelectors", "[]", "weight")).toMatchObject({
      format: "int32",
      minimum: 1,
      maximum: 100,
    });
    expect(l2Advertisement.columns.map(({ name }) => name)).toEqual([
      "IPAddressPools",
      "IPAddressPool Selectors",
      "Interfaces",
      "Node Selectors",
    ]);
  });
});

import { z } from "zod";
import { communityValue } from "./community-value.ts";
import type { CustomResource } from "./custom-resource.ts";
import { type Problem, valueText } from "./field.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import { repeated, type SelectorSpec, selectorListSchema, selectorOf } from "./selector.ts";
import { NONE, sharedList } from "./share.ts";

/** The record of a BGPAdvertisement; one without a spec announces every pool everywhere. */
export function projectBgpAdvertisement(
  object: unknown,
): Projected<"bgpAdvertisement"> | undefined {
  return projectWith(
    {
      kind: "bgpAdvertisement",
      schema: z.object({ metadata: metadataSchema, spec: specSchema.optional() }),
      toRecord: ({ spec = {} }, identity) =>
        aggregatesOneService(spec) ?? {
          ...identity,
          pools: sharedList(spec.ipAddressPools ?? NONE),
          poolSelectors: selectorsOf(spec.ipAddressPoolSelectors),
          nodeSelectors: selectorsOf(spec.nodeSelectors),
          serviceSelectors: selectorsOf(spec.serviceSelectors),
          peers: sharedList(spec.peers ?? NONE),
          aggregationLength: spec.aggregationLength ?? 32,
          aggregationLengthV6: spec.aggregationLengthV6 ?? 128,
          localPref: spec.localPref ?? 0,
          asPathPrepend: spec.asPathPrepend ?? 0,
          communities: sharedList(spec.communities ?? NONE),
        },
    },
    object,
  );
}

/** A list of names in which none is there twice. */
function namesSchema(what: string): z.ZodType<readonly string[]> {
  return z
    .array(z.string())
    .meta({ "x-kubernetes-list-type": "set" })
    .superRefine((names, context) => {
      const twice = repeated(names);
      if (twice === undefined) return;
      const message = `must not repeat a ${what}, got ${valueText(twice.text)} twice`;
      context.addIssue({ code: "custom", path: [twice.index], message });
    });
}

const specSchema = z
  .object({
    aggregationLength: z
      .int()
      .min(1)
      .max(32)
      .meta({ format: "int32" })
      .describe("Prefix length that IPv4 addresses are announced with; nothing: 32.")
      .optional(),
    aggregationLengthV6: z
      .int()
      .min(1)
      .max(128)
      .meta({ format: "int32" })
      .describe("Prefix length that IPv6 addresses are announced with; nothing: 128.")
      .optional(),
    localPref: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .meta({ format: "int64" })
      .describe("LOCAL_PREF towards internal peers; nothing or 0: 100.")
      .optional(),
    asPathPrepend: z
      .int()
      .min(1)
      .max(10)
      .meta({ format: "int32" })
      .describe("How many times the own AS number is put before the path once more.")
      .optional(),
    communities: namesSchema("community")
      .superRefine((texts, context) => {
        for (const [index, text] of texts.entries()) {
          if (!text.includes(":") || communityValue(text) !== undefined) continue;
          const message = `must be a community such as 65000:100 or large:65000:1:2, or the name of one, got ${valueText(text)}`;
          context.addIssue({ code: "custom", path: [index], message });
        }
      })
      .describe("Communities of the routes: values, or names given in a Community.")
      .optional(),
    ipAddressPools: namesSchema("pool")
      .describe("Pools whose addresses are announced, by name.")
      .optional(),
    ipAddressPoolSelectors: selectorListSchema()
      .describe("Pools whose addresses are announced, by label; with no names either: every pool.")
      .optional(),
    nodeSelectors: selectorListSchema()
      .describe("Nodes that announce, by label; nothing here: every node.")
      .optional(),
    serviceSelectors: selectorListSchema()
      .describe("Services whose addresses are announced, by label; nothing here: every Service.")
      .optional(),
    peers: namesSchema("peer")
      .describe("BGPPeers that are told, by name; nothing here: every one.")
      .optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule:
          "!has(self.serviceSelectors) || size(self.serviceSelectors) == 0" +
          " || ((!has(self.aggregationLength) || self.aggregationLength == 32)" +
          " && (!has(self.aggregationLengthV6) || self.aggregationLengthV6 == 128))",
        message: "serviceSelectors cannot be used with an aggregationLength",
      },
    ],
  })
  .describe("What is announced over BGP, from where, and to whom.");

type Spec = z.infer<typeof specSchema>;

/** An aggregate would speak for Services that are not selected. */
function aggregatesOneService(spec: Spec): Problem | undefined {
  if ((spec.serviceSelectors ?? NONE).length === 0) return undefined;
  if ((spec.aggregationLength ?? 32) === 32 && (spec.aggregationLengthV6 ?? 128) === 128) {
    return undefined;
  }
  return {
    field: "spec.serviceSelectors",
    message:
      "cannot be used with an aggregationLength below 32, or an aggregationLengthV6 below 128",
  };
}

/** The kind BGPAdvertisement. */
export const bgpAdvertisement: CustomResource = {
  kind: "BGPAdvertisement",
  plural: "bgpadvertisements",
  description: "Announces the addresses of pools to routers, with BGP.",
  schema: z.object({ spec: specSchema.optional(), status: z.object({}).optional() }),
  columns: [
    { name: "IPAddressPools", type: "string", jsonPath: ".spec.ipAddressPools" },
    { name: "IPAddressPool Selectors", type: "string", jsonPath: ".spec.ipAddressPoolSelectors" },
    { name: "Peers", type: "string", jsonPath: ".spec.peers" },
    { name: "Node Selectors", type: "string", jsonPath: ".spec.nodeSelectors", priority: 10 },
  ],
};

function selectorsOf(specs: readonly SelectorSpec[] = NONE) {
  return sharedList(specs.map(selectorOf));
}

import { z } from "zod";
import type { CustomResource } from "./custom-resource.ts";
import { valueText } from "./field.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import {
  repeated,
  type SelectorSpec,
  selectorListSchema,
  selectorOf,
  selectorSchema,
} from "./selector.ts";
import { NONE, sharedList } from "./share.ts";

/** The record of an L2Advertisement; one without a spec announces every pool everywhere. */
export function projectL2Advertisement(object: unknown): Projected<"l2Advertisement"> | undefined {
  return projectWith(
    {
      kind: "l2Advertisement",
      schema: z.object({ metadata: metadataSchema, spec: specSchema.optional() }),
      toRecord: ({ spec = {} }, identity) => ({
        ...identity,
        pools: sharedList(spec.ipAddressPools ?? NONE),
        poolSelectors: selectorsOf(spec.ipAddressPoolSelectors),
        nodeSelectors: selectorsOf(spec.nodeSelectors),
        serviceSelectors: selectorsOf(spec.serviceSelectors),
        interfaces: sharedList(spec.interfaces ?? NONE),
        preferredNodeSelectors: sharedList(
          (spec.preferredNodeSelectors ?? NONE).map(({ weight, preference }) => ({
            weight,
            preference: selectorOf(preference),
          })),
        ),
      }),
    },
    object,
  );
}

const MOST_PREFERENCES = 1_000;

const specSchema = z
  .object({
    ipAddressPools: z
      .array(z.string())
      .meta({ "x-kubernetes-list-type": "set" })
      .superRefine((names, context) => {
        const twice = repeated(names);
        if (twice === undefined) return;
        const message = `must not repeat a pool, got ${valueText(twice.text)} twice`;
        context.addIssue({ code: "custom", path: [twice.index], message });
      })
      .describe("Pools whose addresses are announced, by name.")
      .optional(),
    ipAddressPoolSelectors: selectorListSchema()
      .describe("Pools whose addresses are announced, by label; with no names either: every pool.")
      .optional(),
    nodeSelectors: selectorListSchema()
      .describe("Nodes that may announce, by label; nothing here: every node.")
      .optional(),
    interfaces: z
      .array(z.string())
      .describe("Interfaces to announce on, by their exact names; nothing here: every one.")
      .optional(),
    serviceSelectors: selectorListSchema()
      .describe("Services whose addresses are announced, by label; nothing here: every Service.")
      .optional(),
    preferredNodeSelectors: z
      .array(
        z.object({
          weight: z
            .int()
            .min(1)
            .max(100)
            .meta({ format: "int32" })
            .describe("What a node that matches gains, 1 to 100."),
          preference: selectorSchema.describe("The nodes that gain it, by label."),
        }),
      )
      .max(MOST_PREFERENCES)
      .describe("Which of the nodes that may announce are preferred: the largest sum goes first.")
      .optional(),
  })
  .describe("What is announced on layer 2, and from where.");

/** The kind L2Advertisement. */
export const l2Advertisement: CustomResource = {
  kind: "L2Advertisement",
  plural: "l2advertisements",
  description: "Announces the addresses of pools on the local network, with ARP and NDP.",
  schema: z.object({ spec: specSchema.optional(), status: z.object({}).optional() }),
  columns: [
    { name: "IPAddressPools", type: "string", jsonPath: ".spec.ipAddressPools" },
    { name: "IPAddressPool Selectors", type: "string", jsonPath: ".spec.ipAddressPoolSelectors" },
    { name: "Interfaces", type: "string", jsonPath: ".spec.interfaces" },
    { name: "Node Selectors", type: "string", jsonPath: ".spec.nodeSelectors", priority: 10 },
  ],
};

function selectorsOf(specs: readonly SelectorSpec[] = NONE) {
  return sharedList(specs.map(selectorOf));
}

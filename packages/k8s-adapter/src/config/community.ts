import { z } from "zod";
import { communityValue } from "./community-value.ts";
import type { CustomResource } from "./custom-resource.ts";
import { valueText } from "./field.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import { repeated } from "./selector.ts";
import { NONE, sharedList } from "./share.ts";

/** The record of a Community: names for community values. */
export function projectCommunity(object: unknown): Projected<"community"> | undefined {
  return projectWith(
    {
      kind: "community",
      schema: z.object({ metadata: metadataSchema, spec: specSchema.optional() }),
      toRecord: ({ spec }, identity) => ({
        ...identity,
        aliases: sharedList(
          (spec?.communities ?? NONE).map(({ name = "", value = "" }) => ({ name, value })),
        ),
      }),
    },
    object,
  );
}

const aliasSchema = z.object({
  name: z.string().describe("What advertisements call it.").optional(),
  value: z
    .string()
    .superRefine((value, context) => {
      if (communityValue(value) !== undefined) return;
      const message = `must be a community such as 65000:100 or large:65000:1:2, got ${valueText(value)}`;
      context.addIssue({ code: "custom", message });
    })
    .meta({
      maxLength: 64,
      "x-kubernetes-validations": [
        {
          rule: "self.matches('^[0-9]{1,5}:[0-9]{1,5}$|^large:[0-9]{1,10}:[0-9]{1,10}:[0-9]{1,10}$')",
          message: "must be a community such as 65000:100 or large:65000:1:2",
        },
      ],
    })
    .describe("Two numbers up to 65535 (65000:100), or large and three up to 4294967295.")
    .optional(),
});

/** Bounds what the API server's rules can cost. */
const MOST_ALIASES = 10_000;

const specSchema = z.object({
  communities: z
    .array(aliasSchema)
    .max(MOST_ALIASES)
    .superRefine((aliases, context) => {
      const twice = repeated(aliases.map(({ name = "" }) => name));
      if (twice === undefined) return;
      const message = `must not repeat a name, got ${valueText(twice.text)} twice`;
      context.addIssue({ code: "custom", path: [twice.index, "name"], message });
    })
    .describe("Names and what they stand for.")
    .optional(),
});

/** The kind Community. */
export const community: CustomResource = {
  kind: "Community",
  plural: "communities",
  description: "Names for BGP communities, to be used in advertisements.",
  schema: z.object({ spec: specSchema.optional(), status: z.object({}).optional() }),
  columns: [],
};

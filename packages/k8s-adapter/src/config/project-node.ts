import { z } from "zod";
import { labelsOf, metadataSchema, type Projected, projectWith } from "./projection.ts";
import { NONE } from "./share.ts";

/** The record of a Node. */
export function projectNode(object: unknown): Projected<"node"> | undefined {
  return projectWith(
    {
      kind: "node",
      schema,
      toRecord: ({ metadata, status }, identity) => ({
        ...identity,
        labels: labelsOf(metadata),
        networkUnavailable: (status?.conditions ?? NONE).some(
          (condition) => condition.type === "NetworkUnavailable" && condition.status === "True",
        ),
        excludedFromLoadBalancers: Object.hasOwn(metadata.labels ?? {}, EXCLUDE_LABEL),
      }),
    },
    object,
  );
}

const EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";

const schema = z.object({
  metadata: metadataSchema,
  status: z
    .object({
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional(),
    })
    .optional(),
});

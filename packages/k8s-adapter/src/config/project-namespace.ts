import { z } from "zod";
import { labelsOf, metadataSchema, type Projected, projectWith } from "./projection.ts";

/** The record of a Namespace. */
export function projectNamespace(object: unknown): Projected<"namespace"> | undefined {
  return projectWith(
    {
      kind: "namespace",
      schema: z.object({ metadata: metadataSchema }),
      toRecord: ({ metadata }, identity) => ({ ...identity, labels: labelsOf(metadata) }),
    },
    object,
  );
}

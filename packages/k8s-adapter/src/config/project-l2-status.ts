import { z } from "zod";
import { valueAt } from "./field.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import { NONE, sharedList } from "./share.ts";

/** The record of a ServiceL2Status; one that says nothing yet is of no interest. */
export function projectL2Status(object: unknown): Projected<"l2Status"> | undefined {
  return projectWith(
    {
      kind: "l2Status",
      schema: z.object({ metadata: metadataSchema, status: statusSchema }),
      isOfInterest: (found) => typeof valueAt(found, ["status", "node"]) === "string",
      toRecord: ({ status }, identity) => ({
        ...identity,
        node: status.node,
        service: `${status.serviceNamespace}/${status.serviceName}`,
        interfaces: sharedList((status.interfaces ?? NONE).map(({ name }) => name)),
      }),
    },
    object,
  );
}

const statusSchema = z.object({
  node: z.string().min(1),
  serviceName: z.string().min(1),
  serviceNamespace: z.string().min(1),
  interfaces: z.array(z.object({ name: z.string() })).optional(),
});

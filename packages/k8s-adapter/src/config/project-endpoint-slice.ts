import { z } from "zod";
import { valueAt } from "./field.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";
import { NONE, sharedList } from "./share.ts";

/** The record of an EndpointSlice, when it belongs to a Service. */
export function projectEndpointSlice(object: unknown): Projected<"endpointSlice"> | undefined {
  return projectWith(
    {
      kind: "endpointSlice",
      schema,
      isOfInterest: (candidate) => typeof serviceName(candidate) === "string",
      toRecord: ({ metadata, endpoints = NONE }, identity) => ({
        // Spelt out, as for Services: there are as many.
        key: identity.key,
        namespace: identity.namespace,
        name: identity.name,
        uid: identity.uid,
        resourceVersion: identity.resourceVersion,
        createdMs: identity.createdMs,
        service: `${identity.namespace}/${metadata.labels?.[SERVICE_LABEL] ?? ""}`,
        servingNodes: sharedList([...new Set(endpoints.filter(canServe).map(nodeOf))].sort()),
      }),
    },
    object,
  );
}

const SERVICE_LABEL = "kubernetes.io/service-name";

const schema = z.object({
  metadata: metadataSchema,
  endpoints: z
    .array(
      z.object({
        nodeName: z.string().optional(),
        conditions: z
          .object({ ready: z.boolean().optional(), serving: z.boolean().optional() })
          .optional(),
      }),
    )
    .optional(),
});

type Endpoint = NonNullable<z.output<typeof schema>["endpoints"]>[number];

function serviceName(object: unknown): unknown {
  return valueAt(object, ["metadata", "labels", SERVICE_LABEL]);
}

/** Unknown counts as ready; an endpoint that terminates can still serve. */
function canServe({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false || conditions.serving === true;
}

function nodeOf({ nodeName = "" }: Endpoint): string {
  return nodeName;
}

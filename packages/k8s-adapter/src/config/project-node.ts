import { z } from "zod";
import { canonicalAddress } from "../address.ts";
import { labelsOf, metadataSchema, type Projected, projectWith } from "./projection.ts";
import { NONE } from "./share.ts";

/** The record of a Node. */
export function projectNode(object: unknown): Projected<"node"> | undefined {
  return projectWith(
    {
      kind: "node",
      schema,
      toRecord: ({ metadata, spec, status }, identity) => ({
        ...identity,
        labels: labelsOf(metadata),
        networkUnavailable: (status?.conditions ?? NONE).some(
          (condition) => condition.type === "NetworkUnavailable" && condition.status === "True",
        ),
        addresses: (status?.addresses ?? NONE).flatMap(({ type, address }) => {
          const canonical = type === "InternalIP" ? canonicalAddress(address) : undefined;
          return canonical === undefined ? [] : [canonical];
        }),
        excludedFromLoadBalancers: Object.hasOwn(metadata.labels ?? {}, EXCLUDE_LABEL),
        evacuated: metadata.annotations?.[EVACUATE_ANNOTATION] === "true",
        cordoned: spec?.unschedulable === true,
        shutsDown:
          (status?.conditions ?? NONE).some(isShutdown) ||
          (spec?.taints ?? NONE).some(({ key }) => key === OUT_OF_SERVICE_TAINT),
      }),
    },
    object,
  );
}

/** The annotation on a Node that has its addresses answered for by others, while it is "true". */
export const EVACUATE_ANNOTATION = "ingot.dev/evacuate";

const OUT_OF_SERVICE_TAINT = "node.kubernetes.io/out-of-service";
const EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers";

const schema = z.object({
  metadata: metadataSchema,
  spec: z
    .object({
      unschedulable: z.boolean().optional(),
      taints: z.array(z.object({ key: z.string() })).optional(),
    })
    .optional(),
  status: z
    .object({
      conditions: z
        .array(z.object({ type: z.string(), status: z.string(), message: z.string().optional() }))
        .optional(),
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).optional(),
    })
    .optional(),
});

/** The kubelet has no other way to say that it lets its Pods end before the machine goes off. */
function isShutdown(condition: { type: string; status: string; message?: string | undefined }) {
  const { type, status, message = "" } = condition;
  return type === "Ready" && status === "False" && message.includes("node is shutting down");
}

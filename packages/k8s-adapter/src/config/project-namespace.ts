import { z } from "zod";
import type { NamespaceQuota } from "../domain.ts";
import { valueText } from "./field.ts";
import {
  annotationField,
  labelsOf,
  metadataSchema,
  type Projected,
  projectWith,
  type Texts,
} from "./projection.ts";

/** The record of a Namespace. */
export function projectNamespace(object: unknown): Projected<"namespace"> | undefined {
  return projectWith(
    {
      kind: "namespace",
      schema: z.object({ metadata: metadataSchema }),
      toRecord: ({ metadata }, identity) => ({
        ...identity,
        labels: labelsOf(metadata),
        quota: quotaOf(metadata.annotations ?? {}),
      }),
    },
    object,
  );
}

const IPV4 = "ingot.dev/quota-ipv4";
const IPV6 = "ingot.dev/quota-ipv6";

// A quota that cannot be read is not "none", nor may it cost the namespace its labels.
function quotaOf(annotations: Texts): NamespaceQuota | undefined {
  const given = [IPV4, IPV6].filter((name) => annotations[name] !== undefined);
  if (given.length === 0) return undefined;
  const wrong = given.find((name) => !/^\d{1,9}$/.test(annotations[name] ?? ""));
  return {
    ipv4: limitOf(annotations[IPV4]),
    ipv6: limitOf(annotations[IPV6]),
    problem:
      wrong === undefined
        ? ""
        : `${annotationField(wrong)} must be a whole number, got ${valueText(annotations[wrong])}`,
  };
}

function limitOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

import { z } from "zod";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";

/** The record of a Secret of type kubernetes.io/basic-auth; of no interest otherwise. */
export function projectSecret(object: unknown): Projected<"secret"> | undefined {
  return projectWith(
    {
      kind: "secret",
      schema: secretSchema,
      isOfInterest: (secret) => (secret as { type?: unknown }).type === BASIC_AUTH,
      toRecord: ({ data, stringData }, identity) => ({
        ...identity,
        password: stringData?.password ?? decode(data?.password ?? ""),
      }),
    },
    object,
  );
}

const BASIC_AUTH = "kubernetes.io/basic-auth";

const secretSchema = z.object({
  metadata: metadataSchema,
  data: z.object({ password: z.string().optional() }).optional(),
  // The API server never shows it, a file may have it.
  stringData: z.object({ password: z.string().optional() }).optional(),
});

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

import { z } from "zod";
import type { OwnershipKeyRecord } from "../domain.ts";
import type { JsonObject } from "./json.ts";
import { metadataSchema, type Projected, projectWith } from "./projection.ts";

/** The name of the Secret that seals the speakers' hellos, in the own namespace. */
export const OWNERSHIP_KEY_NAME = "ingot-ownership-key";

/** The type of that Secret. */
export const OWNERSHIP_KEY_TYPE = "ingot.dev/ownership-key";

/** The annotation on it that asks for another key; its value is of no account. */
export const ROTATE_ANNOTATION = "ingot.dev/rotate-key";

/** What the Secret is to say; empty: nothing under that name. */
export type OwnershipKeys = Pick<
  OwnershipKeyRecord,
  "current" | "next" | "previous" | "rotationAsked"
>;

/** The Secret that holds them; {@link projectOwnershipKey} reads it back. */
export function ownershipKeySecret(
  namespace: string,
  { current, next, previous, rotationAsked }: OwnershipKeys,
): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      namespace,
      name: OWNERSHIP_KEY_NAME,
      labels: { "app.kubernetes.io/name": "ingot" },
      ...(rotationAsked ? { annotations: { [ROTATE_ANNOTATION]: "true" } } : {}),
    },
    type: OWNERSHIP_KEY_TYPE,
    data: {
      current,
      ...(next === "" ? {} : { next }),
      ...(previous === "" ? {} : { previous }),
    },
  };
}

/** The record of the Secret `ingot-ownership-key`; any other is of no interest. */
export function projectOwnershipKey(object: unknown): Projected<"ownershipKey"> | undefined {
  return projectWith(
    {
      kind: "ownershipKey",
      schema,
      isOfInterest: (secret) =>
        (secret as { metadata?: { name?: unknown } }).metadata?.name === OWNERSHIP_KEY_NAME,
      toRecord: ({ metadata, data }, identity) => ({
        ...identity,
        current: data.current,
        next: data.next ?? "",
        previous: data.previous ?? "",
        rotationAsked: metadata.annotations?.[ROTATE_ANNOTATION] !== undefined,
      }),
    },
    object,
  );
}

/** The secrets as octets: the first one seals, all are accepted. */
export function secretsOf(
  keys: Pick<OwnershipKeys, "current" | "next" | "previous">,
): readonly Uint8Array[] {
  return [keys.current, keys.next, keys.previous]
    .filter((text) => text !== "")
    .map((text) => new Uint8Array(Buffer.from(text, "base64")));
}

const LEAST_BYTES = 16;

// The value is not shown: it is a secret, even a broken one.
const key = z
  .string()
  .refine(
    (text) => Buffer.from(text, "base64").length >= LEAST_BYTES,
    `must be at least ${LEAST_BYTES} octets in base64`,
  );

const schema = z.object({
  metadata: metadataSchema,
  data: z.object({ current: key, next: key.optional(), previous: key.optional() }),
});

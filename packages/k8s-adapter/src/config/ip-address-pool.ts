import { findOverlap, parseRange } from "@ingot/allocator";
import { z } from "zod";
import type { Reservation } from "../domain.ts";
import { textOf } from "../error-text.ts";
import type { CustomResource } from "./custom-resource.ts";
import { durationMs } from "./duration.ts";
import { type Problem, valueText } from "./field.ts";
import {
  annotationField,
  labelsOf,
  type Metadata,
  metadataSchema,
  type Projected,
  projectWith,
} from "./projection.ts";
import { RESERVATIONS_ANNOTATION, readReservations } from "./reservations.ts";
import { repeated, selectorListSchema, selectorOf } from "./selector.ts";
import { NONE, shared, sharedList } from "./share.ts";

/** The record of an IPAddressPool. */
export function projectPool(object: unknown): Projected<"pool"> | undefined {
  return projectWith(
    {
      kind: "pool",
      schema: z.object({ metadata: metadataSchema, spec: specSchema, status: writtenSchema }),
      toRecord: ({ metadata, spec, status }, identity) =>
        overlapWithin(identity.name, spec.addresses) ??
        annotationProblem(metadata.annotations) ?? {
          ...identity,
          labels: labelsOf(metadata),
          addresses: spec.addresses,
          autoAssign: spec.autoAssign,
          avoidBuggyIPs: spec.avoidBuggyIPs,
          reserved: reservationOf(spec.serviceAllocation),
          shareWithinNamespace: metadata.annotations?.[SHARE_ANNOTATION] === "true",
          quarantine: metadata.annotations?.[QUARANTINE_ANNOTATION] === "true",
          reservations: reservationsOf(metadata.annotations?.[RESERVATIONS_ANNOTATION] ?? ""),
          coolDownMs: durationMs(metadata.annotations?.[COOL_DOWN_ANNOTATION] ?? "0") ?? 0,
          counters: status,
        },
    },
    object,
  );
}

// The longest entry is two IPv6 addresses; the bounds let the API server work out the rule's cost.
const LONGEST_ENTRY = 120;
const MOST_ENTRIES = 10_000;

const addressesSchema = z
  .array(
    z
      .string()
      .max(LONGEST_ENTRY)
      .meta({
        "x-kubernetes-validations": [
          {
            rule: "self.matches('^[0-9A-Fa-f.:]+/[0-9]{1,3}$|^ *[0-9A-Fa-f.:]+ *- *[0-9A-Fa-f.:]+ *$')",
            message: "must be a CIDR or start-end; a single address ends in /32 or /128",
          },
        ],
      }),
  )
  .min(1)
  .max(MOST_ENTRIES)
  .superRefine((entries, context) => {
    for (const [index, entry] of entries.entries()) {
      const message = entryProblem(entry);
      if (message !== undefined) context.addIssue({ code: "custom", path: [index], message });
    }
  })
  .describe("The addresses to hand out: CIDRs and ranges start-end, of IPv4 and IPv6, in order.");

const serviceAllocationSchema = z
  .object({
    priority: z
      .int()
      .meta({ format: "int64" })
      .describe("Among pools that fit, the lowest number goes first; 0 or nothing goes last.")
      .optional(),
    namespaces: z
      .array(z.string())
      .meta({ "x-kubernetes-list-type": "set" })
      .superRefine((names, context) => {
        const twice = repeated(names);
        if (twice === undefined) return;
        const message = `must not repeat a namespace, got ${valueText(twice.text)} twice`;
        context.addIssue({ code: "custom", path: [twice.index], message });
      })
      .describe("Namespaces whose Services may use the pool, by name.")
      .optional(),
    namespaceSelectors: selectorListSchema()
      .describe("Namespaces whose Services may use the pool, by label; any one has to match.")
      .optional(),
    serviceSelectors: selectorListSchema()
      .describe("Services that may use the pool, by label; any one has to match.")
      .optional(),
  })
  .describe("Keeps the pool for some namespaces and Services.");

const specSchema = z.object({
  addresses: addressesSchema,
  autoAssign: z
    .boolean()
    .default(true)
    .describe("Whether Services get addresses from here that do not ask for this pool."),
  avoidBuggyIPs: z
    .boolean()
    .default(false)
    .describe("Never hands out IPv4 addresses that end in .0 or .255."),
  serviceAllocation: serviceAllocationSchema.optional(),
});

const statusSchema = z.object({
  assignedIPv4: count("IPv4 addresses in use."),
  assignedIPv6: count("IPv6 addresses in use."),
  availableIPv4: count("IPv4 addresses that are free."),
  availableIPv6: count("IPv6 addresses that are free, at most 9223372036854775807."),
});

/** A status is our own affair: whatever it holds, it makes no pool invalid. */
const writtenSchema = z
  .object({
    assignedIPv4: z.number(),
    assignedIPv6: z.number(),
    availableIPv4: z.number(),
    availableIPv6: z.number(),
  })
  .optional()
  .catch(undefined);

/** The kind IPAddressPool. */
export const ipAddressPool: CustomResource = {
  kind: "IPAddressPool",
  plural: "ipaddresspools",
  description: "Addresses that Services of type LoadBalancer can get.",
  schema: z.object({ spec: specSchema, status: statusSchema.optional() }),
  columns: [
    { name: "Auto Assign", type: "boolean", jsonPath: ".spec.autoAssign" },
    { name: "Avoid Buggy IPs", type: "boolean", jsonPath: ".spec.avoidBuggyIPs" },
    { name: "Addresses", type: "string", jsonPath: ".spec.addresses" },
  ],
};

function reservationOf(spec: z.infer<typeof serviceAllocationSchema> | undefined) {
  if (spec === undefined) return undefined;
  return shared({
    priority: spec.priority ?? 0,
    namespaces: sharedList(spec.namespaces ?? NONE),
    namespaceSelectors: sharedList((spec.namespaceSelectors ?? NONE).map(selectorOf)),
    serviceSelectors: sharedList((spec.serviceSelectors ?? NONE).map(selectorOf)),
  });
}

const SHARE_ANNOTATION = "ingot.dev/share-within-namespace";

const COOL_DOWN_ANNOTATION = "ingot.dev/cool-down";
const QUARANTINE_ANNOTATION = "ingot.dev/quarantine";

/** A guard that is misspelt must not count as none. */
function annotationProblem(annotations: Metadata["annotations"]): Problem | undefined {
  for (const [name, problemOf] of Object.entries(ANNOTATIONS)) {
    const value = annotations?.[name];
    const message = value === undefined ? "" : problemOf(value);
    if (message !== "") return { field: annotationField(name), message };
  }
  return undefined;
}

const ANNOTATIONS: Readonly<Record<string, (value: string) => string>> = {
  [SHARE_ANNOTATION]: switchProblem,
  [QUARANTINE_ANNOTATION]: switchProblem,
  [COOL_DOWN_ANNOTATION]: (value) =>
    durationMs(value) === undefined
      ? `must be a duration such as 90s or 5m, got ${valueText(value)}`
      : "",
  [RESERVATIONS_ANNOTATION]: (value) => {
    const read = readReservations(value);
    return read.ok ? "" : read.problem;
  },
};

function switchProblem(value: string): string {
  return /^(true|false)$/.test(value) ? "" : `must be "true" or "false", got ${valueText(value)}`;
}

function reservationsOf(text: string): readonly Reservation[] {
  const read = readReservations(text);
  return read.ok && read.list.length > 0 ? read.list : NONE;
}

function count(description: string): z.ZodType<number> {
  return z.int().meta({ format: "int64" }).describe(description);
}

function entryProblem(entry: string): string | undefined {
  try {
    parseRange(entry);
    return undefined;
  } catch (error) {
    return textOf(error);
  }
}

function overlapWithin(name: string, addresses: readonly string[]): Problem | undefined {
  const overlap = findOverlap([{ name, addresses }]);
  if (overlap === undefined) return undefined;
  const { entry, otherEntry } = overlap;
  return {
    field: `spec.addresses[${addresses.lastIndexOf(entry)}]`,
    message: `CIDR "${entry}" in pool "${name}" overlaps with already defined CIDR "${otherEntry}"`,
  };
}

import { z } from "zod";
import { canonicalAddress, familyOf } from "../address.ts";
import type { SpeakerInterface, SpeakerRecord } from "../domain.ts";
import { firstProblem, type Problem, valueAt, valueText } from "./field.ts";
import type { JsonObject } from "./json.ts";
import { annotationField, metadataSchema, type Projected, projectWith } from "./projection.ts";
import { NONE, shared, sharedList } from "./share.ts";

/** The label, with its value, of the Leases that are speakers' signs of life. */
export const SPEAKER_LABEL: readonly [key: string, value: string] = [
  "app.kubernetes.io/component",
  "speaker",
];

/** The annotation in which a speaker publishes its interfaces, as JSON. */
export const INTERFACES_ANNOTATION = "ingot.dev/interfaces";

/** The annotation in which a speaker publishes which of its addresses another host claims as well. */
const CONFLICTS_ANNOTATION = "ingot.dev/conflicts";

/** The name of a node's Lease. */
export function speakerLeaseName(node: string): string {
  return `${NAME_PREFIX}${node}`;
}

/** What a node's sign of life says. */
export interface SignOfLife {
  readonly node: string;
  /** False: the speaker says goodbye. */
  readonly held: boolean;
  /** How long a renewal is good for; a Lease knows whole seconds, so it is rounded up. */
  readonly durationMs: number;
  /** When it is renewed, since 1970. */
  readonly renewedMs: number;
  readonly interfaces: readonly SpeakerInterface[];
  /** Addresses that another host claims as well; undefined: none. */
  readonly conflicts?: readonly string[];
}

/** The Lease that says so; {@link projectSpeaker} reads it back. */
export function speakerLease(namespace: string, sign: SignOfLife): JsonObject {
  const [label, component] = SPEAKER_LABEL;
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      namespace,
      name: speakerLeaseName(sign.node),
      labels: { "app.kubernetes.io/name": "ingot", [label]: component },
      annotations: {
        [INTERFACES_ANNOTATION]: JSON.stringify(sign.interfaces),
        [CONFLICTS_ANNOTATION]: sign.conflicts?.join() ?? "",
      },
    },
    spec: {
      holderIdentity: sign.held ? sign.node : "",
      leaseDurationSeconds: Math.max(1, Math.ceil(sign.durationMs / 1_000)),
      // The API wants microseconds.
      renewTime: new Date(sign.renewedMs).toISOString().replace("Z", "000Z"),
    },
  };
}

/** The record of a speaker's Lease; any other Lease is of no interest. */
export function projectSpeaker(object: unknown): Projected<"speaker"> | undefined {
  return projectWith(
    {
      kind: "speaker",
      schema,
      isOfInterest,
      toRecord: ({ metadata, spec }, identity) => {
        const interfaces = interfacesOf(metadata.annotations?.[INTERFACES_ANNOTATION]);
        if ("message" in interfaces) return interfaces;
        return {
          ...identity,
          node: metadata.name.slice(NAME_PREFIX.length),
          held: (spec.holderIdentity ?? "") !== "",
          durationMs: (spec.leaseDurationSeconds ?? 0) * 1_000,
          renewal: spec.renewTime ?? "",
          interfaces,
          ...conflictsOf(metadata.annotations?.[CONFLICTS_ANNOTATION] ?? ""),
        };
      },
    },
    object,
  );
}

const NAME_PREFIX = "ingot-speaker-";

const schema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    holderIdentity: z.string().optional(),
    leaseDurationSeconds: z.int().min(1).optional(),
    renewTime: z.string().optional(),
  }),
});

const interfacesSchema = z.array(
  z.object({ name: z.string().min(1), subnets: z.array(z.string()), mac: z.string().optional() }),
);

function isOfInterest(object: unknown): boolean {
  const [key, value] = SPEAKER_LABEL;
  const name = valueAt(object, ["metadata", "name"]);
  return (
    valueAt(object, ["metadata", "labels", key]) === value &&
    typeof name === "string" &&
    name.length > NAME_PREFIX.length &&
    name.startsWith(NAME_PREFIX)
  );
}

function conflictsOf(text: string): Pick<SpeakerRecord, "conflicts"> {
  const conflicts = text.split(",").flatMap((entry) => canonicalAddress(entry.trim()) ?? []);
  return conflicts.length === 0 ? {} : { conflicts };
}

function interfacesOf(text: string | undefined): readonly SpeakerInterface[] | Problem {
  if (text === undefined) return NONE;
  const field = annotationField(INTERFACES_ANNOTATION);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { field, message: `must be JSON, got ${valueText(text)}` };
  }
  const parsed = interfacesSchema.safeParse(json);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error, json);
    return { field, message: `${problem.field || "it"} ${problem.message}` };
  }
  const broken = parsed.data.flatMap(({ subnets }) => subnets).find((text) => !isSubnet(text));
  if (broken !== undefined) {
    return { field, message: `subnets must be CIDRs, got ${valueText(broken)}` };
  }
  return sharedList(
    parsed.data.map(({ mac, ...link }) => shared(mac === undefined ? link : { ...link, mac })),
  );
}

function isSubnet(text: string): boolean {
  const [address = "", length = "", ...more] = text.split("/");
  if (canonicalAddress(address) === undefined || more.length > 0) return false;
  return /^\d{1,3}$/.test(length) && Number(length) <= (familyOf(address) === 4 ? 32 : 128);
}

import { z } from "zod";
import type { Identity, Key, Kind, Kinds, ObjectError } from "../domain.ts";
import { fieldText, firstProblem, type Problem, valueAt, valueText } from "./field.ts";
import { shared } from "./share.ts";

/** What became of an object: its record, or what is wrong with it. */
export type Projected<K extends Kind> =
  | { readonly ok: true; readonly record: Kinds[K] }
  | { readonly ok: false; readonly error: ObjectError };

/** Labels and annotations. */
export type Texts = Readonly<Record<string, string>>;

/** The part of `metadata` that is read. */
export interface Metadata {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
  readonly labels?: Texts | undefined;
  readonly annotations?: Texts | undefined;
}

/** Reads `metadata`. */
export const metadataSchema: z.ZodType<Metadata> = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1).optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});

/** How the objects of one kind become records. */
export interface Projection<K extends Kind, T extends { readonly metadata: Metadata }> {
  readonly kind: K;
  readonly schema: z.ZodType<T>;
  /** Judges the raw object, before anything of it is checked; default: all are of interest. */
  readonly isOfInterest?: (object: unknown) => boolean;
  /** Of a checked object; a problem when what it says cannot be. */
  readonly toRecord: (object: T, identity: Identity) => Kinds[K] | Problem;
}

/** Reads one object. Never throws, whatever the object is; a null field counts as absent. */
export function projectWith<K extends Kind, T extends { readonly metadata: Metadata }>(
  projection: Projection<K, T>,
  object: unknown,
): Projected<K> | undefined {
  const { kind, schema, isOfInterest, toRecord } = projection;
  const refuse = ({ field, message }: Problem): Projected<K> => ({
    ok: false,
    error: { kind, key: keyOf(object), field, message },
  });
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return refuse({ field: "", message: `must be an object, got ${valueText(object)}` });
  }
  if (isOfInterest !== undefined && !isOfInterest(object)) return undefined;
  const clean = withoutNulls(object, DEEPEST);
  const parsed = schema.safeParse(clean);
  if (!parsed.success) return refuse(firstProblem(parsed.error, clean));
  const { metadata } = parsed.data;
  if (kind !== "node" && kind !== "namespace" && metadata.namespace === undefined) {
    return refuse({ field: "metadata.namespace", message: "is required" });
  }
  const result = toRecord(parsed.data, identityOf(metadata));
  return "message" in result ? refuse(result) : { ok: true, record: result };
}

/** `namespace/name` of any object, as far as it has them. */
export function keyOf(object: unknown): Key {
  const namespace = valueAt(object, ["metadata", "namespace"]);
  const name = valueAt(object, ["metadata", "name"]);
  const text = typeof name === "string" ? name : "";
  return typeof namespace === "string" && namespace !== "" ? `${namespace}/${text}` : text;
}

/** Labels as they are kept in a record. */
export function labelsOf(metadata: Metadata): Texts {
  return shared(metadata.labels ?? {});
}

/** The field of one annotation. */
export function annotationField(annotation: string): string {
  return fieldText(["metadata", "annotations", annotation]);
}

// The schemas reach less deep than this; what lies deeper is not read.
const DEEPEST = 16;

function identityOf(metadata: Metadata): Identity {
  const namespace = metadata.namespace ?? "";
  return {
    key: namespace === "" ? metadata.name : `${namespace}/${metadata.name}`,
    namespace,
    name: metadata.name,
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion ?? "",
    createdMs: Date.parse(metadata.creationTimestamp ?? "") || 0,
  };
}

/** Kubernetes takes a null field for an absent one. Copies only what holds one. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (!holdsNull(value, depth)) return value;
  if (Array.isArray(value)) return value.map((entry) => withoutNulls(entry, depth - 1));
  const kept = Object.entries(value)
    .filter(([, field]) => field !== null)
    .map(([name, field]) => [name, withoutNulls(field, depth - 1)] as const);
  return Object.fromEntries(kept);
}

/** By loops that make nothing: nearly all objects hold none, and every one of them comes by here. */
function holdsNull(value: unknown, depth: number): value is object {
  if (typeof value !== "object" || value === null || depth === 0) return false;
  if (Array.isArray(value)) {
    for (const entry of value) if (holdsNull(entry, depth - 1)) return true;
    return false;
  }
  for (const name in value) {
    // Half of an object is who wrote what of it; nobody here reads that.
    if (name === "managedFields") continue;
    const field: unknown = Reflect.get(value, name);
    if (field === null || holdsNull(field, depth - 1)) return true;
  }
  return false;
}

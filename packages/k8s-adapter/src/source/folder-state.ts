import { createHash } from "node:crypto";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { firstProblem, valueAt } from "../config/field.ts";
import type { ServiceStatus } from "./source.ts";

/** What the status folder holds of one Service. */
export interface ServiceState {
  /** In the order of `status.loadBalancer.ingress`. */
  readonly addresses: readonly string[];
  /** Set over those of the manifest; `null` takes one of the manifest's away. */
  readonly annotations: Readonly<Record<string, string | null>>;
}

/** The state of a Service that has none. */
export const NO_STATE: ServiceState = { addresses: [], annotations: {} };

/** The name of a Service's file. Namespaces have no dots, so no two share one. */
export function stateFileName(namespace: string, name: string): string {
  return `${namespace}.${name}.yaml`;
}

/** The state as YAML: what `kubectl get` would show of the Service, without its spec. */
export function writeState(namespace: string, name: string, state: ServiceState): string {
  return stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name, annotations: state.annotations },
    status: { loadBalancer: { ingress: state.addresses.map((ip) => ({ ip })) } },
  });
}

/** Reads what {@link writeState} wrote. @throws {Error} when the text is something else. */
export function readState(text: string): ServiceState {
  const value: unknown = parse(text);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const { field, message } = firstProblem(parsed.error, value);
    throw new Error(`${field || "it"} ${message}`);
  }
  const { metadata, status } = parsed.data;
  return {
    addresses: status.loadBalancer.ingress.map(({ ip }) => ip),
    annotations: metadata.annotations,
  };
}

/** The Service as the API would show it: the manifest, its state, and a version of both. */
export function withState(object: object, version: string, state: ServiceState): object {
  const annotations = { ...textsAt(object, "annotations"), ...state.annotations };
  return {
    ...object,
    metadata: {
      ...(valueAt(object, ["metadata"]) as object),
      annotations: Object.fromEntries(
        Object.entries(annotations).filter(([, value]) => value !== null),
      ),
      resourceVersion: versionOf(version, state),
    },
    // A status in the manifest is not taken, as the API server takes none from `kubectl apply`.
    status: { loadBalancer: { ingress: state.addresses.map((ip) => ({ ip })) } },
  };
}

/** What `resourceVersion` is for a manifest of this version in this state. */
export function versionOf(version: string, state: ServiceState): string {
  const annotations = Object.entries(state.annotations).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([version, state.addresses, annotations]))
    .digest("hex")
    .slice(0, 16);
}

/** The state after a write to the Service that the manifest describes. */
export function nextState(object: object, state: ServiceState, write: ServiceStatus): ServiceState {
  const manifest = textsAt(object, "annotations");
  const annotations = Object.entries({ ...state.annotations, ...write.annotations }).filter(
    // What is taken away has to be remembered only where the manifest still has it.
    ([name, value]) => value !== null || Object.hasOwn(manifest, name),
  );
  return { addresses: write.addresses, annotations: Object.fromEntries(annotations) };
}

/** Whether there is nothing to remember. */
export function isEmpty(state: ServiceState): boolean {
  return state.addresses.length === 0 && Object.keys(state.annotations).length === 0;
}

const schema = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string().nullable()).default({}) }),
  status: z.object({
    loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string() })) }),
  }),
});

function textsAt(object: object, field: string): Record<string, string | null> {
  const value = valueAt(object, ["metadata", field]);
  // The manifest was checked: text to text, or not there.
  return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
}

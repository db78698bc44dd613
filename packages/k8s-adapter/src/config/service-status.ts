import { createHash } from "node:crypto";
import { z } from "zod";
import type { Key } from "../domain.ts";
import type { CustomResource } from "./custom-resource.ts";
import { valueAt } from "./field.ts";
import type { JsonObject } from "./json.ts";

/** How a node announces a Service, which is told in an object of its own kind; MetalLB's words. */
export type StatusProtocol = "layer2" | "bgp";

/** The labels that the objects are found by. */
export const STATUS_LABELS = {
  node: "metallb.io/node",
  name: "metallb.io/service-name",
  namespace: "metallb.io/service-namespace",
} as const;

/** One such object as it was found. */
export interface FoundStatus {
  /** Of the object. */
  readonly name: string;
  readonly service: Key;
  /** Names of interfaces or of BGPPeers; undefined: nothing is said yet. */
  readonly places: readonly string[] | undefined;
  /** The uid of its owner; empty: it has none. */
  readonly owner: string;
}

/** What a label can say about a node: its name, or what is left of a very long one. */
export function nodeLabel(node: string): string {
  return node.length <= LONGEST_LABEL ? node : `${node.slice(0, 50)}-${digest(node).slice(0, 12)}`;
}

/** The name of the object that says how a node announces a Service. */
export function statusName(protocol: StatusProtocol, node: string, service: Key): string {
  return `${SHAPES[protocol].prefix}${digest(`${node}\n${service}`).slice(0, 16)}`;
}

/** The plural of the kind, as it stands in paths. */
export function statusPlural(protocol: StatusProtocol): string {
  return SHAPES[protocol].resource.plural;
}

/** The object without its status, as it is created; `metadata` is added to its own. */
export function statusObject(
  protocol: StatusProtocol,
  { namespace, node, service }: { namespace: string; node: string; service: Key },
  metadata: JsonObject = {},
): JsonObject {
  const [serviceNamespace, serviceName] = namesOf(service);
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: SHAPES[protocol].resource.kind,
    metadata: {
      ...metadata,
      name: statusName(protocol, node, service),
      namespace,
      labels: {
        [STATUS_LABELS.node]: nodeLabel(node),
        [STATUS_LABELS.name]: serviceName,
        [STATUS_LABELS.namespace]: serviceNamespace,
      },
    },
  };
}

/** What goes under `status`. */
export function statusText(
  protocol: StatusProtocol,
  node: string,
  service: Key,
  places: readonly string[],
): JsonObject {
  const [serviceNamespace, serviceName] = namesOf(service);
  return { node, serviceName, serviceNamespace, ...SHAPES[protocol].write(places) };
}

/** Reads an object of this node back; undefined when it is another node's, or says of no Service. */
export function foundStatus(
  protocol: StatusProtocol,
  node: string,
  object: unknown,
): FoundStatus | undefined {
  const parsed = foundSchema.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, status } = parsed.data;
  const isOwn =
    status === undefined
      ? metadata.labels[STATUS_LABELS.node] === nodeLabel(node)
      : status.node === node;
  if (!isOwn) return undefined;
  const name = status?.serviceName ?? metadata.labels[STATUS_LABELS.name];
  const namespace = status?.serviceNamespace ?? metadata.labels[STATUS_LABELS.namespace];
  if (name === undefined || namespace === undefined) return undefined;
  return {
    name: metadata.name,
    service: `${namespace}/${name}`,
    places: status && SHAPES[protocol].read(status),
    owner: metadata.ownerReferences?.[0]?.uid ?? "",
  };
}

const LONGEST_LABEL = 63;

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function namesOf(service: Key): [namespace: string, name: string] {
  const slash = service.indexOf("/");
  return [service.slice(0, slash), service.slice(slash + 1)];
}

const foundSchema = z.object({
  metadata: z.object({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    ownerReferences: z.array(z.object({ uid: z.string() })).nullish(),
  }),
  status: z
    .looseObject({ node: z.string(), serviceName: z.string(), serviceNamespace: z.string() })
    .optional()
    .catch(undefined),
});

function fixed(description: string): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .meta({
      "x-kubernetes-validations": [{ rule: "self == oldSelf", message: "Value is immutable" }],
    })
    .describe(description)
    .optional();
}

const subject = {
  node: fixed("The node that announces the Service."),
  serviceName: fixed("The Service."),
  serviceNamespace: fixed("The Service's namespace."),
};

const subjectColumns = (node: string): CustomResource["columns"] => [
  { name: node, type: "string", jsonPath: ".status.node" },
  { name: "Service Name", type: "string", jsonPath: ".status.serviceName" },
  { name: "Service Namespace", type: "string", jsonPath: ".status.serviceNamespace" },
];

/** The kind ServiceL2Status, which the speaker writes that answers for a Service. */
export const serviceL2Status: CustomResource = {
  kind: "ServiceL2Status",
  plural: "servicel2statuses",
  description: "Which node answers for the addresses of a Service on its networks.",
  schema: z.object({
    spec: z.object({}).optional(),
    status: z
      .object({
        ...subject,
        interfaces: z
          .array(z.object({ name: z.string().describe("Its name.").optional() }))
          .describe("Interfaces that the node answers on; nothing here: every one.")
          .optional(),
      })
      .optional(),
  }),
  columns: subjectColumns("Allocated Node"),
};

/** The kind ServiceBGPStatus, which every speaker writes that announces a Service. */
export const serviceBgpStatus: CustomResource = {
  kind: "ServiceBGPStatus",
  plural: "servicebgpstatuses",
  description: "Which routers a node announces the addresses of a Service to.",
  schema: z.object({
    spec: z.object({}).optional(),
    status: z
      .object({
        ...subject,
        peers: z
          .array(z.string())
          .describe("BGPPeers that the Service is announced to, by name, in order.")
          .optional(),
      })
      .optional(),
  }),
  columns: subjectColumns("Node"),
};

/** What differs between the two kinds. */
interface StatusShape {
  readonly resource: CustomResource;
  readonly prefix: string;
  readonly write: (places: readonly string[]) => JsonObject;
  readonly read: (status: object) => readonly string[];
}

const SHAPES: { readonly [P in StatusProtocol]: StatusShape } = {
  layer2: {
    resource: serviceL2Status,
    prefix: "l2-",
    write: (places) => ({ interfaces: places.map((name) => ({ name })) }),
    read: (status) => texts(valueAt(status, ["interfaces"]), (link) => valueAt(link, ["name"])),
  },
  bgp: {
    resource: serviceBgpStatus,
    prefix: "bgp-",
    write: (places) => ({ peers: [...places] }),
    read: (status) => texts(valueAt(status, ["peers"]), (peer) => peer),
  },
};

function texts(list: unknown, textIn: (entry: unknown) => unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.map(textIn).filter((text) => typeof text === "string");
}

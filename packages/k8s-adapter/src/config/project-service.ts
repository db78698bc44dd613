import { z } from "zod";
import { canonicalAddress } from "../address.ts";
import type { Family, ServiceRecord } from "../domain.ts";
import { valueAt } from "./field.ts";
import { isForeignAnnotation } from "./foreign-annotations.ts";
import { labelsOf, metadataSchema, type Projected, projectWith, type Texts } from "./projection.ts";
import { labelsText } from "./selector.ts";
import { NONE, ownList, shared, sharedList } from "./share.ts";

/** The record of a Service, when it is a load balancer or carries the mark of having been one. */
export function projectService(object: unknown): Projected<"service"> | undefined {
  return projectWith({ kind: "service", schema, isOfInterest, toRecord }, object);
}

const schema = z.object({
  metadata: metadataSchema,
  spec: z.object({
    type: z.string().optional(),
    loadBalancerClass: z.string().optional(),
    ipFamilies: z.array(z.enum(["IPv4", "IPv6"])).optional(),
    ipFamilyPolicy: z.enum(["SingleStack", "PreferDualStack", "RequireDualStack"]).optional(),
    clusterIP: z.string().optional(),
    clusterIPs: z.array(z.string()).optional(),
    loadBalancerIP: z.string().optional(),
    externalTrafficPolicy: z.enum(["Cluster", "Local"]).optional(),
    selector: z.record(z.string(), z.string()).optional(),
    ports: z
      .array(
        z.object({
          protocol: z.enum(["TCP", "UDP", "SCTP"]).optional(),
          port: z.int().min(1).max(65_535),
        }),
      )
      .optional(),
  }),
  status: z
    .object({
      loadBalancer: z
        .object({ ingress: z.array(z.object({ ip: z.string().optional() })).optional() })
        .optional(),
    })
    .optional(),
});

const FAMILIES: Readonly<Record<"IPv4" | "IPv6", Family>> = { IPv4: 4, IPv6: 6 };
const OUR_PREFIXES = ["metallb.io/", "metallb.universe.tf/", "ingot.dev/"];

function isOfInterest(object: unknown): boolean {
  return (
    valueAt(object, ["spec", "type"]) === "LoadBalancer" ||
    valueAt(object, ["metadata", "annotations", "metallb.io/ip-allocated-from-pool"]) !== undefined
  );
}

function toRecord(
  { metadata, spec, status }: z.output<typeof schema>,
  identity: Pick<
    ServiceRecord,
    "key" | "namespace" | "name" | "uid" | "resourceVersion" | "createdMs"
  >,
): ServiceRecord {
  // Spelt out: with a spread in it, every record would get a shape of its own, twice as large.
  return {
    key: identity.key,
    namespace: identity.namespace,
    name: identity.name,
    uid: identity.uid,
    resourceVersion: identity.resourceVersion,
    createdMs: identity.createdMs,
    isLoadBalancer: spec.type === "LoadBalancer",
    loadBalancerClass: spec.loadBalancerClass ?? "",
    families: sharedList((spec.ipFamilies ?? NONE).map((family) => FAMILIES[family])),
    familyPolicy: spec.ipFamilyPolicy ?? "SingleStack",
    clusterIPs: clusterIPsOf(spec),
    loadBalancerIP: spec.loadBalancerIP ?? "",
    trafficPolicy: spec.externalTrafficPolicy ?? "Cluster",
    selector: labelsText(spec.selector ?? {}),
    ports: sharedList(
      (spec.ports ?? NONE).map(({ protocol = "TCP", port }) => ({ protocol, port })),
    ),
    labels: labelsOf(metadata),
    annotations: ourAnnotations(metadata.annotations ?? {}),
    ingress: ingressOf(status?.loadBalancer?.ingress ?? NONE),
    deleting: metadata.deletionTimestamp !== undefined,
  };
}

function clusterIPsOf(spec: z.output<typeof schema>["spec"]): readonly string[] {
  const given = spec.clusterIPs ?? (spec.clusterIP === undefined ? NONE : [spec.clusterIP]);
  const addresses = given.filter((text) => text !== "None" && text !== "");
  return ownList(addresses);
}

function ourAnnotations(annotations: Texts): Texts {
  const ours = Object.entries(annotations).filter(
    ([name]) => OUR_PREFIXES.some((prefix) => name.startsWith(prefix)) || isForeignAnnotation(name),
  );
  return shared(Object.fromEntries(ours));
}

function ingressOf(entries: readonly { readonly ip?: string | undefined }[]): readonly string[] {
  // What is not an address is kept as it is, so that it is seen and cleared.
  const addresses = entries.flatMap(({ ip = "" }) =>
    ip === "" ? [] : [canonicalAddress(ip) ?? ip],
  );
  return ownList(addresses);
}

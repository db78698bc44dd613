/** What {@link serviceManifest} says besides. In YAML's flow style. */
export interface ServiceManifest {
  /** Further fields of `metadata`, such as `annotations: { … }`. */
  readonly metadata?: string;
  /** Further fields of `spec`; by default one port. */
  readonly spec?: string;
}

/** For {@link ServiceManifest.spec}: both families or nothing, and one port. */
export const DUAL_STACK =
  "ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv6], ports: [{ port: 80 }]";

/** A LoadBalancer Service in the default namespace, and its EndpointSlice with one that is ready, on n1. */
export function serviceManifest(name: string, more: ServiceManifest = {}): string {
  const { metadata, spec = "ports: [{ port: 80 }]" } = more;
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}${metadata === undefined ? "" : `, ${metadata}`} }
spec: { type: LoadBalancer, ${spec} }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, labels: { kubernetes.io/service-name: ${name} } }
addressType: IPv4
endpoints: [{ addresses: [10.244.0.1], nodeName: n1, conditions: { ready: true } }]
ports: []
`;
}

/** What a Service can ask for by an annotation, under MetalLB's names for it. */
export type RequestSuffix = "address-pool" | "loadBalancerIPs" | "allow-shared-ip";

/** What other load balancers call it, in the order in which they are asked. */
export const FOREIGN_ANNOTATIONS: Readonly<Record<RequestSuffix, readonly string[]>> = {
  "address-pool": ["purelb.io/service-group"],
  loadBalancerIPs: [
    "kube-vip.io/loadbalancerIPs",
    "lbipam.cilium.io/ips",
    "io.cilium/lb-ipam-ips",
    "purelb.io/addresses",
  ],
  "allow-shared-ip": [
    "lbipam.cilium.io/sharing-key",
    "io.cilium/lb-ipam-sharing-key",
    "purelb.io/allow-shared-ip",
  ],
};

/** The namespaces with whose Services one of Cilium's may share; `*`: all. */
export const CILIUM_NAMESPACES: readonly string[] = [
  "lbipam.cilium.io/sharing-cross-namespace",
  "io.cilium/lb-ipam-sharing-cross-namespace",
];

const ALL = new Set([...Object.values(FOREIGN_ANNOTATIONS).flat(), ...CILIUM_NAMESPACES]);

/** Whether an annotation of another load balancer may be honoured. */
export function isForeignAnnotation(name: string): boolean {
  return ALL.has(name);
}

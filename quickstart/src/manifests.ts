import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** The pool that the quick start hands addresses out of. */
export const POOL = {
  range: "10.77.0.64-10.77.0.67",
  addresses: ["10.77.0.64", "10.77.0.65", "10.77.0.66", "10.77.0.67"],
} as const;

/** The pool that is not of the LAN: the router is told where its addresses are. */
export const ROUTED = {
  subnet: "192.0.2.64/30",
  addresses: ["192.0.2.64", "192.0.2.65", "192.0.2.66", "192.0.2.67"],
} as const;

/** The LAN's router, and the AS that the nodes are to it. */
export const ROUTER = { address: "10.77.0.1", asn: 64_513, nodeAsn: 64_512 } as const;

/** What a cluster would hold before there is a Service: pools, and how each is announced. */
export function writeConfiguration(directory: string): void {
  const metadata = (name: string) => ({ name, namespace: "metallb-system" });
  write(directory, "configuration.yaml", [
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: metadata("lan"),
      spec: { addresses: [POOL.range] },
    },
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "L2Advertisement",
      metadata: metadata("lan"),
      spec: { ipAddressPools: ["lan"] },
    },
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "IPAddressPool",
      metadata: metadata("routed"),
      spec: { addresses: [ROUTED.subnet], autoAssign: false },
    },
    {
      apiVersion: "metallb.io/v1beta1",
      kind: "BGPAdvertisement",
      metadata: metadata("routed"),
      spec: { ipAddressPools: ["routed"] },
    },
    {
      apiVersion: "metallb.io/v1beta2",
      kind: "BGPPeer",
      metadata: metadata("router"),
      spec: {
        myASN: ROUTER.nodeAsn,
        peerASN: ROUTER.asn,
        peerAddress: ROUTER.address,
        holdTime: "9s",
      },
    },
  ]);
}

/** A Service of type LoadBalancer and its endpoints, one a node. */
export function writeService(
  directory: string,
  name: string,
  nodes: readonly { readonly name: string; readonly backend: string }[],
  annotations: Readonly<Record<string, string>> = {},
): void {
  write(directory, `${name}.yaml`, [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: "default", annotations },
      spec: { type: "LoadBalancer", ports: [{ protocol: "TCP", port: 80 }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: `${name}-1`,
        namespace: "default",
        labels: { "kubernetes.io/service-name": name },
      },
      addressType: "IPv4",
      endpoints: nodes.map(({ name, backend }) => ({
        addresses: [backend],
        nodeName: name,
        conditions: { ready: true },
      })),
      ports: [{ protocol: "TCP", port: 8_080 }],
    },
  ]);
}

function write(directory: string, name: string, objects: readonly object[]): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, name), objects.map((object) => stringify(object)).join("---\n"));
}

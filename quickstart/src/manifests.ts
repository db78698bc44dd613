import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** The pool that the quick start hands addresses out of. */
export const POOL = {
  range: "10.77.0.64-10.77.0.67",
  addresses: ["10.77.0.64", "10.77.0.65", "10.77.0.66", "10.77.0.67"],
} as const;

/** What a cluster would hold before there is a Service: a pool, and that it is announced. */
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
  ]);
}

/** A Service of type LoadBalancer and its endpoints, one a node. */
export function writeService(
  directory: string,
  nodes: readonly { readonly name: string; readonly backend: string }[],
): void {
  write(directory, "web.yaml", [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "default" },
      spec: { type: "LoadBalancer", ports: [{ protocol: "TCP", port: 80 }] },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "web-1",
        namespace: "default",
        labels: { "kubernetes.io/service-name": "web" },
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

import { fileURLToPath } from "node:url";
import {
  type Cluster,
  type ClusterNode,
  type LabNamespace,
  type LabProcess,
  launch,
  until,
} from "@ingot/testkit";

/** The identities that the shipped roles are for. */
export const CONTROLLER = { namespace: "metallb-system", name: "controller" } as const;
export const SPEAKER = { namespace: "metallb-system", name: "speaker" } as const;

/** The `ingot` command, as `npx ingot` runs it. */
export const INGOT: string = fileURLToPath(
  new URL("../../packages/k8s-adapter/bin/ingot.js", import.meta.url),
);

/** The kustomize base that is shipped. */
export const DEPLOY: string = fileURLToPath(
  new URL("../../packages/k8s-adapter/deploy", import.meta.url),
);

/** Starts a controller, beside the API server or elsewhere, and returns when it is ready. */
export function startController(
  cluster: Cluster,
  name = "controller",
  netns: LabNamespace = cluster.controlPlane,
): Promise<LabProcess> {
  return start(cluster, netns, name, [
    "controller",
    ...["--kubeconfig", cluster.kubeconfig(CONTROLLER)],
  ]);
}

/** Starts the speaker of a node, and returns when it is ready. */
export function startSpeaker(
  cluster: Cluster,
  node: ClusterNode,
  flags: readonly string[] = [],
): Promise<LabProcess> {
  return start(cluster, node.netns, `speaker-${node.name}`, [
    ...["speaker", "--node-name", node.name],
    ...["--kubeconfig", cluster.kubeconfig(SPEAKER)],
    ...flags,
  ]);
}

/** What one of the programs' HTTP ports says; an HTTP error is an error here too. */
export async function fetchInside(netns: LabNamespace, url: string): Promise<string> {
  const args = ["--silent", "--show-error", "--fail-with-body", "--max-time", "2", url];
  return (await netns.exec("curl", args)).stdout;
}

/** The hardware address that the client's kernel finds for an address now, or `undefined`. */
export async function resolveMac(cluster: Cluster, address: string): Promise<string | undefined> {
  const { netns } = cluster.client;
  await netns.exec("ip", ["neighbour", "flush", "to", address], { allowFailure: true });
  const { stdout } = await netns.exec(
    "arping",
    ["-c", "1", "-w", "1", "-r", "-i", "eth0", address],
    { allowFailure: true },
  );
  return /[0-9a-f:]{17}/.exec(stdout)?.[0];
}

/** The address that a Service's status names first. */
export function addressOf(cluster: Cluster, name: string, namespace = "default"): Promise<string> {
  return until(async () => (await ingressOf(cluster, name, namespace))[0], {
    timeoutMs: 10_000,
    intervalMs: 20,
    what: `an address in the status of ${namespace}/${name}`,
  });
}

/** The addresses in a Service's status. */
export async function ingressOf(
  cluster: Cluster,
  name: string,
  namespace = "default",
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/services/${name}`;
  const service = await cluster.api.get<ServiceObject>(path);
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

interface ServiceObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] };
  };
}

function start(
  cluster: Cluster,
  netns: LabNamespace,
  name: string,
  args: readonly string[],
): Promise<LabProcess> {
  return launch(netns, {
    name,
    directory: cluster.lab.directory,
    command: process.execPath,
    args: [INGOT, ...args, "--namespace", "metallb-system", "--log-level", "debug"],
    ready: () => fetchInside(netns, "http://127.0.0.1:17472/readyz"),
    timeoutMs: 20_000,
  });
}

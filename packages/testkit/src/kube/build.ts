import type { Lab } from "../lab/lab.ts";
import { nodePod, routerPod } from "./addresses.ts";
import { allDone } from "./all-done.ts";
import type { Api } from "./api.ts";
import { type Backend, startBackend } from "./backend-process.ts";
import { ControlPlane } from "./control-plane.ts";
import type { Identities } from "./identities.ts";
import { Kubeconfigs } from "./kubeconfig.ts";
import { ClusterNode, registerNode, startKubeProxy } from "./node.ts";
import { type Host, Topology } from "./topology.ts";

/** Everything a cluster is made of. */
export interface ClusterParts {
  readonly lab: Lab;
  readonly topology: Topology;
  readonly plane: ControlPlane;
  readonly kubeconfigs: Kubeconfigs;
  readonly api: Api;
  readonly nodes: readonly ClusterNode[];
  readonly client: Host;
  readonly router: Host;
  readonly routerBackend: Backend;
}

/**
 * Builds a cluster in an empty lab. Everything that can go on at the same time does: the API server
 * takes longest, and the hosts are made meanwhile.
 *
 * @throws {Error} when something does not start; nothing goes on in the lab any more then.
 */
export async function buildCluster(
  lab: Lab,
  nodeCount: number,
  identities: Identities,
  kubeProxy: boolean,
): Promise<ClusterParts> {
  const { directory } = lab;
  const topology = await Topology.create(lab);
  const [plane, hosts] = await allDone(
    ControlPlane.start(topology.controlPlane, directory, identities),
    buildHosts(lab, topology, nodeCount),
  );
  const kubeconfigs = new Kubeconfigs(directory, identities);
  kubeconfigs.write(plane.certificate);
  const api = plane.api("admin");
  const kubeProxyConfig = kubeconfigs.path("kube-proxy");
  await allDone(
    ...hosts.nodes.map(async (node, index) => {
      await registerNode(api, index + 1);
      if (kubeProxy) await startKubeProxy(node, kubeProxyConfig, directory);
    }),
  );
  return { lab, topology, plane, kubeconfigs, api, ...hosts };
}

type Hosts = Pick<ClusterParts, "nodes" | "client" | "router" | "routerBackend">;

async function buildHosts(lab: Lab, topology: Topology, nodeCount: number): Promise<Hosts> {
  const numbers = Array.from({ length: nodeCount }, (_, index) => index + 1);
  const [client, [router, routerBackend], ...nodes] = await allDone(
    topology.addClient(),
    topology.addRouter(nodeCount).then(async (host): Promise<[Host, Backend]> => {
      return [host, await startBackend(host.netns, routerPod, lab.directory)];
    }),
    ...numbers.map(async (number) => {
      const host = await topology.addNode(number, nodeCount);
      const pod = await startBackend(host.netns, nodePod(number), lab.directory);
      const backend = { ...pod, nodeName: host.name };
      return new ClusterNode(number, host, backend, topology.switch);
    }),
  );
  return { client, router, routerBackend, nodes };
}

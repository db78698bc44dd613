import { fileURLToPath } from "node:url";
import {
  Bird,
  Cluster,
  type ClusterNode,
  type LabNamespace,
  type LabProcess,
  launch,
} from "@ingot/testkit";
import { shippedIngot } from "../shipped.ts";

/** The identities that the shipped roles are for. */
const CONTROLLER = { namespace: "metallb-system", name: "controller" } as const;
const SPEAKER = { namespace: "metallb-system", name: "speaker" } as const;

/** A cluster with Ingot installed, none of it started, and BIRD as the LAN's router. */
export class ServiceLab {
  readonly cluster: Cluster;
  readonly bird: Bird;

  private constructor(cluster: Cluster, bird: Bird) {
    this.cluster = cluster;
    this.bird = bird;
  }

  /** @throws {Error} when something does not start. */
  static async create(): Promise<ServiceLab> {
    const cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER] });
    try {
      await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
      const bird = await Bird.start(cluster.router.netns, {
        directory: cluster.lab.directory,
        name: "bird",
        config: routerConfig(cluster),
      });
      await cluster.apply(configuration(cluster));
      return new ServiceLab(cluster, bird);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Starts the controller; returns at once, or when it is ready. */
  startController(): Promise<LabProcess> {
    const { cluster } = this;
    return this.#start(cluster.controlPlane, "controller", [
      ...["controller", "--kubeconfig", cluster.kubeconfig(CONTROLLER)],
    ]);
  }

  startSpeaker(node: ClusterNode): Promise<LabProcess> {
    return this.#start(node.netns, `speaker-${node.name}`, [
      ...["speaker", "--node-name", node.name, "--kubeconfig", this.cluster.kubeconfig(SPEAKER)],
    ]);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  #start(netns: LabNamespace, name: string, args: readonly string[]): Promise<LabProcess> {
    return launch(netns, {
      name,
      directory: this.cluster.lab.directory,
      command: process.execPath,
      args: [shippedIngot(), ...args, "--namespace", "metallb-system", "--log-level", "warn"],
      ready: () => netns.exec("curl", ["-sf", "--max-time", "1", "http://127.0.0.1:17472/readyz"]),
      timeoutMs: 30_000,
    });
  }
}

const DEPLOY = fileURLToPath(new URL("../../../packages/k8s-adapter/deploy", import.meta.url));

function routerConfig({ router, nodes }: Cluster): string {
  const sessions = nodes.map(
    ({ name, ipv4 }) => `protocol bgp ${name} {
  local ${router.ipv4} as 64513; neighbor ${ipv4} as 64512; passive;
  ipv4 { import all; export none; };
}`,
  );
  return `log stderr all; router id ${router.ipv4};
protocol device {}
${sessions.join("\n")}
`;
}

function configuration({ router }: Cluster): string {
  return `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: routed, namespace: metallb-system }
spec: { addresses: [198.18.0.0/16] }
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: { name: routed, namespace: metallb-system }
---
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: { name: router, namespace: metallb-system }
spec: { myASN: 64512, peerASN: 64513, peerAddress: ${router.ipv4} }
`;
}

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  Bird,
  Cluster,
  type ClusterNode,
  type LabNamespace,
  type LabProcess,
  launch,
} from "@ingot/testkit";
import { type CommandLine, type Driver, programDriver } from "../failover/driver.ts";
import { shippedIngot } from "../shipped.ts";

const NAMESPACE = "metallb-system";

/** The identities that the shipped roles are for. */
const CONTROLLER = { namespace: NAMESPACE, name: "controller" } as const;
const SPEAKER = { namespace: NAMESPACE, name: "speaker" } as const;

/** What runs in the lab. */
type Product = Pick<Driver, "install" | "speaker" | "ready"> & { readonly controller: CommandLine };

/** A cluster with a product installed, none of it started, and BIRD as the LAN's router. */
export class ServiceLab {
  readonly cluster: Cluster;
  readonly bird: Bird;
  readonly #product: Product;

  private constructor(cluster: Cluster, bird: Bird, product: Product) {
    this.cluster = cluster;
    this.bird = bird;
    this.#product = product;
  }

  /**
   * @param program Stands for another product, as in the failover benchmark.
   * @throws {Error} when something does not start.
   */
  static async create(program?: string): Promise<ServiceLab> {
    const cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER] });
    try {
      const product = program === undefined ? ingot(cluster) : other(cluster, program);
      await product.install();
      const bird = await Bird.start(cluster.router.netns, {
        directory: cluster.lab.directory,
        name: BIRD,
        config: routerConfig(cluster),
      });
      await cluster.apply(configuration(cluster));
      return new ServiceLab(cluster, bird, product);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Starts the controller; returns at once, or when it is ready if that can be told. */
  startController(): Promise<LabProcess> {
    const { cluster } = this;
    const { controller } = this.#product;
    return this.#start(cluster.controlPlane, "controller", controller, () => true);
  }

  /** Starts a speaker; returns when it serves. */
  startSpeaker(node: ClusterNode): Promise<LabProcess> {
    const line = this.#product.speaker(node);
    return this.#start(node.netns, `speaker-${node.name}`, line, () => this.#product.ready(node));
  }

  /** What BIRD has logged until now. */
  routerLog(): string {
    return readFileSync(`${this.cluster.lab.directory}/${BIRD}.log`, "utf8");
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  #start(netns: LabNamespace, name: string, line: CommandLine, ready: () => unknown) {
    const { directory } = this.cluster.lab;
    return launch(netns, { name, directory, ...line, ready, timeoutMs: 30_000 });
  }
}

const BIRD = "bird";

/** As it is shipped. */
function ingot(cluster: Cluster): Product {
  const line = (...args: readonly string[]): CommandLine => ({
    command: process.execPath,
    args: [shippedIngot(), ...args, "--namespace", NAMESPACE, "--log-level", "warn"],
  });
  return {
    install: async () => {
      await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    },
    controller: line("controller", "--kubeconfig", cluster.kubeconfig(CONTROLLER)),
    speaker: ({ name }) =>
      line("speaker", "--node-name", name, "--kubeconfig", cluster.kubeconfig(SPEAKER)),
    ready: ({ netns }) =>
      netns.exec("curl", ["-sf", "--max-time", "1", "http://127.0.0.1:17472/readyz"]),
  };
}

/** Another, without what it has installed to announce on layer 2. */
function other(cluster: Cluster, program: string): Product {
  const driver = programDriver(cluster, program);
  const { controller } = driver;
  if (controller === undefined) throw new Error(`${program} has no controller`);
  const remove = (kind: string) =>
    cluster.kubectl(["delete", kind, "--all", "--namespace", NAMESPACE]);
  return {
    ...driver,
    controller,
    install: async () => {
      await driver.install();
      await remove("l2advertisements");
      await remove("ipaddresspools");
    },
  };
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
timeformat log iso long us;
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

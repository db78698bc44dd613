import { readFileSync } from "node:fs";
import {
  Bird,
  Cluster,
  type ClusterNode,
  type LabNamespace,
  type LabProcess,
  launch,
} from "@ingot/testkit";
import {
  ACCOUNTS,
  type CommandLine,
  type Driver,
  ingotDriver,
  programDriver,
} from "../failover/driver.ts";

/** What runs in the lab. */
type Product = Pick<Driver, "speaker" | "ready"> & { readonly controller: CommandLine };

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
    const cluster = await Cluster.start({ nodes: 3, serviceAccounts: ACCOUNTS });
    try {
      const product = await install(cluster, program);
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

  /** Starts the controller; returns at once. */
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

/** Ingot as it is shipped, or another, without what that announces on layer 2. */
async function install(cluster: Cluster, program: string | undefined): Promise<Product> {
  const driver =
    program === undefined ? ingotDriver(cluster, QUIETLY) : programDriver(cluster, program);
  const { controller } = driver;
  if (controller === undefined) throw new Error(`${driver.name} has no controller`);
  await driver.install();
  for (const kind of ["l2advertisements", "ipaddresspools"]) {
    await cluster.kubectl(["delete", kind, "--all", "--namespace", NAMESPACE]);
  }
  return { ...driver, controller };
}

const NAMESPACE = "metallb-system";
const QUIETLY = ["--log-level", "warn"] as const;

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

import type { Lab } from "../lab/lab.ts";
import type { LabNamespace } from "../lab/namespace.ts";
import {
  apiServerAddress,
  clientAddresses,
  type HostAddresses,
  hostAddresses,
  managementAddress,
  nodeAddresses,
  nodePod,
  type PodAddresses,
  routerAddresses,
  routerPod,
} from "./addresses.ts";

/** A host on the LAN: its namespace and its addresses. */
export interface Host extends HostAddresses {
  readonly netns: LabNamespace;
}

/** Two switches and who is plugged in: the hosts have no cable to each other but these. */
export class Topology {
  readonly #lab: Lab;
  /** Holds the bridges `lan` and `mg`, and on them one port a host: `lan-n1`, `mg-n1`. */
  readonly switch: LabNamespace;
  readonly controlPlane: LabNamespace;

  private constructor(lab: Lab, sw: LabNamespace, controlPlane: LabNamespace) {
    this.#lab = lab;
    this.switch = sw;
    this.controlPlane = controlPlane;
  }

  /** Makes the switches and `cp`, the host of the control plane, which is on `mg` alone. */
  static async create(lab: Lab): Promise<Topology> {
    const [sw, controlPlane] = await Promise.all([lab.namespace("sw"), lab.namespace("cp")]);
    await Promise.all([lab.bridge(sw, "lan"), lab.bridge(sw, "mg")]);
    const topology = new Topology(lab, sw, controlPlane);
    await topology.#plugIntoManagement(controlPlane, apiServerAddress);
    return topology;
  }

  /** Adds `c1`, which sends everything that is not for the LAN to the router. */
  async addClient(): Promise<Host> {
    const client = await this.#host(clientAddresses);
    await client.netns.ip(defaultRoutes);
    return client;
  }

  /** Adds a host that is nothing but on the LAN. */
  addHost(name: string, number: number): Promise<Host> {
    return this.#host(hostAddresses(name, number));
  }

  /** Adds `r1`, which routes, carries a pod, and knows the way to the pods of `nodes` nodes. */
  async addRouter(nodes: number): Promise<Host> {
    const router = await this.#host(routerAddresses);
    await forward(router.netns);
    await router.netns.ip([...podOnLoopback(routerPod), ...routesToPods(nodes)]);
    return router;
  }

  /** Adds node `number` of `nodes`, which routes, carries a pod, and knows the way to all others. */
  async addNode(number: number, nodes: number): Promise<Host> {
    const node = await this.#host(nodeAddresses(number));
    await this.#plugIntoManagement(node.netns, managementAddress(number));
    await forward(node.netns);
    await node.netns.ip([
      ...podOnLoopback(nodePod(number)),
      ...routesToPods(nodes, number),
      ...routesToPod(routerPod, routerAddresses),
      ...defaultRoutes,
    ]);
    return node;
  }

  async #host(addresses: HostAddresses): Promise<Host> {
    const { name, mac, ipv4, ipv6 } = addresses;
    const netns = await this.#lab.namespace(name);
    await this.#lab.link(
      { ns: netns, name: "eth0", mac, addresses: [`${ipv4}/24`, `${ipv6}/64`] },
      { ns: this.switch, name: `lan-${name}`, bridge: "lan" },
    );
    return { ...addresses, netns };
  }

  async #plugIntoManagement(netns: LabNamespace, address: string): Promise<void> {
    await this.#lab.link(
      { ns: netns, name: "mgmt", addresses: [`${address}/24`] },
      { ns: this.switch, name: `mg-${netns.name}`, bridge: "mg" },
    );
  }
}

const defaultRoutes = [
  `route add default via ${routerAddresses.ipv4}`,
  `route add default via ${routerAddresses.ipv6}`,
];

function podOnLoopback({ ipv4, ipv6 }: PodAddresses): readonly string[] {
  return [`address add ${ipv4}/32 dev lo`, `address add ${ipv6}/128 dev lo`];
}

function routesToPods(nodes: number, except?: number): readonly string[] {
  return Array.from({ length: nodes }, (_, index) => index + 1)
    .filter((number) => number !== except)
    .flatMap((number) => routesToPod(nodePod(number), nodeAddresses(number)));
}

function routesToPod(pod: PodAddresses, host: HostAddresses): readonly string[] {
  return [
    `route add ${pod.ipv4}/32 via ${host.ipv4}`,
    `route add ${pod.ipv6}/128 via ${host.ipv6}`,
  ];
}

async function forward(netns: LabNamespace): Promise<void> {
  await Promise.all([
    netns.sysctl("net.ipv4.ip_forward", 1),
    netns.sysctl("net.ipv6.conf.all.forwarding", 1),
    // Who sends by way of the router is to go on doing so, though the LAN has a shorter road.
    netns.sysctl("net.ipv4.conf.all.send_redirects", 0),
    netns.sysctl("net.ipv4.conf.eth0.send_redirects", 0),
  ]);
}

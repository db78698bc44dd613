import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Lab, LabNamespace, LabProcess } from "@ingot/testkit";
import { POOL, ROUTED, ROUTER } from "./manifests.ts";

/** A node of the quick start's cluster. */
export interface QuickNode {
  readonly name: string;
  readonly ns: LabNamespace;
  readonly mac: string;
  /** On the LAN. */
  readonly address: string;
  /** Address of its backend. */
  readonly backend: string;
}

/** The LAN of the quick start: a switch, three nodes, a router and a client. */
export interface QuickLan {
  readonly lab: Lab;
  readonly switch: LabNamespace;
  readonly nodes: readonly QuickNode[];
  readonly router: LabNamespace;
  readonly client: LabNamespace;
}

/** Builds the LAN and starts what every node runs besides Ingot. */
export async function buildLan(lab: Lab): Promise<QuickLan> {
  const sw = await lab.namespace("sw");
  await lab.bridge(sw, "lan");
  const client = await lab.namespace("client");
  await plug(lab, sw, client, "client", "02:77:00:00:00:64", "10.77.0.100/24");
  const router = await buildRouter(lab, sw);
  const nodes = await Promise.all([1, 2, 3].map((number) => buildNode(lab, sw, number)));
  const backends = nodes.map(({ backend }) => backend).join(",");
  await Promise.all(nodes.map((node) => startNode(lab, node, nodes, backends)));
  return { lab, switch: sw, nodes, router, client };
}

async function buildRouter(lab: Lab, sw: LabNamespace): Promise<LabNamespace> {
  const router = await lab.namespace("router");
  await plug(lab, sw, router, "router", "02:77:00:00:00:fe", `${ROUTER.address}/24`);
  await router.sysctl("net.ipv4.ip_forward", 1);
  // Which node a connection goes to depends on its ports; and nobody is told of a shorter way.
  await router.sysctl("net.ipv4.fib_multipath_hash_policy", 1);
  await router.sysctl("net.ipv4.conf.all.send_redirects", 0);
  await router.sysctl("net.ipv4.conf.eth0.send_redirects", 0);
  return router;
}

/** Starts a program of the quick start, its log in the lab's folder. */
export function startProgram(
  lab: Lab,
  ns: LabNamespace,
  log: string,
  script: string,
  args: readonly string[],
  onLine?: (line: string) => void,
): LabProcess {
  return ns.spawn(process.execPath, [script, ...args], {
    logFile: join(lab.directory, `${log}.log`),
    ...(onLine === undefined ? {} : { onLine }),
  });
}

/** Path of a compiled program that lies beside this file. */
export function programPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function buildNode(lab: Lab, sw: LabNamespace, number: number): Promise<QuickNode> {
  const name = `n${number}`;
  const ns = await lab.namespace(name);
  const mac = `02:77:00:00:00:0${number}`;
  const backend = `10.244.${number}.10`;
  const address = `10.77.0.1${number}`;
  await plug(lab, sw, ns, name, mac, `${address}/24`);
  await ns.addAddress("lo", `${backend}/32`);
  await ns.sysctl("net.ipv4.ip_forward", 1);
  // Packets for the Service's addresses are the node's own, as kube-proxy's rules make them; and as
  // with kube-proxy the kernel does not answer ARP for them.
  await ns.sysctl("net.ipv4.conf.all.arp_ignore", 1);
  await ns.ip(SERVED.map((vip) => `route add local ${vip} dev lo`));
  return { name, ns, mac, address, backend };
}

async function startNode(
  lab: Lab,
  node: QuickNode,
  nodes: readonly QuickNode[],
  backends: string,
): Promise<void> {
  for (const other of nodes) {
    if (other === node) continue;
    await node.ns.addRoute(`${other.backend}/32`, { via: other.address });
  }
  const args = [node.name, node.backend, SERVED.join(","), backends];
  const program = programPath("node-program.js");
  await startProgram(lab, node.ns, `${node.name}-backend`, program, args).waitForLine(
    /ready/,
    10_000,
  );
}

const SERVED: readonly string[] = [...POOL.addresses, ...ROUTED.addresses];

async function plug(
  lab: Lab,
  sw: LabNamespace,
  ns: LabNamespace,
  port: string,
  mac: string,
  address: string,
): Promise<void> {
  await lab.link(
    { ns: sw, name: port, bridge: "lan" },
    { ns, name: "eth0", mac, addresses: [address] },
  );
}

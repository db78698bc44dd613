import {
  Cluster,
  type ClusterNode,
  type Host,
  type LabNamespace,
  type LabProcess,
  until,
} from "@ingot/testkit";
import { type CProgram, compile } from "../arp/compile.ts";
import { findMeans, type Means, placed } from "../arp/placement.ts";
import { ACCOUNTS, type CommandLine, type Driver } from "./driver.ts";
import { ASK_INTERVAL_MS } from "./phase.ts";
import { Recording } from "./recording.ts";

/** The addresses of a Service. */
export interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

/**
 * A cluster with a product in it, a pod on each node, a client, and an observer on the LAN whose requests
 * the client's kernel does not hear.
 *
 * The traffic policy of Services is Local: a node that has the address sends everything to its own pod, so
 * that an answer tells which node that is.
 */
export class FailoverLab {
  readonly cluster: Cluster;
  readonly observer: Host;
  readonly means: Means;
  readonly #driver: Driver;
  readonly #programs: Readonly<Record<Compiled, string>>;
  readonly #speakers = new Map<ClusterNode, LabProcess>();
  #starts = 0;

  private constructor(
    cluster: Cluster,
    observer: Host,
    means: Means,
    driver: Driver,
    programs: Readonly<Record<Compiled, string>>,
  ) {
    this.cluster = cluster;
    this.observer = observer;
    this.means = means;
    this.#driver = driver;
    this.#programs = programs;
  }

  /** Starts everything. @throws {Error} when something does not start; nothing is left then. */
  static async create(nodes: number, driverOf: (cluster: Cluster) => Driver): Promise<FailoverLab> {
    const cluster = await Cluster.start({ nodes, serviceAccounts: ACCOUNTS });
    try {
      const { directory } = cluster.lab;
      const programs = {
        "failover-client": await compile("failover-client", directory),
        "failover-pod": await compile("failover-pod", directory),
        "hello-flood": await compile("hello-flood", directory),
        "neighbour-watcher": await compile("neighbour-watcher", directory),
      };
      const means = await findMeans(cluster.client.netns);
      const observer = await cluster.addHost("w1", OBSERVER);
      const driver = driverOf(cluster);
      const lab = new FailoverLab(
        cluster,
        observer,
        { ...means, cpus: undefined },
        driver,
        programs,
      );
      await driver.install();
      await lab.#startPods();
      if (driver.controller !== undefined) {
        lab.#spawn(cluster.controlPlane, "controller", driver.controller);
      }
      await Promise.all(cluster.nodes.map((node) => lab.startSpeaker(node)));
      return lab;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The nodes' names by hardware address. */
  get names(): ReadonlyMap<string, string> {
    return new Map(this.cluster.nodes.map(({ mac, name }) => [mac, name]));
  }

  /** @throws {Error} when there is no such node. */
  node(name: string): ClusterNode {
    const found = this.cluster.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  }

  /** The running speaker of a node. @throws {Error} when there is none. */
  speaker(node: ClusterNode): LabProcess {
    const process = this.#speakers.get(node);
    if (process === undefined) throw new Error(`no speaker on ${node.name}`);
    return process;
  }

  /** Starts the speaker of a node; returns when it serves. */
  async startSpeaker(node: ClusterNode): Promise<void> {
    const speaker = this.#spawn(node.netns, `speaker-${node.name}`, this.#driver.speaker(node));
    this.#speakers.set(node, speaker);
    try {
      await until(
        async () => {
          if (!speaker.running) return true;
          await this.#driver.ready(node);
          return true;
        },
        { timeoutMs: READY_MS, what: `the speaker of ${node.name} to serve` },
      );
      if (speaker.running) return;
      throw new Error(`the speaker of ${node.name} has ended`);
    } catch (error) {
      const said = speaker.lines.slice(-LINES_SHOWN).join("\n");
      throw new Error(`${error instanceof Error ? error.message : error}\nit said:\n${said}`);
    }
  }

  /** A command that the product does not have is an error. */
  async plan(what: "move" | "evacuate" | "restore", node: ClusterNode): Promise<void> {
    if (what === "move") await this.#driver.move("default/probed", node);
    else await this.#driver.evacuate(node, what === "restore");
  }

  /** Creates dual-stack Services, and returns their addresses once every node's kube-proxy has them. */
  async services(names: readonly string[]): Promise<readonly Addresses[]> {
    const { cluster } = this;
    const backends = cluster.nodes.map(({ backend }) => backend);
    const ports = (["TCP", "UDP"] as const).map((protocol) => {
      return { name: protocol.toLowerCase(), protocol, port: PORT, targetPort: POD_PORT };
    });
    for (const name of names) {
      const spec = { externalTrafficPolicy: "Local" };
      await cluster.service({ name, backends, ports, families: ["IPv4", "IPv6"], spec });
    }
    const addresses = await Promise.all(names.map((name) => this.#addressesOf(name)));
    const last = addresses.at(-1);
    if (last === undefined) return [];
    for (const { netns, name } of cluster.nodes) {
      await until(
        async () => {
          const { stdout } = await netns.exec("nft", ["list", "ruleset"]);
          return stdout.includes(last.ipv4) && stdout.includes(last.ipv6);
        },
        { timeoutMs: 60_000, intervalMs: 250, what: `the rules of ${name}'s kube-proxy` },
      );
    }
    return addresses;
  }

  /** Starts the client; it is ready once it is served. */
  client(address: string): Recording {
    const numbers = [PORT, DATAGRAM_US, CONNECT_US].map(String);
    const line = this.#measuring("failover-client", [address, ...numbers]);
    return Recording.start(this.cluster.client.netns, line);
  }

  /** Starts to ask for an address from the observer; it is ready once somebody has answered. */
  watcher(address: string): Recording {
    const sender = address.includes(":") ? this.observer.ipv6 : this.observer.ipv4;
    const args = ["eth0", address, sender, String(ASK_INTERVAL_MS * 1_000)];
    return Recording.start(this.observer.netns, this.#measuring("neighbour-watcher", args));
  }

  /** Starts to flood the LAN with hellos that are none, for so long. */
  flood(seconds: number, perSecond: number): LabProcess {
    const args = ["eth0", ...[seconds, perSecond].map(String)];
    const [command = "", ...rest] = this.#measuring("hello-flood", args);
    return this.observer.netns.spawn(command, rest);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  async #startPods(): Promise<void> {
    for (const { netns, name, backend } of this.cluster.nodes) {
      const args = [name, String(POD_PORT), backend.ipv4, backend.ipv6];
      const [command = "", ...rest] = this.#measuring("failover-pod", args);
      await netns.spawn(command, rest).waitForLine(/^ready$/, START_MS);
    }
  }

  async #addressesOf(name: string): Promise<Addresses> {
    const path = `/api/v1/namespaces/default/services/${name}`;
    const ingress = await until(
      async () => {
        const { status } = await this.cluster.api.get<ServiceObject>(path);
        const all = status.loadBalancer.ingress?.map(({ ip }) => ip) ?? [];
        return all.length === 2 ? all : undefined;
      },
      { timeoutMs: 60_000, what: `addresses of ${name}` },
    );
    const [ipv4 = "", ipv6 = ""] = [...ingress].sort();
    return { ipv4, ipv6 };
  }

  /** What measures is not to wait for what is measured. */
  #measuring(program: Compiled, args: readonly string[]): readonly string[] {
    return placed(this.means, "generator", [this.#programs[program], ...args]);
  }

  #spawn(netns: LabNamespace, name: string, { command, args }: CommandLine): LabProcess {
    this.#starts += 1;
    const logFile = `${this.cluster.lab.directory}/${name}-${this.#starts}.log`;
    return netns.spawn(command, args, { logFile });
  }
}

type Compiled = Extract<
  CProgram,
  "failover-client" | "failover-pod" | "hello-flood" | "neighbour-watcher"
>;

interface ServiceObject {
  readonly apiVersion: string;
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] };
  };
}

/** Of the observer: 10.77.0.9. */
const OBSERVER = 9;
const PORT = 9_000;
const POD_PORT = 9_090;
const DATAGRAM_US = 1_000;
const CONNECT_US = 5_000;
const START_MS = 10_000;
const READY_MS = 30_000;
const LINES_SHOWN = 20;

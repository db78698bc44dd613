import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { expect } from "vitest";
import { INGOT } from "../support/ingot.ts";
import { DUAL_STACK, serviceManifest } from "../support/manifests.ts";

/** Their speakers have the same names. */
export const NODES = ["n1", "n2", "n3"] as const;
/** The addresses of the Service, of which its pool has no others. */
export const VIPS = ["10.77.0.64", "fd77::64"] as const;

const ECHO = fileURLToPath(new URL("./ownership-echo.mjs", import.meta.url));
const CLIENT = fileURLToPath(new URL("./ownership-client.mjs", import.meta.url));

/** What a client saw of one address in one round. */
export interface Seen {
  readonly sent: number;
  readonly lost: number;
  readonly longestMs: number;
  readonly nodes: readonly string[];
}

/** How {@link OwnershipLab.create} sets its programs up. */
export interface OwnershipLabOptions {
  /** Flags of the controller and of all speakers. */
  readonly flags?: readonly string[];
  /** Flags of the speakers alone. */
  readonly speakerFlags?: readonly string[];
  /** Done to the namespace of each node before its speaker starts. */
  readonly prepare?: (node: LabNamespace) => Promise<void>;
}

/**
 * Three nodes on one LAN, with a speaker and a pod of a dual-stack Service each, a controller that reads a
 * folder, and a client that probes both addresses every millisecond.
 */
export class OwnershipLab {
  readonly lab: Lab;
  readonly lan: LabNamespace;
  readonly hosts = new Map<string, LabNamespace>();
  readonly #options: OwnershipLabOptions;
  readonly #speakers = new Map<string, LabProcess>();
  #client: LabProcess | undefined;
  #rounds = 0;

  private constructor(lab: Lab, lan: LabNamespace, options: OwnershipLabOptions) {
    this.lab = lab;
    this.lan = lan;
    this.#options = options;
  }

  /** Resolves when every probe is answered. @throws {Error} when something does not come up. */
  static async create(options: OwnershipLabOptions = {}): Promise<OwnershipLab> {
    const lab = await Lab.create();
    try {
      const whole = new OwnershipLab(lab, await lab.namespace("lan"), options);
      await whole.#build();
      return whole;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  /** Adds a host to the LAN. */
  async host(name: string, number: number): Promise<LabNamespace> {
    const ns = await this.lab.namespace(name);
    const addresses = addressesOf(number);
    await ns.sysctl("net.ipv6.conf.default.accept_dad", 0);
    await this.lab.link({ ns, name: "eth0", addresses }, { ns: this.lan, name, bridge: "br0" });
    return ns;
  }

  /** Starts the speaker of a node. */
  start(name: string): void {
    const { flags = [], speakerFlags = [] } = this.#options;
    const args = ["speaker", "--node-name", name, "--manifests", this.#folder];
    const state = ["--state-dir", this.stateOf(name)];
    const all = [INGOT, ...args, ...state, ...flags, ...speakerFlags];
    this.#speakers.set(name, this.node(name).spawn(process.execPath, all));
  }

  node(name: string): LabNamespace {
    return this.hosts.get(name) as LabNamespace;
  }

  speaker(name: string): LabProcess {
    return this.#speakers.get(name) as LabProcess;
  }

  /** Where the speaker of a node keeps what it knows. */
  stateOf(name: string): string {
    return join(this.lab.directory, `${name}-state`);
  }

  /** Resolves when one speaker says that it hears another. */
  live(by: string, other: string): Promise<string> {
    return this.speaker(by).waitForLine(
      new RegExp(`"node":"${other}",.*"speaker is live"`),
      20_000,
    );
  }

  /** What became of the probes since the round before, by address. */
  async round(): Promise<Readonly<Record<string, Seen>>> {
    const client = this.#client as LabProcess;
    this.#rounds += 1;
    client.kill("SIGUSR2");
    const line = await client.waitForLine(new RegExp(`^round ${this.#rounds} `), 5_000);
    return JSON.parse(line.slice(line.indexOf("{"))) as Readonly<Record<string, Seen>>;
  }

  /** The one node that answers for both addresses. */
  async owner(): Promise<string> {
    const names = new Set(Object.values(await this.round()).flatMap(({ nodes }) => nodes));
    expect(names.size).toBe(1);
    return [...names][0] ?? "";
  }

  /** Waits until one node alone answers that is not this one; `gaps` takes the longest times without. */
  async otherThan(name: string, gaps: number[] = []): Promise<string> {
    await until(
      async () =>
        Object.values(await this.round()).every(({ nodes, longestMs }) => {
          gaps.push(longestMs);
          return nodes.length === 1 && nodes[0] !== name;
        }),
      { timeoutMs: 5_000, what: `another node than ${name} to answer alone` },
    );
    return this.owner();
  }

  /** Lines of all speakers that say who answers. */
  turns(): readonly string[] {
    return [...this.#speakers.values()].flatMap(({ lines }) =>
      lines.filter((line) => /answering"/.test(line)),
    );
  }

  get #folder(): string {
    return join(this.lab.directory, "manifests");
  }

  async #build(): Promise<void> {
    await this.lab.bridge(this.lan, "br0");
    mkdirSync(this.#folder);
    writeFileSync(join(this.#folder, "all.yaml"), MANIFESTS);
    this.lan.spawn(process.execPath, [
      ...[INGOT, "controller", "--manifests", this.#folder, ...(this.#options.flags ?? [])],
      ...["--port", "0", "--health-probe-port", "0"],
    ]);
    for (const [i, name] of NODES.entries()) await this.#addNode(name, FIRST_NODE + i);
    for (const name of NODES) {
      for (const other of NODES.filter((node) => node !== name)) await this.live(name, other);
    }
    this.#client = (await this.host("client", 100)).spawn(process.execPath, [CLIENT, ...VIPS]);
    await this.#client.waitForLine(/^ready$/, 10_000);
    await until(async () => Object.values(await this.round()).every(({ lost }) => lost === 0), {
      timeoutMs: 20_000,
      what: "every probe to be answered",
    });
  }

  async #addNode(name: string, number: number): Promise<void> {
    const ns = await this.host(name, number);
    this.hosts.set(name, ns);
    await ns.ip(VIPS.map((address) => `address add ${address} dev lo`));
    await ns.sysctl("net.ipv4.conf.all.arp_ignore", 1);
    await ns.sysctl("net.ipv4.conf.all.arp_announce", 2);
    await this.#options.prepare?.(ns);
    for (const address of VIPS) {
      const echo = ns.spawn(process.execPath, [ECHO, name, address]);
      await echo.waitForLine(/ready/, 10_000);
    }
    this.start(name);
  }
}

const FIRST_NODE = 10;

function addressesOf(number: number): readonly [string, string] {
  return [`10.77.0.${number}/24`, `fd77::${number}/64`];
}

const MANIFESTS = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan }
spec: { addresses: ["${VIPS[0]}/32", "${VIPS[1]}/128"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all }
---${serviceManifest("web", { spec: DUAL_STACK })}${NODES.map(nodeManifest).join("")}`;

function nodeManifest(name: string, i: number): string {
  const addresses = addressesOf(FIRST_NODE + i).map(
    (cidr) => `{ type: InternalIP, address: "${cidr.slice(0, cidr.indexOf("/"))}" }`,
  );
  return `---
apiVersion: v1
kind: Node
metadata: { name: ${name} }
status: { addresses: [${addresses.join(", ")}] }
`;
}

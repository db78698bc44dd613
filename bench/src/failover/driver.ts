import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cluster, type ClusterNode, type LabNamespace, testbedBinary } from "@ingot/testkit";
import { shippedIngot } from "../shipped.ts";

/** A program with its arguments. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * The product that stands in the lab. Controller and speakers are programs that the lab runs and ends;
 * all else is done by programs that end by themselves.
 */
export interface Driver {
  readonly name: string;
  /** Installs what the API server has to know, addresses of `POOL` to be announced on layer 2 included. */
  install(): Promise<void>;
  /** Runs beside the API server until it is told to end; undefined: there is none. */
  readonly controller: CommandLine | undefined;
  /** Runs on a node until it is told to end. */
  speaker(node: ClusterNode): CommandLine;
  /** Throws as long as the speaker of a node does not serve. */
  ready(node: ClusterNode): Promise<unknown>;
  /** Plans that another node has the Service. @throws {Error} when that cannot be done. */
  move(service: string, node: ClusterNode): Promise<void>;
  /** Plans that a node has nothing, and undoes that. @throws {Error} when that cannot be done. */
  evacuate(node: ClusterNode, undo: boolean): Promise<void>;
}

/** Where addresses come from: of the LAN, in both families. */
export const POOL = ["10.77.0.100-10.77.0.254", "fd77::100-fd77::1ff"] as const;

/** The identities that the shipped roles are for. */
export const ACCOUNTS = [
  { namespace: "metallb-system", name: "controller" },
  { namespace: "metallb-system", name: "speaker" },
] as const;

/** Ingot itself, as it is shipped; `flags` are more flags of the speakers. */
export function ingotDriver(cluster: Cluster, flags: readonly string[]): Driver {
  const [controller, speaker] = ACCOUNTS;
  const ingot = (args: readonly string[]): CommandLine => ({
    command: process.execPath,
    args: [shippedIngot(), ...args, "--namespace", "metallb-system"],
  });
  const run = async (args: readonly string[]) => {
    const { command, args: all } = ingot([...args, "--kubeconfig", cluster.kubeconfig("admin")]);
    await cluster.controlPlane.exec(command, all);
  };
  return {
    name: ["ingot", ...flags].join(" "),
    install: async () => {
      await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
      await cluster.apply(configuration);
    },
    controller: ingot(["controller", "--kubeconfig", cluster.kubeconfig(controller)]),
    speaker: ({ name }) =>
      ingot([
        ...["speaker", "--node-name", name, "--kubeconfig", cluster.kubeconfig(speaker)],
        ...["--state-dir", `${cluster.lab.directory}/state-${name}`],
        ...flags,
      ]),
    ready: ({ netns }) =>
      netns.exec("curl", ["-sf", "--max-time", "1", "http://127.0.0.1:17472/readyz"]),
    move: (service, { name }) => run(["move", service, name]),
    evacuate: ({ name }, undo) => run(["evacuate", name, ...(undo ? ["--undo"] : [])]),
  };
}

/**
 * A product that a program stands for, which is run as
 *
 *     PROGRAM install | controller | speaker NODE | ready NODE
 *     PROGRAM move SERVICE NODE | evacuate NODE | restore NODE
 *
 * It has `KUBECONFIG` (of an administrator), `NAMESPACE`, `POOL`, and `DIRECTORY` for its files in its
 * environment, and kubectl on its path; what it does not know it answers with exit code 3. The USAGE of the
 * benchmarks says more.
 */
export function programDriver(cluster: Cluster, program: string): Driver {
  const assignments = [
    `PATH=${dirname(testbedBinary("kubectl"))}:${process.env["PATH"]}`,
    `KUBECONFIG=${cluster.kubeconfig("admin")}`,
    "NAMESPACE=metallb-system",
    `POOL=${POOL.join(" ")}`,
    `DIRECTORY=${cluster.lab.directory}`,
  ];
  const line = (words: readonly string[]): CommandLine => ({
    command: "env",
    args: [...assignments, program, ...words],
  });
  const run = (netns: LabNamespace, ...words: readonly string[]) => {
    const { command, args } = line(words);
    return netns.exec(command, args, { timeoutMs: 120_000 });
  };
  const inControlPlane = async (...words: readonly string[]) => {
    await run(cluster.controlPlane, ...words);
  };
  return {
    name: program,
    install: () => inControlPlane("install"),
    controller: line(["controller"]),
    speaker: ({ name }) => line(["speaker", name]),
    ready: ({ name, netns }) => run(netns, "ready", name),
    move: (service, { name }) => inControlPlane("move", service, name),
    evacuate: ({ name }, undo) => inControlPlane(undo ? "restore" : "evacuate", name),
  };
}

const DEPLOY = fileURLToPath(new URL("../../../packages/k8s-adapter/deploy", import.meta.url));

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: ["${POOL.join('", "')}"] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: lan, namespace: metallb-system }
spec: { ipAddressPools: [lan] }
`;

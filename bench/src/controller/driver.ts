import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Cluster,
  type LabNamespace,
  type ServiceAccountRef,
  testbedBinary,
} from "@ingot/testkit";
import { shippedIngot } from "../shipped.ts";

/** A program with its arguments. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/** The controller that stands in the lab. */
export interface Driver {
  readonly name: string;
  /** Installs what the API server has to know. */
  install(): Promise<void>;
  /** From now on addresses come from this range alone. */
  pool(range: string): Promise<void>;
  /** Runs until it is told to end; the process that is started is the controller itself. */
  readonly controller: CommandLine;
  /** Whether the controller that runs in a namespace is the one that acts; absent: it cannot be told. */
  readonly leads?: (netns: LabNamespace) => Promise<boolean>;
}

/** Where the configuration is. */
export const NAMESPACE = "metallb-system";

/** The identity that the shipped role is for. */
export const ACCOUNT: ServiceAccountRef = { namespace: NAMESPACE, name: "controller" };

/** Ingot, as it is shipped. */
export function ingotDriver(cluster: Cluster): Driver {
  const kubeconfig = cluster.kubeconfig(ACCOUNT);
  return {
    name: "ingot",
    install: async () => {
      await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    },
    pool: (range) => cluster.apply(poolOf(range)),
    leads: async (netns) => {
      const { stdout } = await netns.exec("curl", ["-sf", "--max-time", "1", METRICS], {
        allowFailure: true,
      });
      return /^ingot_controller_leader 1$/m.test(stdout);
    },
    controller: {
      command: process.execPath,
      args: [
        // As the Deployment has it.
        ...["--max-semi-space-size=4", shippedIngot(), "controller", "--kubeconfig", kubeconfig],
        ...["--namespace", NAMESPACE, "--log-level", "warn"],
      ],
    },
  };
}

/**
 * A product that a program stands for, which is run as
 *
 *     PROGRAM install | pool RANGE | controller
 *
 * and has `KUBECONFIG` (of an administrator), `NAMESPACE`, `POOL` (addresses to begin with) and `DIRECTORY`
 * for its files in its environment, and kubectl on its path. With `controller` it becomes the controller by `exec`, so that it is the process that is
 * measured and killed.
 */
export function programDriver(cluster: Cluster, program: string): Driver {
  const environment = [
    `KUBECONFIG=${cluster.kubeconfig("admin")}`,
    `PATH=${dirname(testbedBinary("kubectl"))}:${process.env["PATH"]}`,
    `NAMESPACE=${NAMESPACE}`,
    `POOL=${POOL}`,
    `DIRECTORY=${cluster.lab.directory}`,
  ];
  const run = async (...words: readonly string[]): Promise<void> => {
    const args = [...environment, program, ...words];
    await cluster.controlPlane.exec("env", args, { timeoutMs: 120_000 });
  };
  return {
    name: program,
    install: () => run("install"),
    pool: (range) => run("pool", range),
    controller: { command: "env", args: [...environment, program, "controller"] },
  };
}

const POOL = "198.18.0.0/16 fd98::/112";
const METRICS = "http://127.0.0.1:9120/metrics";
const DEPLOY = fileURLToPath(new URL("../../../packages/k8s-adapter/deploy", import.meta.url));

function poolOf(range: string): string {
  return `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: ${NAMESPACE} }
spec: { addresses: ["${range}"] }
`;
}

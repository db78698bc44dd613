import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import { testbedBinary } from "../programs.ts";
import { managementAddress, nodeAddresses, podNetworks } from "./addresses.ts";
import type { Api } from "./api.ts";
import type { Backend } from "./backend-process.ts";
import { launch } from "./launch.ts";
import type { Host } from "./topology.ts";

/** A node of a cluster: a host on the LAN and on the management segment, and the pod on it. */
export class ClusterNode implements Host {
  readonly name: string;
  readonly netns: LabNamespace;
  readonly mac: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly management: string;
  readonly backend: Backend;
  readonly #switch: LabNamespace;

  /** Nodes come with their {@link Cluster}. */
  constructor(number: number, host: Host, backend: Backend, sw: LabNamespace) {
    this.name = host.name;
    this.netns = host.netns;
    this.mac = host.mac;
    this.ipv4 = host.ipv4;
    this.ipv6 = host.ipv6;
    this.management = managementAddress(number);
    this.backend = backend;
    this.#switch = sw;
  }

  /** Cuts its LAN port on the switch: the node sees its carrier go, and still talks to the API. */
  cutLan(): Promise<void> {
    return this.#switch.setLink(`lan-${this.name}`, "down");
  }

  /** Takes its LAN port off the bridge: nothing passes, and the node's carrier stays. */
  partitionLan(): Promise<void> {
    return this.#switch.ip([`link set lan-${this.name} nomaster`]);
  }

  /** Undoes both of them. */
  healLan(): Promise<void> {
    return this.#switch.ip([`link set lan-${this.name} master lan up`]);
  }

  /** Cuts it off from the API; the LAN stays. */
  cutManagement(): Promise<void> {
    return this.#switch.setLink(`mg-${this.name}`, "down");
  }

  healManagement(): Promise<void> {
    return this.#switch.setLink(`mg-${this.name}`, "up");
  }

  /**
   * What a power failure looks like to everybody else: both ports go at the same moment. What runs
   * on the node runs on, so a test of the node's return kills and starts it anew itself.
   */
  powerOff(): Promise<void> {
    return this.#switch.ip([`link set lan-${this.name} down`, `link set mg-${this.name} down`]);
  }

  powerOn(): Promise<void> {
    return this.#switch.ip([`link set lan-${this.name} up`, `link set mg-${this.name} up`]);
  }
}

/** Makes the Node object of node `number`, ready and with its addresses, as a kubelet would. */
export async function registerNode(api: Api, number: number): Promise<void> {
  const { name, ipv4, ipv6 } = nodeAddresses(number);
  const path = `/api/v1/nodes/${name}`;
  await api.apply(path, {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
      },
    },
  });
  await api.patch(`${path}/status`, {
    status: {
      addresses: [
        { type: "InternalIP", address: ipv4 },
        { type: "InternalIP", address: ipv6 },
        { type: "Hostname", address: name },
      ],
      conditions: [condition("Ready", "True"), condition("NetworkUnavailable", "False")],
    },
  });
  // Each new node is tainted as not ready; a controller that is not here would take it back.
  await api.patch(path, { spec: { taints: null } });
}

/** Starts the node's kube-proxy, and returns when its rules are in the kernel. */
export function startKubeProxy(
  { name, netns }: Host,
  kubeconfigPath: string,
  directory: string,
): Promise<LabProcess> {
  return launch(netns, {
    name: `kube-proxy-${name}`,
    directory,
    command: testbedBinary("kube-proxy"),
    args: [
      `--kubeconfig=${kubeconfigPath}`,
      "--proxy-mode=nftables",
      `--hostname-override=${name}`,
      `--cluster-cidr=${podNetworks}`,
      // The kernel's limit is not a namespace's to set.
      "--conntrack-max-per-core=0",
      `--healthz-bind-address=${HEALTH}`,
      "--metrics-bind-address=127.0.0.1:10249",
    ],
    ready: async () => {
      await netns.exec("curl", [
        "--silent",
        "--fail",
        "--max-time",
        "2",
        `http://${HEALTH}/healthz`,
      ]);
      const { stdout } = await netns.exec("nft", ["list", "tables"]);
      return ["ip", "ip6"].every((family) => stdout.includes(`table ${family} kube-proxy`));
    },
    timeoutMs: 30_000,
  });
}

const HEALTH = "127.0.0.1:10256";

function condition(type: string, status: "True" | "False"): object {
  return { type, status, reason: "Testkit", message: "there is no kubelet" };
}

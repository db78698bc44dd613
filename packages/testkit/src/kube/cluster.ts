import { Lab } from "../lab/lab.ts";
import type { LabNamespace } from "../lab/namespace.ts";
import type { RunResult } from "../lab/run.ts";
import { mostNodes } from "./addresses.ts";
import { type Api, ApiError, type KubeObject } from "./api.ts";
import type { Backend } from "./backend-process.ts";
import { buildCluster, type ClusterParts } from "./build.ts";
import type { StopOptions } from "./control-plane.ts";
import { Identities, type Identity, type ServiceAccountRef } from "./identities.ts";
import { Kubectl, type KubectlOptions, type Manifests } from "./kubectl.ts";
import type { ClusterNode } from "./node.ts";
import {
  endpointSliceObject,
  type ServiceOptions,
  serviceObject,
  servicePaths,
} from "./service.ts";
import type { Host } from "./topology.ts";

/** What a cluster consists of. */
export interface ClusterOptions {
  /** 1 to 80; defaults to 3. */
  readonly nodes?: number;
  /**
   * Who else may log in. Their namespaces are made, but no ServiceAccount objects: those and their
   * rights come with what is installed.
   */
  readonly serviceAccounts?: readonly ServiceAccountRef[];
  /** Whether the nodes run kube-proxy; defaults to true. Where no traffic flows it only costs time. */
  readonly kubeProxy?: boolean;
  /** Prefix of its network namespaces; a random one by default, so clusters can stand side by side. */
  readonly name?: string;
}

/**
 * A Kubernetes cluster in network namespaces: etcd, kube-apiserver and each node's kube-proxy are
 * the real ones, and there is nothing else; a pod is a process with an address.
 *
 * Everything is on one LAN (10.77.0.0/24, fd77::/64; from .100 on it is free). The nodes and the
 * control plane are on a management segment too. Each process logs to `lab.directory/NAME.log`.
 */
export class Cluster {
  readonly #parts: ClusterParts;
  readonly #kubectl: Kubectl;

  private constructor(parts: ClusterParts) {
    this.#parts = parts;
    const { lab, topology, kubeconfigs } = parts;
    this.#kubectl = new Kubectl(topology.controlPlane, lab.directory, kubeconfigs);
  }

  /**
   * Starts a cluster, which takes some seconds. Everything is ready for use then: the rules of
   * kube-proxy are in the kernel, the backends answer.
   *
   * @throws {RangeError} when `nodes` is out of its range.
   * @throws {Error} when something does not start, with the end of its log; nothing is left then.
   */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { nodes = 3, serviceAccounts = [], kubeProxy = true, name } = options;
    if (!(Number.isInteger(nodes) && nodes >= 1 && nodes <= mostNodes)) {
      throw new RangeError(`nodes must be 1 to ${mostNodes}, got ${nodes}`);
    }
    const identities = new Identities(serviceAccounts);
    const lab = await Lab.create(name === undefined ? {} : { name });
    try {
      const cluster = new Cluster(await buildCluster(lab, nodes, identities, kubeProxy));
      const namespaces = new Set(["default", ...serviceAccounts.map(({ namespace }) => namespace)]);
      await Promise.all([...namespaces].map((namespace) => cluster.namespace(namespace)));
      return cluster;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  get lab(): Lab {
    return this.#parts.lab;
  }

  get nodes(): readonly ClusterNode[] {
    return this.#parts.nodes;
  }

  /** On the LAN like the nodes; its default route leads to the router. */
  get client(): Host {
    return this.#parts.client;
  }

  get router(): Host {
    return this.#parts.router;
  }

  /** A backend in the router, which stays when nodes go. */
  get routerBackend(): Backend {
    return this.#parts.routerBackend;
  }

  /** Where the API server runs, and a controller may. */
  get controlPlane(): LabNamespace {
    return this.#parts.topology.controlPlane;
  }

  /**
   * Adds a host to the LAN which is nobody's node, such as an observer.
   *
   * @param number The last part of its addresses, 3 to 9: 9 is 10.77.0.9 and fd77::9.
   */
  addHost(name: string, number: number): Promise<Host> {
    return this.#parts.topology.addHost(name, number);
  }

  /** The API as admin. */
  get api(): Api {
    return this.#parts.api;
  }

  /** The API as somebody else; the cluster closes it. */
  apiAs(identity: Identity): Api {
    return this.#parts.plane.api(identity);
  }

  /** The path of an identity's kubeconfig; it works on the nodes and beside the API server. */
  kubeconfig(identity: Identity): string {
    return this.#parts.kubeconfigs.path(identity);
  }

  /** Runs the real kubectl; as admin unless `options` say otherwise. */
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<RunResult> {
    return this.#kubectl.run(args, options);
  }

  /** Creates or changes objects by kubectl. */
  apply(manifests: Manifests): Promise<void> {
    return this.#kubectl.apply(manifests);
  }

  /** Deletes objects by kubectl, and returns when they are gone. */
  delete(manifests: Manifests): Promise<void> {
    return this.#kubectl.delete(manifests);
  }

  /** Makes a namespace, if it is not there. */
  async namespace(name: string): Promise<void> {
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await this.api.apply(`/api/v1/namespaces/${name}`, object);
  }

  /** Creates or changes a Service with its EndpointSlices, and returns it as the server has it. */
  async service(options: ServiceOptions): Promise<KubeObject> {
    const { families = ["IPv4"] } = options;
    const paths = servicePaths(options);
    const [service] = await Promise.all([
      this.api.apply(paths.service, serviceObject(options)),
      ...families.map((family) =>
        this.api.apply(paths[family], endpointSliceObject(options, family)),
      ),
    ]);
    return service;
  }

  /** Deletes a Service and its EndpointSlices, which nobody else would collect. */
  async deleteService(name: string, namespace?: string): Promise<void> {
    const paths = servicePaths({ name, ...(namespace === undefined ? {} : { namespace }) });
    await this.api.delete(paths.service);
    await Promise.all([paths.IPv4, paths.IPv6].map((path) => this.#deleteIfThere(path)));
  }

  /**
   * What the client gets for a URL, by a new connection.
   *
   * @throws {Error} with what curl says, when there is no answer within `timeoutMs` (default 2,000).
   */
  async curl(url: string, timeoutMs = 2_000): Promise<string> {
    const maxTime = `${timeoutMs / 1_000}`;
    const args = ["--silent", "--show-error", "--fail", "--globoff", "--max-time", maxTime, url];
    return (await this.client.netns.exec("curl", args)).stdout.trim();
  }

  /** Stops the API server, for an outage; what it knows stays in etcd. */
  stopApiServer(options?: StopOptions): Promise<void> {
    return this.#parts.plane.stopApiServer(options);
  }

  /** Starts the API server again, and returns when it serves. */
  startApiServer(): Promise<void> {
    return this.#parts.plane.startApiServer();
  }

  /** Ends everything, and leaves nothing behind. */
  async close(): Promise<void> {
    const { plane, lab } = this.#parts;
    plane.close();
    // Nobody waits for it to take its leave from etcd.
    await plane.stopApiServer({ crash: true });
    await lab.close();
  }

  async #deleteIfThere(path: string): Promise<void> {
    try {
      await this.api.delete(path);
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
}

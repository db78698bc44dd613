import { mkdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import { testbedBinary } from "../programs.ts";
import { apiServerAddress, apiServerPort, clusterNetworks } from "./addresses.ts";
import { allDone } from "./all-done.ts";
import { Api } from "./api.ts";
import { compiledProgram } from "./compiled-program.ts";
import { type Identities, type Identity, serviceAccountKeys } from "./identities.ts";
import { launch } from "./launch.ts";

/** How the API server is stopped. */
export interface StopOptions {
  /** Kill it in the middle of what it does, as a crash would; defaults to false. */
  readonly crash?: boolean;
}

/** A real etcd and a real kube-apiserver in one namespace; nothing else of a control plane. */
export class ControlPlane {
  readonly #netns: LabNamespace;
  readonly #directory: string;
  readonly #identities: Identities;
  readonly #socketPath: string;
  readonly #clients: Api[] = [];
  #apiServer: LabProcess | undefined;
  /** What the API server made for itself; PEM. */
  #certificate = "";

  private constructor(netns: LabNamespace, directory: string, identities: Identities) {
    this.#netns = netns;
    this.#directory = directory;
    this.#identities = identities;
    this.#socketPath = `${directory}/api.sock`;
  }

  /**
   * Starts both, with their data, keys and logs in `directory`.
   *
   * @throws {Error} when one of them does not serve in time, with the end of its log.
   */
  static async start(
    netns: LabNamespace,
    directory: string,
    identities: Identities,
  ): Promise<ControlPlane> {
    const plane = new ControlPlane(netns, directory, identities);
    const keys = serviceAccountKeys();
    mkdirSync(`${directory}/certificates`);
    writeFileSync(`${directory}/sa.key`, keys.privateKey);
    writeFileSync(`${directory}/sa.pub`, keys.publicKey);
    writeFileSync(`${directory}/tokens.csv`, identities.tokenFile());
    await plane.#startEtcd();
    await allDone(plane.#startTunnel(), plane.startApiServer());
    return plane;
  }

  /** The API server's certificate, as PEM; it keeps it over a restart. */
  get certificate(): string {
    return this.#certificate;
  }

  /** A client of the API; the control plane closes it. */
  api(identity: Identity): Api {
    const api = this.#connect(identity, this.#certificate);
    this.#clients.push(api);
    return api;
  }

  /** Starts the API server, on the data of the one before, and waits until it serves. */
  async startApiServer(): Promise<void> {
    if (this.#apiServer?.running) throw new Error("the API server runs already");
    this.#apiServer = await launch(this.#netns, {
      name: "kube-apiserver",
      directory: this.#directory,
      command: testbedBinary("kube-apiserver"),
      args: [
        "--etcd-servers=http://127.0.0.1:2379",
        `--cert-dir=${this.#directory}/certificates`,
        `--secure-port=${apiServerPort}`,
        "--bind-address=0.0.0.0",
        `--advertise-address=${apiServerAddress}`,
        `--service-cluster-ip-range=${clusterNetworks}`,
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount",
        "--service-account-issuer=https://kubernetes.default.svc",
        `--service-account-key-file=${this.#directory}/sa.pub`,
        `--service-account-signing-key-file=${this.#directory}/sa.key`,
        `--token-auth-file=${this.#directory}/tokens.csv`,
        "--allow-privileged=true",
        // Without it a stop waits for a minute as long as anybody watches.
        "--shutdown-watch-termination-grace-period=1s",
      ],
      ready: () => this.#serves(),
      timeoutMs: 60_000,
    });
  }

  /** Stops the API server; etcd keeps the data. Open watches break. */
  async stopApiServer({ crash = false }: StopOptions = {}): Promise<void> {
    await this.#apiServer?.stop(crash ? "SIGKILL" : "SIGTERM", 20_000);
  }

  /** Closes the clients. The processes are the lab's to end. */
  close(): void {
    for (const client of this.#clients) client.close();
  }

  async #startEtcd(): Promise<void> {
    await launch(this.#netns, {
      name: "etcd",
      directory: this.#directory,
      command: testbedBinary("etcd"),
      args: [
        `--data-dir=${this.#directory}/etcd`,
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        // Nothing here outlives a power failure, and a sync to disk takes its time.
        "--unsafe-no-fsync",
      ],
      ready: (etcd) => etcd.lines.some((line) => line.includes("ready to serve client requests")),
      timeoutMs: 30_000,
    });
  }

  async #startTunnel(): Promise<void> {
    await launch(this.#netns, {
      name: "tunnel",
      directory: this.#directory,
      command: process.execPath,
      args: [compiledProgram("tunnel"), this.#socketPath, apiServerAddress, `${apiServerPort}`],
      ready: (tunnel) => tunnel.lines.includes("ready"),
      timeoutMs: 30_000,
    });
  }

  async #serves(): Promise<boolean> {
    const certificate = await readFile(`${this.#directory}/certificates/apiserver.crt`, "utf8");
    const api = this.#connect("admin", certificate);
    try {
      if ((await api.text("GET", "/readyz")) !== "ok") return false;
      // It says so before each of its watch caches is filled.
      await Promise.all(USED_AT_ONCE.map((path) => api.get(path)));
      this.#certificate = certificate;
      return true;
    } finally {
      api.close();
    }
  }

  #connect(identity: Identity, certificateAuthority: string): Api {
    const token = this.#identities.token(identity);
    return new Api({ server: { socketPath: this.#socketPath }, certificateAuthority, token });
  }
}

const USED_AT_ONCE = [
  "/api/v1/namespaces",
  "/api/v1/nodes",
  "/api/v1/services",
  "/apis/discovery.k8s.io/v1/endpointslices",
];

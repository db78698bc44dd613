import { Cluster, type LabNamespace, type LabProcess, launch, until } from "@ingot/testkit";
import { ServiceLoad } from "../services/load.ts";
import { ACCOUNT, type Driver, ingotDriver, programDriver } from "./driver.ts";
import { type Usage, usageOf } from "./usage.ts";
import { countWrites, type Writes } from "./writes.ts";

/** A room for more than any part asks for. */
export const LARGE_RANGE = "198.18.0.0/16";

/** A control plane with a controller installed, which runs when it is told to; no node, no traffic. */
export class ControllerLab {
  readonly cluster: Cluster;
  readonly load: ServiceLoad;
  readonly driver: Driver;
  #starts = 0;
  #running: LabProcess | undefined;

  private constructor(cluster: Cluster, load: ServiceLoad, driver: Driver) {
    this.cluster = cluster;
    this.load = load;
    this.driver = driver;
  }

  /** @throws {Error} when something does not start; nothing is left then. */
  static async create(program: string | undefined, nodes = 1): Promise<ControllerLab> {
    const cluster = await Cluster.start({ nodes, kubeProxy: false, serviceAccounts: [ACCOUNT] });
    try {
      const driver = program === undefined ? ingotDriver(cluster) : programDriver(cluster, program);
      await driver.install();
      return new ControllerLab(cluster, await ServiceLoad.watch(cluster.api, false), driver);
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Starts a controller, by default the one; answers when that was, though it may not serve yet. */
  async start(netns: LabNamespace = this.cluster.controlPlane): Promise<LabProcess> {
    this.#starts += 1;
    this.#running = await launch(netns, {
      name: `controller-${this.#starts}`,
      directory: this.cluster.lab.directory,
      ...this.driver.controller,
      ready: () => true,
      timeoutMs: 1_000,
    });
    return this.#running;
  }

  /** Stops the controller, and waits until it has ended. */
  async stop(): Promise<void> {
    await this.#running?.stop("SIGTERM", 10_000);
  }

  /** Of the controller that was started last. */
  usage(): Usage {
    if (this.#running === undefined) throw new Error("no controller was started");
    return usageOf(this.#running.pid);
  }

  async writes(): Promise<Writes> {
    return countWrites(await this.cluster.api.metrics());
  }

  /** Waits until all of the Services have addresses. */
  async served(services: readonly string[], timeoutMs = 180_000): Promise<void> {
    await until(() => this.load.given(services) === services.length, {
      timeoutMs,
      intervalMs: 10,
      what: `addresses for ${services.length} Services`,
    });
  }

  /** Waits until the controller serves: a first Service has its address, and its writes are over. */
  async warm(): Promise<void> {
    await this.load.create(["first"], 1);
    await this.served(["first"], 30_000);
    await this.settled();
  }

  /** Waits until nothing was written for two seconds, and answers what was written up to then. */
  async settled(): Promise<Writes> {
    let last = await this.writes();
    let since = performance.now();
    await until(
      async () => {
        const now = await this.writes();
        if (JSON.stringify(now) !== JSON.stringify(last)) since = performance.now();
        last = now;
        return performance.now() - since >= QUIET_MS;
      },
      { timeoutMs: 120_000, intervalMs: 250, what: "the controller to write no more" },
    );
    return last;
  }

  /** How many Events there are, repeated ones counted, but for those of the API server itself. */
  async events(): Promise<number> {
    const events = await this.cluster.api.list<EventObject>("/api/v1/events");
    // It tells of ClusterIPs when its own check comes while a Service is being created.
    return events
      .filter(({ reason }) => !reason.startsWith("ClusterIP"))
      .reduce((sum, { count = 1 }) => sum + count, 0);
  }

  async close(): Promise<void> {
    this.load.close();
    await this.cluster.close();
  }
}

interface EventObject {
  readonly reason: string;
  readonly count?: number;
}

const QUIET_MS = 2_000;

/** Names of Services. */
export function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

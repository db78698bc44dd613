import { Allocator } from "@ingot/allocator";
import type { Clock } from "./clock.ts";
import type { Key, Kind, ObjectError, PoolRecord, ServiceRecord } from "./domain.ts";
import { textOf } from "./error-text.ts";
import { ConfigurationLog } from "./observe/configuration-log.ts";
import type { ControllerMetrics, PoolUsage } from "./observe/controller-metrics.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import {
  type AllocationDecision,
  addressTopic,
  decideAllocation,
  POOL_ANNOTATION,
  poolTopic,
} from "./reconcile/allocation.ts";
import { Departures } from "./reconcile/departures.ts";
import { compareText, resolvePools } from "./reconcile/pools.ts";
import { Waiting } from "./reconcile/waiting.ts";
import { World } from "./reconcile/world.ts";
import type { Source, SourceEvent } from "./source/source.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a {@link ControllerLoop} works with. */
export interface ControllerLoopOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  /** Milliseconds since 1970. */
  readonly wallClock: WallClock;
  /** The `spec.loadBalancerClass` that is ours; empty: Services without one. */
  readonly lbClass: string;
  /** Called once, when everything is listed and decisions are being made. */
  readonly ready: () => void;
}

/** The kinds that a controller watches. */
export const CONTROLLER_KINDS: readonly Kind[] = ["pool", "service"];

/**
 * Gives Services their addresses: takes in what the source tells, decides key by key, writes what
 * differs. Services that have addresses are decided first, so nobody else can take them.
 */
export class ControllerLoop {
  readonly #options: ControllerLoopOptions;
  readonly #world = new World(CONTROLLER_KINDS);
  readonly #allocator = new Allocator();
  readonly #departures = new Departures(this.#allocator);
  readonly #waiting = new Waiting();
  readonly #queue: WorkQueue;
  readonly #configuration: ConfigurationLog;
  /** The last problem told of each Service, so that each is told once. */
  readonly #problems = new Map<Key, string>();
  #pools: ReadonlyMap<string, PoolRecord> = new Map();
  #overlaps: readonly ObjectError[] = [];
  #brokenPools: ReadonlySet<string> = new Set();
  #started = false;

  constructor(options: ControllerLoopOptions) {
    this.#options = options;
    this.#configuration = new ConfigurationLog(options.logger, options.metrics, options.wallClock);
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      work: (key) => this.#work(key),
      failed: (key, error, delayMs) => {
        options.metrics.countUpdateError();
        options.metrics.countReconcileFailure();
        options.logger.warn(
          { service: key, retryInMs: delayMs, error: textOf(error) },
          "could not write the service, will try again",
        );
      },
    });
  }

  start(): void {
    this.#options.source.start(CONTROLLER_KINDS, (event) => this.#listen(event));
  }

  /** Takes no more work and waits for the writes under way. */
  async close(): Promise<void> {
    await this.#queue.close();
  }

  #listen(event: SourceEvent): void {
    const changed = this.#world.apply(event);
    if (event.type === "connection") {
      this.#configuration.connection(event.kind, event.connected, event.reason);
      return;
    }
    if (!this.#world.isReady) return;
    if (!this.#started) {
      this.#begin();
      return;
    }
    const kind = event.type === "rejected" ? event.error.kind : event.kind;
    if (kind === "pool") {
      this.#resolvePools();
      for (const key of this.#inClaimOrder()) this.#queue.add(key);
      return;
    }
    this.#reportConfiguration();
    for (const key of changed) this.#queue.add(key);
  }

  #begin(): void {
    this.#started = true;
    this.#options.ready();
    this.#resolvePools();
    const keys = this.#inClaimOrder();
    this.#options.logger.info(
      { services: keys.length, pools: [...this.#pools.keys()] },
      "everything is listed, addresses are being assigned",
    );
    for (const key of keys) this.#queue.add(key);
  }

  /** Those that have the most addresses first, then the oldest. */
  #inClaimOrder(): readonly Key[] {
    const services = [...this.#world.table("service").values()];
    services.sort(
      (a, b) =>
        b.ingress.length - a.ingress.length ||
        a.createdMs - b.createdMs ||
        compareText(a.key, b.key),
    );
    return services.map(({ key }) => key);
  }

  #resolvePools(): void {
    const before = this.#pools;
    const { accepted, rejected } = resolvePools(before, this.#world.table("pool").values());
    this.#pools = accepted;
    this.#allocator.setPools([...accepted.values()]);
    for (const name of before.keys()) {
      if (!accepted.has(name)) this.#options.metrics.removePool(name);
    }
    for (const name of accepted.keys()) this.#observePool(name);
    this.#overlaps = rejected;
    this.#reportConfiguration();
  }

  #reportConfiguration(): void {
    const errors = [...this.#world.rejected, ...this.#overlaps];
    this.#brokenPools = new Set(
      errors.filter((error) => error.kind === "pool").map((error) => nameOf(error.key)),
    );
    this.#configuration.errors(errors);
  }

  async #work(key: Key): Promise<void> {
    const service = this.#world.table("service").get(key);
    this.#options.metrics.countUpdate();
    const before = this.#allocator.assignment(key);
    const decision = decideAllocation(
      {
        allocator: this.#allocator,
        pools: this.#pools,
        brokenPools: this.#brokenPools,
        lbClass: this.#options.lbClass,
      },
      key,
      service,
    );
    this.#waiting.set(key, decision.waitsFor);
    this.#options.metrics.setWaitingServices(this.#waiting.size);
    const freed = this.#departures.hold(key, service?.ingress ?? [], before);
    this.#observePool(this.#allocator.assignment(key)?.pool);
    if (before !== undefined) this.#wake(before.pool, freed);
    if (service === undefined) {
      this.#problems.delete(key);
      this.#settleDeparture(key);
      return;
    }
    await this.#write(service, decision);
    await this.#tellProblem(service, decision);
  }

  #settleDeparture(key: Key): void {
    const left = this.#departures.settle(key);
    if (left !== undefined) this.#wake(left.pool, left.addresses);
  }

  /** Those that wait for addresses that came free. */
  #wake(pool: string, addresses: readonly string[]): void {
    this.#observePool(pool);
    if (addresses.length === 0) return;
    const topics = [poolTopic(pool), ...addresses.map(addressTopic)];
    for (const waiter of this.#waiting.waitersOf(topics)) this.#queue.add(waiter);
  }

  async #write(service: ServiceRecord, decision: AllocationDecision): Promise<void> {
    const { desired } = decision;
    if (desired === undefined) return;
    const pool = desired.pool === "" ? undefined : desired.pool;
    const sameAddresses = desired.addresses.join() === service.ingress.join();
    if (sameAddresses && service.annotations[POOL_ANNOTATION] === pool) return;
    const result = await this.#options.source.writeServiceStatus({
      key: service.key,
      resourceVersion: service.resourceVersion,
      addresses: desired.addresses,
      annotations: { [POOL_ANNOTATION]: pool ?? null },
    });
    // After a conflict the fresh object comes as an event and is decided anew.
    if (result !== "written") return;
    this.#settleDeparture(service.key);
    if (sameAddresses) return;
    const { logger } = this.#options;
    if (decision.cleared !== "") {
      logger.warn(
        { service: service.key, lost: service.ingress, why: decision.cleared },
        "address taken away",
      );
      await this.#emit(
        service,
        "Normal",
        "ClearAssignment",
        `current IP for "${service.key}" not allowed by config, will attempt for new IP assignment: ${decision.cleared}`,
      );
    }
    if (desired.addresses.length === 0) return;
    logger.info({ service: service.key, addresses: desired.addresses, pool }, "address assigned");
    await this.#emit(
      service,
      "Normal",
      "IPAllocated",
      `Assigned IP ${JSON.stringify(desired.addresses)}`,
    );
  }

  async #tellProblem(service: ServiceRecord, decision: AllocationDecision): Promise<void> {
    const { problem } = decision;
    if (problem === (this.#problems.get(service.key) ?? "")) return;
    if (problem === "") {
      this.#problems.delete(service.key);
      return;
    }
    this.#problems.set(service.key, problem);
    this.#options.logger.warn({ service: service.key, problem }, "no address assigned as asked");
    const kept = service.ingress.length > 0 ? `; it keeps ${service.ingress.join(", ")}` : "";
    await this.#emit(
      service,
      "Warning",
      "AllocationFailed",
      `Failed to allocate IP for "${service.key}": ${problem}${kept}`,
    );
  }

  #emit(
    service: ServiceRecord,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
  ): Promise<void> {
    const { namespace, name, uid } = service;
    return this.#options.source.emitEvent({ namespace, name, uid, type, reason, message });
  }

  #observePool(name: string | undefined): void {
    const stats = name === undefined ? undefined : this.#allocator.stats(name);
    if (name === undefined || stats === undefined) return;
    this.#options.metrics.setPool(name, {
      4: usage(stats.assignedIPv4, stats.availableIPv4),
      6: usage(stats.assignedIPv6, stats.availableIPv6),
    });
  }
}

function usage(assigned: bigint, available: bigint): PoolUsage {
  return { total: Number(assigned + available), inUse: Number(assigned) };
}

function nameOf(key: Key): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

import { Allocator } from "@ingot/allocator";
import { AllocationReport } from "./allocation-report.ts";
import type { Clock } from "./clock.ts";
import type { Key, PoolRecord, ServiceRecord } from "./domain.ts";
import { textOf } from "./error-text.ts";
import type { ControllerMetrics, PoolUsage } from "./observe/controller-metrics.ts";
import type { Logger } from "./observe/log.ts";
import { PoolStatusWriter } from "./pool-status.ts";
import {
  type AllocationDecision,
  decideAllocation,
  POOL_ANNOTATION,
} from "./reconcile/allocation.ts";
import { Departures } from "./reconcile/departures.ts";
import { compareText } from "./reconcile/pools.ts";
import { sharingOf } from "./reconcile/sharing.ts";
import { addressTopic, poolTopic, Waiting } from "./reconcile/waiting.ts";
import type { World } from "./reconcile/world.ts";
import type { Source } from "./source/source.ts";
import { WorkQueue } from "./work-queue.ts";

/** The pools as they are now. */
export interface PoolsInForce {
  /** By name, in the order in which they are tried. */
  readonly pools: ReadonlyMap<string, PoolRecord>;
  /** Names of pools that exist but are not in force in their newest form. */
  readonly broken: ReadonlySet<string>;
}

/** What a {@link ControllerTerm} works with. */
export interface ControllerTermOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  readonly lbClass: string;
  /** Kept up to date by whoever owns the term. */
  readonly world: World;
  /** For how long it may still write; infinite where nobody else could. */
  readonly actMs: () => number;
}

/**
 * Decisions of a controller from the moment in which it leads to the moment in which it does not:
 * its memory of who holds what begins with what the world says, and ends with it.
 */
export class ControllerTerm {
  readonly #options: ControllerTermOptions;
  readonly #allocator = new Allocator();
  readonly #departures = new Departures(this.#allocator);
  readonly #waiting = new Waiting();
  readonly #queue: WorkQueue;
  readonly #poolStatus: PoolStatusWriter;
  readonly #report: AllocationReport;
  /** Services that want an address and have none. */
  readonly #without = new Set<Key>();
  /** On which terms each Service shares that does. */
  readonly #terms = new Map<Key, string>();
  #inForce: PoolsInForce;

  constructor(options: ControllerTermOptions, inForce: PoolsInForce) {
    this.#options = options;
    this.#inForce = inForce;
    this.#report = new AllocationReport(options.source, options.logger);
    this.#poolStatus = new PoolStatusWriter({
      ...options,
      statsOf: (pool) => this.#allocator.stats(pool),
      recordOf: (pool) => options.world.table("pool").get(this.#inForce.pools.get(pool)?.key ?? ""),
    });
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
    this.setPools(inForce);
    options.logger.info(
      {
        services: options.world.table("service").size,
        pools: [...inForce.pools.keys()],
      },
      "everything is listed, addresses are being assigned",
    );
  }

  /** Decides everything anew, in the order in which it may claim what it has. */
  setPools(inForce: PoolsInForce): void {
    const before = this.#inForce.pools;
    this.#inForce = inForce;
    this.#allocator.setPools([...inForce.pools.values()]);
    for (const name of before.keys()) {
      if (!inForce.pools.has(name)) this.#options.metrics.removePool(name);
    }
    for (const name of inForce.pools.keys()) this.#observePool(name);
    for (const key of this.#inClaimOrder()) this.#queue.add(key);
  }

  setBrokenPools(broken: ReadonlySet<string>): void {
    this.#inForce = { ...this.#inForce, broken };
  }

  /** The Service has changed. */
  add(key: Key): void {
    this.#queue.add(key);
  }

  /** The labels of a Namespace have changed: pools may be kept for those that have them. */
  addAllOf(namespace: string): void {
    const reserved = [...this.#inForce.pools.values()].some((pool) => pool.reserved !== undefined);
    if (!reserved) return;
    for (const key of this.#inClaimOrder()) {
      if (key.startsWith(`${namespace}/`)) this.#queue.add(key);
    }
  }

  /** Begins nothing until `resume`. */
  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  /** Takes no more work, waits for the writes under way, and ends its series. */
  async close(): Promise<void> {
    await this.#queue.close();
    await this.#poolStatus.close();
    for (const name of this.#inForce.pools.keys()) this.#options.metrics.removePool(name);
    this.#options.metrics.setWaitingServices(0);
  }

  /** Those that have the most addresses first, then the oldest. */
  #inClaimOrder(): readonly Key[] {
    const services = [...this.#options.world.table("service").values()];
    services.sort(
      (a, b) =>
        b.ingress.length - a.ingress.length ||
        a.createdMs - b.createdMs ||
        compareText(a.key, b.key),
    );
    return services.map(({ key }) => key);
  }

  async #work(key: Key): Promise<void> {
    const { world, metrics, lbClass } = this.#options;
    const service = world.table("service").get(key);
    metrics.countUpdate();
    const before = this.#allocator.assignment(key);
    const decision = decideAllocation(
      {
        allocator: this.#allocator,
        pools: this.#inForce.pools,
        namespaces: world.table("namespace"),
        brokenPools: this.#inForce.broken,
        lbClass,
      },
      key,
      service,
    );
    this.#waiting.set(key, decision.waitsFor);
    if (decision.problem !== "" && decision.desired?.addresses.length === 0) this.#without.add(key);
    else this.#without.delete(key);
    metrics.setWaitingServices(this.#without.size);
    const freed = this.#departures.hold(key, service?.ingress ?? [], before);
    this.#observePool(this.#allocator.assignment(key)?.pool);
    const sharesAnew = this.#noteTerms(key, service);
    if (before !== undefined) this.#wake(before.pool, sharesAnew ? before.addresses : freed);
    if (service === undefined) {
      this.#report.forget(key);
      this.#settleDeparture(key);
      return;
    }
    await this.#write(service, decision);
    await this.#report.decided(service, decision);
  }

  /** Whether others may share with it now that could not before. */
  #noteTerms(key: Key, service: ServiceRecord | undefined): boolean {
    const sharing = service === undefined ? undefined : sharingOf(service, undefined);
    const terms = sharing === undefined ? "" : JSON.stringify(sharing);
    if ((this.#terms.get(key) ?? "") === terms) return false;
    if (terms === "") this.#terms.delete(key);
    else this.#terms.set(key, terms);
    return true;
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
    const withinMs = this.#options.actMs();
    if (withinMs < LEAST_ACT_MS) throw new Error("the time in which this controller leads is over");
    const result = await this.#options.source.writeServiceStatus({
      key: service.key,
      resourceVersion: service.resourceVersion,
      addresses: desired.addresses,
      annotations: { [POOL_ANNOTATION]: pool ?? null },
      ...(withinMs === Number.POSITIVE_INFINITY ? {} : { withinMs }),
    });
    // After a conflict the fresh object comes as an event and is decided anew.
    if (result !== "written") return;
    this.#settleDeparture(service.key);
    if (!sameAddresses) await this.#report.written(service, decision);
  }

  #observePool(name: string | undefined): void {
    const stats = name === undefined ? undefined : this.#allocator.stats(name);
    if (name === undefined || stats === undefined) return;
    this.#options.metrics.setPool(name, {
      4: usage(stats.assignedIPv4, stats.availableIPv4),
      6: usage(stats.assignedIPv6, stats.availableIPv6),
    });
    this.#poolStatus.touch(name);
  }
}

/** Too little for a write to come through. */
const LEAST_ACT_MS = 50;

function usage(assigned: bigint, available: bigint): PoolUsage {
  return { total: Number(assigned + available), inUse: Number(assigned) };
}

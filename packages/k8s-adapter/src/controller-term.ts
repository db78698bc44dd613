import { AllocationReport } from "./allocation-report.ts";
import type { Clock } from "./clock.ts";
import type { Key, PoolRecord, ServiceRecord, SpeakerRecord } from "./domain.ts";
import { textOf } from "./error-text.ts";
import type { ControllerMetrics, PoolUsage } from "./observe/controller-metrics.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import { PoolStatusWriter } from "./pool-status.ts";
import { type AllocationDecision, isOurs, POOL_ANNOTATION } from "./reconcile/allocation.ts";
import { Assignments, type PoolsInForce } from "./reconcile/assignments.ts";
import { OWNERS_ANNOTATION } from "./reconcile/owners.ts";
import { WakeUps } from "./reconcile/wake-ups.ts";
import type { World } from "./reconcile/world.ts";
import { ReservationWriter } from "./reservation-writer.ts";
import type { Source, SourceEvent } from "./source/source.ts";
import { TableKeeper, type TableOptions } from "./table-keeper.ts";
import { WorkQueue } from "./work-queue.ts";

/** What a {@link ControllerTerm} works with. */
export interface ControllerTermOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  readonly wallClock: WallClock;
  readonly lbClass: string;
  /** Whether annotations of other load balancers count; default: no. */
  readonly migrationAnnotations?: boolean;
  /** How it is decided who answers; undefined: by the speakers alone. */
  readonly tables: TableOptions | undefined;
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
  readonly #assignments: Assignments;
  readonly #wakeUps: WakeUps;
  readonly #queue: WorkQueue;
  readonly #poolStatus: PoolStatusWriter;
  readonly #reservations: ReservationWriter;
  readonly #report: AllocationReport;
  readonly #tables: TableKeeper | undefined;
  /** Services that want an address and have none. */
  readonly #without = new Set<Key>();
  #cancelTick: () => void = () => {};
  #tickAt = Number.POSITIVE_INFINITY;

  constructor(options: ControllerTermOptions, inForce: PoolsInForce) {
    this.#options = options;
    const { lbClass, world, migrationAnnotations: isForeign = false } = options;
    const namespaces = world.table("namespace");
    this.#assignments = new Assignments({ lbClass, isForeign, namespaces });
    this.#report = new AllocationReport(options.source, options.logger);
    const recordOf = (pool: string) =>
      world.table("pool").get(this.#assignments.pools.get(pool)?.key ?? "");
    const statsOf = (pool: string) => this.#assignments.stats(pool);
    const listOf = (pool: string) => this.#assignments.reservationsOf(pool);
    this.#poolStatus = new PoolStatusWriter({ ...options, statsOf, recordOf });
    this.#reservations = new ReservationWriter({ ...options, listOf, recordOf });
    this.#wakeUps = new WakeUps({
      assignments: this.#assignments,
      add: (key) => this.#queue.add(key),
    });
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      // The Lease is asked for long before that; what is begun now would only fail, key by key.
      holdMs: () => (options.actMs() < LEAST_ACT_MS ? LEAST_ACT_MS : 0),
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
    this.#tables =
      options.tables &&
      new TableKeeper({
        ...options,
        ...options.tables,
        poolOf: (address) => this.#poolOf(address),
        again: (key) => this.#queue.add(key),
      });
    options.metrics.setLoads(() => this.#tables?.loads ?? new Map());
    for (const speaker of world.table("speaker").values()) this.#noteConflicts(speaker);
    this.setPools(inForce);
    options.logger.info(
      {
        services: world.table("service").size,
        pools: [...inForce.pools.keys()],
      },
      "everything is listed, addresses are being assigned",
    );
  }

  /** Decides everything anew, in the order in which it may claim what it has. */
  setPools(inForce: PoolsInForce): void {
    const { world, metrics } = this.#options;
    const before = this.#assignments.pools;
    if (this.#assignments.isSettledBy(inForce)) {
      const { dropped, gained } = this.#assignments.setReservations(inForce);
      for (const key of gained) this.#queue.add(key);
      this.#wake(dropped);
      return;
    }
    const services = world.table("service").values();
    const keys = this.#assignments.setPools(inForce, services, this.#now);
    for (const name of before.keys()) {
      if (!inForce.pools.has(name)) metrics.removePool(name);
    }
    for (const name of inForce.pools.keys()) this.#observePool(name);
    this.#tables?.forgetAnswers();
    for (const key of keys) this.#queue.add(key);
  }

  setBrokenPools(broken: ReadonlySet<string>): void {
    this.#assignments.setBrokenPools(broken);
  }

  /** The Service has changed. */
  add(key: Key): void {
    const service = this.#options.world.table("service").get(key);
    if (service !== undefined) this.#assignments.note(service);
    this.#queue.add(key);
  }

  /** The labels or the quota of a Namespace have changed: pools may be kept for those that have them. */
  addAllOf(namespace: string): void {
    const services = Array.from(this.#options.world.table("service").values()).filter(
      (service) => service.namespace === namespace,
    );
    this.#assignments.recount(namespace, services);
    const pools = [...this.#assignments.pools.values()];
    this.#wakeUps.roomIn(namespace);
    if (!pools.some(({ reserved }) => reserved !== undefined)) return;
    for (const key of this.#assignments.inClaimOrder(services)) this.#queue.add(key);
  }

  /**
   * Something has changed that says who may answer, or who does.
   *
   * @param service Whose endpoints they are, if it is endpoints.
   */
  changed(event: SourceEvent, service: Key | undefined): void {
    this.#tables?.changed(event, service);
    if (event.type === "put" && event.kind === "speaker") this.#noteConflicts(event.record);
    if (event.type === "delete" && event.kind === "speaker") this.#noteConflicts(event);
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
    this.#tables?.close();
    this.#options.metrics.setLoads(() => new Map());
    this.#cancelTick();
    await this.#queue.close();
    await this.#poolStatus.close();
    await this.#reservations.close();
    for (const name of this.#assignments.pools.keys()) this.#options.metrics.removePool(name);
    this.#options.metrics.setWaitingServices(0);
  }

  async #work(key: Key): Promise<void> {
    const { world, metrics } = this.#options;
    const service = world.table("service").get(key);
    metrics.countUpdate();
    const settlement = this.#assignments.decide(key, service, this.#now);
    const { decision, pool, freed, isBelowQuota, reservedIn } = settlement;
    this.#wakeUps.set(key, decision.waitsFor);
    if (decision.problem !== "" && decision.desired?.addresses.length === 0) this.#without.add(key);
    else this.#without.delete(key);
    metrics.setWaitingServices(this.#without.size);
    this.#observePool(pool);
    // Begun before others are decided by it, so that statuses change in the order of the decisions.
    const writing = service === undefined ? undefined : this.#write(service, decision);
    this.#wake(freed);
    if (isBelowQuota) this.#wakeUps.roomIn(key.slice(0, key.indexOf("/")));
    this.#wakeUps.tried(key);
    for (const name of reservedIn) this.#reservations.touch(name);
    await writing;
    if (service === undefined) {
      this.#report.forget(key);
      this.#tables?.forget(key);
    } else await this.#report.decided(service, decision);
  }

  /** Those that wait for addresses that came free, or that can be shared on other terms now. */
  #wake(addresses: readonly string[]): void {
    this.#tickInTime();
    for (const address of addresses) this.#observePool(this.#wakeUps.freed(address));
  }

  #noteConflicts({ key, conflicts = [] }: Pick<SpeakerRecord, "key" | "conflicts">): void {
    this.#wake(this.#assignments.noteConflicts(key, conflicts, this.#now));
  }

  #poolOf(address: string): PoolRecord | undefined {
    return this.#assignments.pools.get(this.#assignments.poolOf(address) ?? "");
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  #tick(): void {
    this.#wake(this.#assignments.tick(this.#now));
    this.#tickAt = Number.POSITIVE_INFINITY;
    this.#tickInTime();
  }

  #tickInTime(): void {
    const { deadline } = this.#assignments;
    if (deadline >= this.#tickAt) return;
    this.#cancelTick();
    this.#tickAt = deadline;
    const delayMs = Math.max(0, deadline - this.#now);
    this.#cancelTick = this.#options.clock.setTimer(delayMs, () => this.#tick());
  }

  async #write(service: ServiceRecord, decision: AllocationDecision): Promise<void> {
    const { desired } = decision;
    if (desired === undefined) {
      if (!isOurs(service, this.#options.lbClass)) this.#tables?.forget(service.key);
      return;
    }
    const wanted: Record<string, string | undefined> = {
      [POOL_ANNOTATION]: desired.pool === "" ? undefined : desired.pool,
      ...this.#owners(service, desired.addresses),
    };
    const others = Object.entries(wanted).filter(
      ([name, value]) => service.annotations[name] !== value,
    );
    const sameAddresses = desired.addresses.join() === service.ingress.join();
    if (sameAddresses && others.length === 0) return;
    const tableAlone = sameAddresses && others.every(([name]) => name === OWNERS_ANNOTATION);
    if (tableAlone && this.#tables?.mayWrite(service.key) === false) return;
    const withinMs = this.#options.actMs();
    if (withinMs < LEAST_ACT_MS) throw new Error("the time in which this controller leads is over");
    const result = await this.#options.source.writeServiceStatus({
      key: service.key,
      resourceVersion: service.resourceVersion,
      addresses: desired.addresses,
      annotations: {
        [POOL_ANNOTATION]: wanted[POOL_ANNOTATION] ?? null,
        ...Object.fromEntries(others.map(([name, value]) => [name, value ?? null])),
      },
      ...(withinMs === Number.POSITIVE_INFINITY ? {} : { withinMs }),
    });
    // After a conflict the fresh object comes as an event and is decided anew.
    if (result !== "written") return;
    this.#wake(this.#assignments.written(service.key, this.#now));
    if (tableAlone) {
      const owners = wanted[OWNERS_ANNOTATION] ?? "nobody";
      this.#options.logger.info({ service: service.key, owners }, "another table says who answers");
    }
    if (!sameAddresses) await this.#report.written(service, decision);
  }

  /** The annotation that says who answers; none where that is not ours to say. */
  #owners(
    service: ServiceRecord,
    addresses: readonly string[],
  ): Record<string, string | undefined> {
    if (this.#tables === undefined) return {};
    return { [OWNERS_ANNOTATION]: this.#tables.decide(service, addresses) };
  }

  #observePool(name: string | undefined): void {
    const stats = name === undefined ? undefined : this.#assignments.stats(name);
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

import { Gauge, Registry } from "prom-client";
import type { Family } from "../domain.ts";
import { ProgramMetrics, type WallClock } from "./metrics.ts";

/** The addresses of one family in one pool; counts beyond 2^53 may be rounded. */
export interface PoolUsage {
  readonly total: number;
  /** Distinct addresses: one that is shared counts once. */
  readonly inUse: number;
}

/** What the controller measures. */
export class ControllerMetrics extends ProgramMetrics {
  readonly #pools: PoolGauges;
  readonly #waiting: Gauge;
  readonly #leader: Gauge;
  #loads: () => ReadonlyMap<string, number> = () => new Map();

  constructor(now: WallClock) {
    const registry = new Registry();
    super(registry, now);
    this.#pools = new PoolGauges(registry);
    this.#waiting = new Gauge({
      name: "ingot_services_waiting",
      help: "Services that want an address and have none.",
      registers: [registry],
    });
    this.#leader = new Gauge({
      name: "ingot_controller_leader",
      help: "1 while this controller assigns addresses, 0 while it stands by.",
      registers: [registry],
    });
    const loads = () => this.#loads();
    new Gauge({
      name: "ingot_owned_groups",
      help: "Services, those that share an address as one, that a node is to answer for.",
      labelNames: ["node"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [node, load] of loads()) this.set({ node }, load);
      },
    });
  }

  /** What tells, when it is asked, how many groups of Services each node is to answer for. */
  setLoads(loads: () => ReadonlyMap<string, number>): void {
    this.#loads = loads;
  }

  /** Whether this controller decides, or stands by. */
  setLeader(leads: boolean): void {
    this.#leader.set(leads ? 1 : 0);
  }

  setPool(pool: string, usage: Readonly<Record<Family, PoolUsage>>): void {
    this.#pools.set(pool, usage);
  }

  /** Forgets a pool that is gone: its series end. */
  removePool(pool: string): void {
    this.#pools.remove(pool);
  }

  setWaitingServices(count: number): void {
    this.#waiting.set(count);
  }
}

/** A gauge of the size and one of the use: for all addresses, and for each family. */
class PoolGauges {
  readonly #total: FamilyGauges;
  readonly #inUse: FamilyGauges;

  constructor(registry: Registry) {
    this.#total = familyGauges(registry, "addresses_total", "in the pool");
    this.#inUse = familyGauges(registry, "addresses_in_use_total", "of the pool that are in use");
  }

  set(pool: string, usage: Readonly<Record<Family, PoolUsage>>): void {
    this.#total.all.set({ pool }, usage[4].total + usage[6].total);
    this.#total[4].set({ pool }, usage[4].total);
    this.#total[6].set({ pool }, usage[6].total);
    this.#inUse.all.set({ pool }, usage[4].inUse + usage[6].inUse);
    this.#inUse[4].set({ pool }, usage[4].inUse);
    this.#inUse[6].set({ pool }, usage[6].inUse);
  }

  remove(pool: string): void {
    for (const gauges of [this.#total, this.#inUse]) {
      for (const gauge of [gauges.all, gauges[4], gauges[6]]) gauge.remove({ pool });
    }
  }
}

interface FamilyGauges {
  readonly all: Gauge<"pool">;
  readonly 4: Gauge<"pool">;
  readonly 6: Gauge<"pool">;
}

function familyGauges(registry: Registry, suffix: string, meaning: string): FamilyGauges {
  const gauge = (prefix: string, what: string): Gauge<"pool"> =>
    new Gauge({
      name: `metallb_allocator_${prefix}${suffix}`,
      help: `${what} ${meaning}.`,
      labelNames: ["pool"],
      registers: [registry],
    });
  return {
    all: gauge("", "Addresses"),
    4: gauge("ipv4_", "IPv4 addresses"),
    6: gauge("ipv6_", "IPv6 addresses"),
  };
}

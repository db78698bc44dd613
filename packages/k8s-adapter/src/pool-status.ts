import type { PoolStats } from "@ingot/allocator";
import type { Clock } from "./clock.ts";
import type { PoolCounters, PoolRecord } from "./domain.ts";
import { textOf } from "./error-text.ts";
import type { Logger } from "./observe/log.ts";
import type { Source } from "./source/source.ts";

/** What a {@link PoolStatusWriter} works with. */
export interface PoolStatusWriterOptions {
  readonly source: Pick<Source, "writePoolStatus">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of a pool by name; undefined when it is not in force. */
  readonly statsOf: (pool: string) => PoolStats | undefined;
  /** As the source has it; undefined when it is gone. */
  readonly recordOf: (pool: string) => PoolRecord | undefined;
}

/** Keeps the counters in the status of pools: only what differs is written, at most once a second. */
export class PoolStatusWriter {
  readonly #options: PoolStatusWriterOptions;
  readonly #dirty = new Set<string>();
  #cancel: (() => void) | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: PoolStatusWriterOptions) {
    this.#options = options;
  }

  /** The counters of a pool may have changed. */
  touch(pool: string): void {
    this.#dirty.add(pool);
    this.#cancel ??= this.#options.clock.setTimer(GAP_MS, () => {
      this.#underWay = this.#write().then(() => {
        this.#cancel = undefined;
        for (const left of this.#dirty) this.touch(left);
      });
    });
  }

  /** Writes no more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = () => {};
    this.#dirty.clear();
    await this.#underWay;
  }

  async #write(): Promise<void> {
    const { source, logger, statsOf, recordOf } = this.#options;
    const pools = [...this.#dirty];
    this.#dirty.clear();
    for (const name of pools) {
      const stats = statsOf(name);
      const record = recordOf(name);
      if (stats === undefined || record === undefined) continue;
      const counters = countersOf(stats);
      if (same(counters, record.counters)) continue;
      try {
        await source.writePoolStatus({ key: record.key, counters });
      } catch (error) {
        logger.warn({ pool: name, error: textOf(error) }, "could not write a pool's counters");
        this.#dirty.add(name);
      }
    }
  }
}

const GAP_MS = 1_000;
/** The largest double below 2^63, as JSON writes it; what is more is shown as this. */
const MOST = 9_223_372_036_854_775_000;

function countersOf(stats: PoolStats): PoolCounters {
  return {
    assignedIPv4: Number(stats.assignedIPv4),
    assignedIPv6: saturated(Number(stats.assignedIPv6)),
    availableIPv4: Number(stats.availableIPv4),
    availableIPv6: saturated(Number(stats.availableIPv6)),
  };
}

function saturated(count: number): number {
  return Math.min(count, MOST);
}

/** MetalLB's own largest number, read as a double, is just above ours. */
function same(a: PoolCounters, b: PoolCounters | undefined): boolean {
  return (
    b !== undefined &&
    a.assignedIPv4 === b.assignedIPv4 &&
    a.assignedIPv6 === saturated(b.assignedIPv6) &&
    a.availableIPv4 === b.availableIPv4 &&
    a.availableIPv6 === saturated(b.availableIPv6)
  );
}

import type { Clock } from "./clock.ts";
import { reservationsText } from "./config/reservations.ts";
import type { PoolRecord, Reservation } from "./domain.ts";
import { textOf } from "./error-text.ts";
import type { Logger } from "./observe/log.ts";
import type { Source } from "./source/source.ts";

/** What a {@link ReservationWriter} works with. */
export interface ReservationWriterOptions {
  readonly source: Pick<Source, "writeReservations">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the list of a pool should say. */
  readonly listOf: (pool: string) => readonly Reservation[];
  /** As the source has it; undefined when it is gone. */
  readonly recordOf: (pool: string) => PoolRecord | undefined;
}

/** Keeps the reservations in the annotation of pools: only what differs, what comes together at once. */
export class ReservationWriter {
  readonly #options: ReservationWriterOptions;
  readonly #dirty = new Set<string>();
  #cancel: (() => void) | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(options: ReservationWriterOptions) {
    this.#options = options;
  }

  /** The list of a pool may have changed. */
  touch(pool: string, delayMs: number = SOON_MS): void {
    this.#dirty.add(pool);
    this.#cancel ??= this.#options.clock.setTimer(delayMs, () => {
      this.#underWay = this.#write().then(() => {
        this.#cancel = undefined;
        for (const left of this.#dirty) this.touch(left, AGAIN_MS);
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
    const { source, logger, listOf, recordOf } = this.#options;
    const pools = [...this.#dirty];
    this.#dirty.clear();
    for (const pool of pools) {
      const record = recordOf(pool);
      const text = reservationsText(listOf(pool));
      if (record === undefined || text === reservationsText(record.reservations)) continue;
      const { key, resourceVersion } = record;
      try {
        const result = await source.writeReservations({ key, resourceVersion, text });
        if (result === "conflict") this.#dirty.add(pool);
      } catch (error) {
        logger.warn({ pool, error: textOf(error) }, "could not write a pool's reservations");
        this.#dirty.add(pool);
      }
    }
  }
}

const SOON_MS = 100;
const AGAIN_MS = 1_000;

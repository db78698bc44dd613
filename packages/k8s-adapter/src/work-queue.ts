import type { Clock } from "./clock.ts";

/** How a {@link WorkQueue} works. */
export interface WorkQueueOptions {
  readonly clock: Clock;
  /** Numbers in 0..1, for jitter. */
  readonly random: () => number;
  /** How many keys are worked on at a time; default 16. */
  readonly concurrency?: number;
  /** Between a failure and the first new try; doubles up to `maximumDelayMs`; default 200. */
  readonly initialDelayMs?: number;
  /** Default 30,000. */
  readonly maximumDelayMs?: number;
  /** For how long nothing may be begun, 0 when it may; asked before each key. Default: always 0. */
  readonly holdMs?: () => number;
  readonly work: (key: string) => Promise<void>;
  /** A try failed and will be made again after `delayMs`. */
  readonly failed: (key: string, error: unknown, delayMs: number) => void;
}

/**
 * Works on keys in the order in which they were added. A key is worked on once at a time; added
 * meanwhile, it is worked on again. One that fails is retried alone, later and later, and holds up
 * no other.
 */
export class WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  readonly #waiting = new Set<string>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #retries = new Map<string, { readonly failures: number; cancel: () => void }>();
  readonly #idle: (() => void)[] = [];
  #paused = false;
  #closed = false;
  #cancelHold: (() => void) | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = {
      concurrency: 16,
      initialDelayMs: 200,
      maximumDelayMs: 30_000,
      holdMs: () => 0,
      ...options,
    };
  }

  /** Keys that wait for their next try after a failure. */
  get retrying(): number {
    return this.#retries.size;
  }

  add(key: string): void {
    if (this.#closed) return;
    if (this.#running.has(key)) this.#again.add(key);
    else {
      this.#retries.get(key)?.cancel();
      this.#waiting.add(key);
    }
    this.#pump();
  }

  /** Begins nothing until `resume`; what is being worked on goes on. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#pump();
  }

  /** Takes no more work, and resolves when what is being worked on is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelHold?.();
    this.#waiting.clear();
    this.#again.clear();
    for (const { cancel } of this.#retries.values()) cancel();
    this.#retries.clear();
    if (this.#running.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#paused || this.#running.size >= this.#options.concurrency || this.#isHeld()) return;
      this.#waiting.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  /** Looks again in time, and by then once for all keys that wait. */
  #isHeld(): boolean {
    if (this.#cancelHold !== undefined) return true;
    const { clock, holdMs } = this.#options;
    const delayMs = holdMs();
    if (delayMs === 0) return false;
    this.#cancelHold = clock.setTimer(delayMs, () => {
      this.#cancelHold = undefined;
      this.#pump();
    });
    return true;
  }

  async #run(key: string): Promise<void> {
    try {
      await this.#options.work(key);
      this.#retries.delete(key);
    } catch (error) {
      if (!this.#closed) this.#retryLater(key, error);
    }
    this.#running.delete(key);
    if (this.#again.delete(key)) this.add(key);
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
    this.#pump();
  }

  #retryLater(key: string, error: unknown): void {
    const failures = (this.#retries.get(key)?.failures ?? 0) + 1;
    const { initialDelayMs, maximumDelayMs, random, clock } = this.#options;
    const fullMs = Math.min(maximumDelayMs, initialDelayMs * 2 ** Math.min(failures - 1, 20));
    const delayMs = Math.round(fullMs * (0.75 + random() / 4));
    const cancel = clock.setTimer(delayMs, () => this.add(key));
    this.#retries.set(key, { failures, cancel });
    this.#options.failed(key, error, delayMs);
  }
}

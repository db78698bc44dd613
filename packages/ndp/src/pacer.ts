import type { FrameBucket } from "./bucket.ts";

/** What waits for its turn at a {@link Pacer}: one frame. */
export interface Paced {
  /** Lower goes first: 0 and up. */
  readonly priority: number;
}

/**
 * A queue before a bucket: of what waits, the most urgent goes first, and among equals the one that
 * came first.
 *
 * Times are milliseconds on one clock.
 */
export class Pacer<Job extends Paced> {
  readonly #bucket: FrameBucket;
  readonly #queues: Job[][] = [];

  constructor(bucket: FrameBucket) {
    this.#bucket = bucket;
  }

  /**
   * When the first in the queue may go; infinite when nothing waits. Who shares the bucket may put it
   * off meanwhile.
   */
  get deadline(): number {
    return this.#first() === undefined ? Number.POSITIVE_INFINITY : this.#bucket.readyAt(1);
  }

  put(job: Job): void {
    while (this.#queues.length <= job.priority) this.#queues.push([]);
    this.#queues[job.priority]?.push(job);
  }

  /** Takes out the first job, if the bucket has enough for it. It is charged only by {@link charge}. */
  next(now: number): Job | undefined {
    const queue = this.#first();
    return queue === undefined || now < this.#bucket.readyAt(1) ? undefined : queue.shift();
  }

  /** Counts a frame that goes now. */
  charge(now: number): void {
    this.#bucket.charge(1, now);
  }

  /** Forgets what waits, not what was charged. */
  clear(): void {
    this.#queues.length = 0;
  }

  #first(): Job[] | undefined {
    return this.#queues.find((queue) => queue.length > 0);
  }
}

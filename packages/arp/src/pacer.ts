import type { FrameBucket } from "./bucket.ts";

/** What waits for its turn at a {@link Pacer}. */
export interface Paced {
  /** How many frames it sends, all at once. */
  readonly frames: number;
  /** Lower goes first: 0 and up. */
  readonly priority: number;
}

/**
 * The queue before a bucket: of what waits, the most urgent goes first, and among equals the one that
 * came first.
 *
 * Times are milliseconds on one clock.
 */
export class Pacer<Job extends Paced> {
  readonly #bucket: FrameBucket;
  readonly #queues: Job[][] = [];

  /** @param bucket Must have room for the frames of any job. */
  constructor(bucket: FrameBucket) {
    this.#bucket = bucket;
  }

  /** When the first in the queue may go; infinite when nothing waits. */
  get deadline(): number {
    const job = this.#first()?.[0];
    return job === undefined ? Number.POSITIVE_INFINITY : this.#bucket.readyAt(job.frames);
  }

  put(job: Job): void {
    while (this.#queues.length <= job.priority) this.#queues.push([]);
    this.#queues[job.priority]?.push(job);
  }

  /** Takes out the first job, if the bucket has enough for it. It is charged only by {@link charge}. */
  next(now: number): Job | undefined {
    const queue = this.#first();
    const job = queue?.[0];
    if (job === undefined || now < this.#bucket.readyAt(job.frames)) return undefined;
    queue?.shift();
    return job;
  }

  /** Counts frames that go now, whether they waited or not. */
  charge(frames: number, now: number): void {
    this.#bucket.charge(frames, now);
  }

  /** Forgets what waits, not what was charged. */
  clear(): void {
    this.#queues.length = 0;
  }

  #first(): Job[] | undefined {
    return this.#queues.find((queue) => queue.length > 0);
  }
}

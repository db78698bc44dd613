/** What waits for its turn at a {@link Pacer}. */
export interface Paced {
  /** How many frames it sends, all at once. */
  readonly frames: number;
  /** Lower goes first: 0 and up. */
  readonly priority: number;
}

/**
 * A token bucket with a queue before it: lets so many frames a second through on average and a burst
 * after a rest; of what waits, the most urgent goes first, and among equals the one that came first.
 *
 * Times are milliseconds on one clock.
 */
export class Pacer<Job extends Paced> {
  readonly #gapMs: number;
  readonly #burst: number;
  readonly #queues: Job[][] = [];
  /** When the bucket is full again: all that is remembered of it. */
  #fullAt = Number.NEGATIVE_INFINITY;

  /**
   * @param framesPerSecond positive.
   * @param burst no less than the frames of any job.
   */
  constructor(framesPerSecond: number, burst: number) {
    this.#gapMs = 1_000 / framesPerSecond;
    this.#burst = burst;
  }

  /** When the first in the queue may go; infinite when nothing waits. */
  get deadline(): number {
    const queue = this.#first();
    const job = queue?.[0];
    return job === undefined ? Number.POSITIVE_INFINITY : this.#readyAt(job.frames);
  }

  put(job: Job): void {
    while (this.#queues.length <= job.priority) this.#queues.push([]);
    this.#queues[job.priority]?.push(job);
  }

  /** Takes out the first job, if the bucket has enough for it. It is charged only by {@link charge}. */
  next(now: number): Job | undefined {
    const queue = this.#first();
    const job = queue?.[0];
    if (job === undefined || now < this.#readyAt(job.frames)) return undefined;
    queue?.shift();
    return job;
  }

  /**
   * Counts frames that go now. Those that cannot wait may be counted without asking: the bucket gets
   * no emptier than empty.
   */
  charge(frames: number, now: number): void {
    const fullAt = Math.max(this.#fullAt, now) + frames * this.#gapMs;
    this.#fullAt = Math.min(fullAt, now + this.#burst * this.#gapMs);
  }

  /** Forgets what waits, not what was charged. */
  clear(): void {
    this.#queues.length = 0;
  }

  #first(): Job[] | undefined {
    return this.#queues.find((queue) => queue.length > 0);
  }

  #readyAt(frames: number): number {
    return this.#fullAt - (this.#burst - frames) * this.#gapMs;
  }
}

/** Jobs in order of their time; those due at one moment in the order they were added. */
export class Agenda<Job extends { readonly due: number }> {
  // A binary heap: the children of entry i are entries 2i + 1 and 2i + 2, and none comes before it.
  readonly #heap: Entry<Job>[] = [];
  #added = 0;

  /** When the next job is due; infinite when there is none. */
  get deadline(): number {
    return this.#heap[0]?.job.due ?? Number.POSITIVE_INFINITY;
  }

  add(job: Job): void {
    const entry = { job, order: this.#added };
    this.#added += 1;
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = entry;
  }

  /** Takes the next job out if it is due. */
  take(now: number): Job | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.job.due > now) return undefined;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first.job;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  /** Puts an entry in the place of the first. */
  #sink(entry: Entry<Job>): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = this.#heap[below];
      if (child === undefined) break;
      const other = this.#heap[below + 1];
      if (other !== undefined && isBefore(other, child)) {
        child = other;
        below += 1;
      }
      if (!isBefore(child, entry)) break;
      this.#heap[at] = child;
      at = below;
    }
    this.#heap[at] = entry;
  }
}

interface Entry<Job> {
  readonly job: Job;
  readonly order: number;
}

function isBefore<Job extends { readonly due: number }>(
  one: Entry<Job>,
  other: Entry<Job>,
): boolean {
  return one.job.due < other.job.due || (one.job.due === other.job.due && one.order < other.order);
}

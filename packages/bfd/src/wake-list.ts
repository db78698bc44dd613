/**
 * Who is to be woken when. Made for deadlines that mostly move later before they come: such a move
 * costs nothing, as who is woken too early just says the next time.
 */
export class WakeList<Sleeper extends object> {
  // A binary heap: the children of entry i are entries 2i + 1 and 2i + 2, and none comes before it.
  readonly #heap: Wake<Sleeper>[] = [];
  /** The one entry that counts for each; others of the heap are passed over. */
  readonly #planned = new Map<Sleeper, Wake<Sleeper>>();

  /** When somebody is due, or may be; infinite when nobody is. */
  get deadline(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Wakes somebody at a time or before, whatever was planned. */
  plan(sleeper: Sleeper, at: number): void {
    const planned = this.#planned.get(sleeper);
    if (at === Number.POSITIVE_INFINITY || (planned !== undefined && planned.at <= at)) return;
    const wake = { sleeper, at };
    this.#planned.set(sleeper, wake);
    this.#push(wake);
  }

  /** Takes out the next one who is due; who is taken out is woken no more until planned again. */
  take(now: number): Sleeper | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.at > now) return undefined;
      this.#pop();
      if (this.#planned.get(first.sleeper) !== first) continue;
      this.#planned.delete(first.sleeper);
      return first.sleeper;
    }
    return undefined;
  }

  forget(sleeper: Sleeper): void {
    this.#planned.delete(sleeper);
  }

  #push(wake: Wake<Sleeper>): void {
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.at <= wake.at) break;
      this.#heap[at] = parent;
      at = above;
    }
    this.#heap[at] = wake;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = this.#heap[below];
      if (child === undefined) break;
      const other = this.#heap[below + 1];
      if (other !== undefined && other.at < child.at) {
        child = other;
        below += 1;
      }
      if (child.at >= last.at) break;
      this.#heap[at] = child;
      at = below;
    }
    this.#heap[at] = last;
  }
}

interface Wake<Sleeper> {
  readonly sleeper: Sleeper;
  readonly at: number;
}

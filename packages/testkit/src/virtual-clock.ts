/**
 * Time that passes only when told to. Fits every `Clock` of the protocol packages, so that machines
 * and shells run through hours in microseconds, the same way each time.
 *
 * Timers fire in order of their time; those due at one moment fire in the order they were set.
 */
export class VirtualClock {
  readonly #timers: Timer[] = [];
  #now: number;
  #set = 0;
  #cancelled = 0;
  #advancing = false;

  /** @throws {RangeError} when `startMs` is not a finite number. */
  constructor(startMs = 0) {
    if (!Number.isFinite(startMs)) throw new RangeError(`startMs must be finite, got ${startMs}`);
    this.#now = startMs;
  }

  /** Milliseconds; inside a wake this is the moment its timer was due. */
  now(): number {
    return this.#now;
  }

  /** Timers that are set and neither fired nor cancelled; a test of leaks reads it. */
  get pending(): number {
    return this.#timers.length - this.#cancelled;
  }

  /**
   * Calls `wake` once when `delayMs` have passed: never within this call, never when it is infinite,
   * and at the next `advance` (even by 0) when it is 0 or less. Returns what cancels it.
   *
   * @throws {RangeError} when `delayMs` is not a number.
   */
  setTimer(delayMs: number, wake: () => void): () => void {
    if (Number.isNaN(delayMs)) throw new RangeError(`delayMs must be a number, got ${delayMs}`);
    if (delayMs === Number.POSITIVE_INFINITY) return () => {};
    this.#set += 1;
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), order: this.#set, wake };
    push(this.#timers, timer);
    return () => {
      if (timer.wake === undefined) return;
      timer.wake = undefined;
      this.#cancelled += 1;
    };
  }

  /** Lets `ms` pass: every timer due by then fires, those set by a wake on the way included. */
  advance(ms: number): void {
    this.advanceTo(this.#now + ms);
  }

  /**
   * Lets time pass until `time`; a wake that throws stops the clock at its moment.
   *
   * @throws {RangeError} when `time` is in the past or infinite.
   * @throws {Error} when called from within a wake, or when wakes set new timers for the same moment
   *   without end.
   */
  advanceTo(time: number): void {
    if (!(time >= this.#now && time < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`time must be finite and not before ${this.#now}, got ${time}`);
    }
    if (this.#advancing) throw new Error("advance was called from within a wake");
    this.#advancing = true;
    try {
      this.#fireUntil(time);
    } finally {
      this.#advancing = false;
    }
    this.#now = time;
  }

  #fireUntil(time: number): void {
    let firedNow = 0;
    for (let first = this.#timers[0]; first !== undefined; first = this.#timers[0]) {
      if (first.at > time) return;
      pop(this.#timers);
      const { at, wake } = first;
      if (wake === undefined) {
        this.#cancelled -= 1;
        continue;
      }
      // From here on cancelling it is a no-op, as with any timer that has fired.
      first.wake = undefined;
      firedNow = at === this.#now ? firedNow + 1 : 1;
      if (firedNow > MOST_WAKES_AT_ONCE) {
        throw new Error(`${MOST_WAKES_AT_ONCE} wakes at ${at} ms: a timer sets itself for at once`);
      }
      this.#now = at;
      wake();
    }
  }
}

const MOST_WAKES_AT_ONCE = 1_000_000;

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Undefined once it fired or was cancelled. */
  wake: (() => void) | undefined;
}

// A binary heap: the children of entry i are entries 2i + 1 and 2i + 2, and none comes before it.

function push(heap: Timer[], timer: Timer): void {
  let at = heap.length;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Timer;
    if (!before(timer, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    let child = heap[below];
    if (child === undefined) break;
    const other = heap[below + 1];
    if (other !== undefined && before(other, child)) {
      child = other;
      below += 1;
    }
    if (!before(child, last)) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
}

function before(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

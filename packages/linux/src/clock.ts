/** Milliseconds that only ever go forward, and a way to be woken. */
export interface MonotonicClock {
  /** Milliseconds since some moment of this thread; not comparable between threads. */
  now(): number;
  /**
   * Calls `wake` once, when at least `delayMs` have passed, and keeps the process alive until then.
   * Any delay will do: a negative one is none at all, an infinite one never ends (and keeps nothing
   * alive). Returns what cancels it.
   *
   * @throws {RangeError} when the delay is not a number.
   */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/** The clock of the machine: setting the date does not move it. */
export const monotonicClock: MonotonicClock = {
  now: () => performance.now(),

  setTimer(delayMs, wake) {
    if (Number.isNaN(delayMs)) throw new RangeError("delayMs must be a number, got NaN");
    if (delayMs === Number.POSITIVE_INFINITY) return () => {};
    // A timer of Node takes a millisecond at least; what is due at once is woken after what came in.
    if (delayMs <= 0) {
      const soon = setImmediate(wake);
      return () => clearImmediate(soon);
    }
    const due = performance.now() + delayMs;
    // Node's timers run up to a millisecond early, and take no more than 31 bits.
    const arm = (): NodeJS.Timeout => {
      const left = Math.ceil(due - performance.now());
      return setTimeout(check, Math.min(Math.max(left, 0), LONGEST_MS));
    };
    const check = (): void => {
      if (performance.now() < due) timer = arm();
      else wake();
    };
    let timer = arm();
    return () => clearTimeout(timer);
  },
};

const LONGEST_MS = 0x7fff_ffff;

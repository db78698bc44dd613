/** Monotonic milliseconds, and a way to be woken; `@ingot/linux` has the real one. */
export interface Clock {
  now(): number;
  /** Returns what cancels it. */
  setTimer(delayMs: number, wake: () => void): () => void;
}

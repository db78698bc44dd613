import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { monotonicClock } from "./clock.ts";

const DAY_MS = 86_400_000;

describe("monotonic clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Arms a timer and tells at which times it woke. */
  function arm(delayMs: number) {
    const start = monotonicClock.now();
    const woken: number[] = [];
    const cancel = monotonicClock.setTimer(delayMs, () => woken.push(monotonicClock.now() - start));
    return { woken, cancel };
  }

  it.each([
    [0, 0],
    [-5, 0],
    [1, 1],
    [250, 250],
  ])("wakes once after %d ms", (delayMs, at) => {
    const { woken } = arm(delayMs);
    vi.advanceTimersByTime(10_000);
    expect(woken).toEqual([at]);
  });

  it("waits for longer than a timer of Node can", () => {
    const delayMs = 60 * DAY_MS;
    expect(delayMs).toBeGreaterThan(2 * 0x7fff_ffff);
    const { woken } = arm(delayMs);
    vi.advanceTimersByTime(delayMs - 1);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([delayMs]);
  });

  it("is never early, not by a fraction of a millisecond", () => {
    const { woken } = arm(10.25);
    vi.advanceTimersByTime(10);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([11]);
  });

  it("waits on when the timer of Node fires early", () => {
    const { woken } = arm(100);
    const now = vi.spyOn(performance, "now");
    now.mockReturnValueOnce(performance.now() + 99.6);
    vi.advanceTimersByTime(100);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toHaveLength(1);
    now.mockRestore();
  });

  it.each([0, -5])(
    "takes no timer of Node, which is a millisecond at least, for %d ms",
    (delayMs) => {
      const timer = vi.spyOn(globalThis, "setTimeout");
      const { woken } = arm(delayMs);
      expect(woken).toEqual([]);
      vi.advanceTimersByTime(0);
      expect(woken).toEqual([0]);
      expect(timer).not.toHaveBeenCalled();
      timer.mockRestore();
    },
  );

  it("can be cancelled when it is due at once", () => {
    const { woken, cancel } = arm(0);
    cancel();
    vi.advanceTimersByTime(1);
    expect(woken).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([10, 60 * DAY_MS])("can be cancelled when it is %d ms away", (delayMs) => {
    const { woken, cancel } = arm(delayMs);
    vi.advanceTimersByTime(delayMs - 1);
    cancel();
    vi.advanceTimersByTime(delayMs);
    expect(woken).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never ends an infinite delay, and holds no timer for it", () => {
    arm(Number.POSITIVE_INFINITY).cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("refuses a delay that is not a number", () => {
    expect(() => monotonicClock.setTimer(Number.NaN, () => {})).toThrow(
      new RangeError("delayMs must be a number, got NaN"),
    );
  });
});

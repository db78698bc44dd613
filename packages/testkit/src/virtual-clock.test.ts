import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

/** A clock, and a timer that writes its name and moment down when it fires. */
function recorded() {
  const clock = new VirtualClock();
  const fired: string[] = [];
  const set = (name: string, delayMs: number) =>
    clock.setTimer(delayMs, () => fired.push(`${name}@${clock.now()}`));
  return { clock, fired, set };
}

describe("virtual clock", () => {
  it("fires in order of time, and of setting at the same time", () => {
    const { clock, fired, set } = recorded();
    set("late", 30);
    set("first", 10);
    set("second", 10);
    set("never", Number.POSITIVE_INFINITY);
    clock.advance(9);
    expect(fired).toEqual([]);
    clock.advance(1);
    expect(fired).toEqual(["first@10", "second@10"]);
    clock.advanceTo(100);
    expect(fired).toEqual(["first@10", "second@10", "late@30"]);
    expect(clock.now()).toBe(100);
    expect(clock.pending).toBe(0);
  });

  it("honours what a wake sets, within the same advance", () => {
    const { clock, fired, set } = recorded();
    clock.setTimer(10, () => {
      set("at once", 0);
      set("in time", 5);
      set("too late", 11);
    });
    set("same moment", 10);
    clock.advance(20);
    expect(fired).toEqual(["same moment@10", "at once@10", "in time@15"]);
    expect(clock.pending).toBe(1);
  });

  it("does not fire what was cancelled, by a wake of the same moment included", () => {
    const { clock, fired, set } = recorded();
    clock.setTimer(10, () => cancel());
    const cancel = set("cancelled", 10);
    const cancelTwice = set("other", 20);
    cancelTwice();
    cancelTwice();
    expect(clock.pending).toBe(2);
    clock.advance(50);
    cancel();
    expect(fired).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("fires an overdue timer at the next advance, not at once", () => {
    const { clock, fired, set } = recorded();
    set("overdue", -5);
    expect(fired).toEqual([]);
    clock.advance(0);
    expect(fired).toEqual(["overdue@0"]);
  });

  it.each([[-1], [Number.NaN], [Number.POSITIVE_INFINITY]])("refuses to advance by %d", (ms) => {
    expect(() => new VirtualClock(5).advance(ms)).toThrow(RangeError);
  });

  it("refuses a delay that is no number, and a start that is not finite", () => {
    expect(() => new VirtualClock().setTimer(Number.NaN, () => {})).toThrow("got NaN");
    expect(() => new VirtualClock(Number.NEGATIVE_INFINITY)).toThrow("startMs must be finite");
  });

  it("refuses to be advanced by a wake", () => {
    const { clock } = recorded();
    clock.setTimer(1, () => clock.advance(1));
    expect(() => clock.advance(5)).toThrow("within a wake");
    expect(clock.now()).toBe(1);
    clock.advance(4);
    expect(clock.now()).toBe(5);
  });

  it("ends a timer that sets itself for at once without end", () => {
    const clock = new VirtualClock();
    const again = () => void clock.setTimer(0, again);
    again();
    expect(() => clock.advance(1)).toThrow("sets itself for at once");
  });

  it("fires any timers as a sorted list would, whatever is cancelled", () => {
    const timers = fc.array(fc.record({ delayMs: fc.nat(50), cancelled: fc.boolean() }));
    fc.assert(
      fc.property(timers, fc.array(fc.nat(20)), (list, steps) => {
        const { clock, fired, set } = recorded();
        for (const [i, { delayMs, cancelled }] of list.entries()) {
          const cancel = set(`${i}`, delayMs);
          if (cancelled) cancel();
        }
        for (const step of steps) clock.advance(step);
        clock.advance(50);
        const expected = list
          .map(({ delayMs, cancelled }, i) => ({ delayMs, cancelled, name: `${i}@${delayMs}` }))
          .filter(({ cancelled }) => !cancelled)
          .sort((a, b) => a.delayMs - b.delayMs);
        expect(fired).toEqual(expected.map(({ name }) => name));
      }),
    );
  });
});

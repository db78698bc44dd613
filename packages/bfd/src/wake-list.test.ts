import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WakeList } from "./wake-list.ts";

const sleeper = (name: string) => ({ name });

describe("wake list", () => {
  it("wakes those who are due, first come by time", () => {
    const list = new WakeList<{ name: string }>();
    const [a, b] = [sleeper("a"), sleeper("b")];
    list.plan(a, 20);
    list.plan(b, 10);
    expect(list.deadline).toBe(10);
    expect(list.take(9)).toBeUndefined();
    expect([list.take(20), list.take(20), list.take(20)]).toEqual([b, a, undefined]);
    expect(list.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("wakes once at the earliest time it was told, and never who was forgotten", () => {
    const list = new WakeList<{ name: string }>();
    const [a, b] = [sleeper("a"), sleeper("b")];
    list.plan(a, 20);
    list.plan(a, 10);
    list.plan(a, 30);
    list.plan(b, 5);
    list.forget(b);
    expect([list.take(30), list.take(30)]).toEqual([a, undefined]);
    list.plan(a, Number.POSITIVE_INFINITY);
    expect(list.take(1e9)).toBeUndefined();
  });

  it("is the same as a sorted list, whatever is planned", () => {
    const plans = fc.array(fc.tuple(fc.nat(9), fc.nat(100)));
    fc.assert(
      fc.property(plans, (steps) => {
        const sleepers = Array.from({ length: 10 }, (_, i) => sleeper(`${i}`));
        const list = new WakeList<{ name: string }>();
        const earliest = new Map<string, number>();
        for (const [i, at] of steps) {
          list.plan(sleepers[i] ?? sleeper(""), at);
          earliest.set(`${i}`, Math.min(at, earliest.get(`${i}`) ?? at));
        }
        for (let now = 0; now <= 100; now++) {
          const woken = new Set<string>();
          for (let next = list.take(now); next !== undefined; next = list.take(now)) {
            expect(woken.has(next.name)).toBe(false);
            woken.add(next.name);
          }
          const due = [...earliest].filter(([, at]) => at === now).map(([name]) => name);
          expect(woken).toEqual(new Set(due));
        }
      }),
    );
  });
});

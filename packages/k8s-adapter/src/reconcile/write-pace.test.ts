import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WritePace } from "./write-pace.ts";

const limits = { perSecond: 10, burst: 2, moves: 2, proofMs: 5_000 };

describe("the pace of writes", () => {
  it("lets a burst go, and the rest at its rate", () => {
    const pace = new WritePace(limits);
    expect(["a", "b", "c", "d"].map((key) => pace.ask(key, false, 0))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(pace.deadline).toBe(100);
    expect(pace.take(99)).toEqual([]);
    expect(pace.take(pace.deadline)).toEqual(["c"]);
    expect(pace.ask("c", false, 100)).toBe(true);
    expect(pace.take(pace.deadline)).toEqual(["d"]);
  });

  it("lets so many move at a time, and the next when one is done", () => {
    const pace = new WritePace({ ...limits, burst: 9 });
    expect(["a", "b", "c"].map((key) => pace.ask(key, true, 0))).toEqual([true, true, false]);
    expect(pace.ask("d", false, 0)).toBe(true);
    expect(pace.deadline).toBe(5_000);
    pace.done("a");
    expect(pace.take(pace.deadline)).toEqual(["c"]);
  });

  it("gives a slot away when nobody is seen to take over", () => {
    const pace = new WritePace({ ...limits, burst: 9 });
    for (const key of ["a", "b", "c"]) pace.ask(key, true, 0);
    expect(pace.take(5_000)).toEqual(["c"]);
    expect(pace.ask("c", true, 5_000)).toBe(true);
  });

  it("does not ask a move that is under way for another slot", () => {
    const pace = new WritePace({ ...limits, burst: 9, moves: 1 });
    expect(pace.ask("a", true, 0)).toBe(true);
    expect(pace.ask("a", true, 1)).toBe(true);
  });

  it("never lets more go than its limits, and lets everything go in the end", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (moves) => {
        const pace = new WritePace(limits);
        const gone = new Set<number>();
        const ask = (i: number, now: number) => {
          if (!pace.ask(`${i}`, moves[i] ?? false, now)) return;
          gone.add(i);
          expect(gone.size).toBeLessThanOrEqual(limits.burst + (now * limits.perSecond) / 1_000);
        };
        for (const i of moves.keys()) ask(i, 0);
        for (let turns = 0; gone.size < moves.length; turns++) {
          expect(turns).toBeLessThan(1_000);
          const now = pace.deadline;
          expect(now).toBeLessThan(Number.POSITIVE_INFINITY);
          for (const key of pace.take(now)) ask(Number(key), now);
        }
        expect(pace.deadline).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });
});

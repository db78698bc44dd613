import { seededRandom } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { TransmitSchedule } from "./transmit-schedule.ts";

/** The gaps of 10,000 packets, each sent `lateMs` after its time. */
function gaps(multiplier: number, lateMs: () => number): number[] {
  const schedule = new TransmitSchedule(seededRandom(3));
  schedule.start(0);
  let last: number | undefined;
  const list: number[] = [];
  for (let i = 0; i <= 10_000; i++) {
    const now = schedule.deadline + lateMs();
    if (last !== undefined) list.push(now - last);
    last = now;
    schedule.advance(now, 10, multiplier);
  }
  return list;
}

const mean = (list: readonly number[]) => list.reduce((sum, gap) => sum + gap, 0) / list.length;

describe("transmit schedule (RFC 5880 section 6.8.7)", () => {
  it.each([
    [1, 9],
    [2, 10],
    [3, 10],
  ])("spreads packets from 7.5 on, with multiplier %i to %i of 10", (multiplier, most) => {
    const list = gaps(multiplier, () => 0);
    expect(Math.min(...list)).toBeGreaterThanOrEqual(7.5 - 1e-9);
    expect(Math.max(...list)).toBeLessThanOrEqual(most + 1e-9);
    expect(Math.min(...list)).toBeLessThan(7.51);
    expect(Math.max(...list)).toBeGreaterThan(most - 0.01);
    expect(mean(list)).toBeCloseTo((7.5 + most) / 2, 1);
  });

  it("does not add up what timers are late", () => {
    const random = seededRandom(5);
    const list = gaps(3, () => random());
    // 8.75 when on time; it would be 9.25 if half a millisecond were added each time.
    expect(mean(list)).toBeLessThan(8.9);
    expect(Math.min(...list)).toBeGreaterThanOrEqual(7.5 - 1e-9);
  });

  it("makes no burst of what was missed", () => {
    const schedule = new TransmitSchedule(() => 0);
    schedule.start(0);
    schedule.advance(1_000, 10, 3);
    expect(schedule.deadline).toBe(1_007.5);
  });

  it("comes sooner when the interval becomes shorter, and not later when it becomes longer", () => {
    const schedule = new TransmitSchedule(() => 0);
    schedule.ensure(0, 1_000, 3);
    expect(schedule.deadline).toBe(1_000);
    schedule.ensure(10, 5_000, 3);
    expect(schedule.deadline).toBe(1_000);
    schedule.ensure(10, 100, 3);
    expect(schedule.deadline).toBe(110);
    schedule.stop();
    expect(schedule.deadline).toBe(Number.POSITIVE_INFINITY);
  });
});

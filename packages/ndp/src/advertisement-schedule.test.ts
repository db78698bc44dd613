import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  AdvertisementSchedule,
  type ScheduleInput,
  type ScheduleOptions,
} from "./advertisement-schedule.ts";

const start: ScheduleInput = { type: "start" };
const stop: ScheduleInput = { type: "stop" };
const up: ScheduleInput = { type: "up" };
const solicitation: ScheduleInput = { type: "solicitation" };
const tick: ScheduleInput = { type: "tick" };
const every20to40 = { minIntervalMs: 20_000, maxIntervalMs: 40_000 };

/** A machine that draws the middle of every interval, and was started at 0 unless it is idle. */
function machineIn(state: "idle" | "advertising", options: ScheduleOptions = every20to40) {
  const machine = new AdvertisementSchedule(options, () => 0.5);
  if (state === "advertising") machine.handle(start, 0);
  return machine;
}

/** When it advertises until `end`, ticked at each deadline. */
function ticks(machine: AdvertisementSchedule, end: number): number[] {
  const times: number[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    for (const { type } of machine.handle(tick, now)) {
      expect(type).toBe("advertise");
      times.push(now);
    }
  }
  return times;
}

describe("advertisement schedule", () => {
  it("follows its table when idle", () => {
    expect(machineIn("idle").handle(start, 5_000)).toEqual([{ type: "advertise" }]);
    for (const input of [stop, up, solicitation, tick]) {
      const machine = machineIn("idle");
      expect(machine.handle(input, 5_000)).toEqual([]);
      expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it("follows its table when advertising", () => {
    const advertise = [{ type: "advertise" }];
    expect(machineIn("advertising").handle(start, 5_000)).toEqual([]);
    expect(machineIn("advertising").handle(up, 5_000)).toEqual(advertise);
    expect(machineIn("advertising").handle(solicitation, 5_000)).toEqual([]);
    expect(machineIn("advertising").handle(tick, 15_999)).toEqual([]);
    expect(machineIn("advertising").handle(tick, 16_000)).toEqual(advertise);
    const machine = machineIn("advertising");
    expect(machine.handle(stop, 5_000)).toEqual([{ type: "retire" }]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(machine.handle(stop, 5_000)).toEqual([]);
    expect(machine.handle(start, 6_000)).toEqual([]);
    expect(ticks(machine, 8_000)).toEqual([8_000]);
  });

  it("sends the first three 16 seconds apart at most, and then by its interval (6.2.4)", () => {
    expect(ticks(machineIn("advertising"), 150_000)).toEqual([
      16_000, 32_000, 62_000, 92_000, 122_000,
    ]);
    const short = machineIn("advertising", { minIntervalMs: 4_000, maxIntervalMs: 8_000 });
    expect(ticks(short, 20_000)).toEqual([6_000, 12_000, 18_000]);
  });

  it("starts again with three when the interface comes up, three seconds after the last", () => {
    const machine = machineIn("advertising");
    ticks(machine, 100_000);
    expect(machine.handle(up, 94_000)).toEqual([]);
    expect(ticks(machine, 160_000)).toEqual([95_000, 111_000, 127_000, 157_000]);
  });

  it("answers within half a second, three seconds after the last (6.2.6)", () => {
    const machine = machineIn("advertising");
    machine.handle(solicitation, 10_000);
    machine.handle(solicitation, 10_100);
    expect(machine.deadline).toBe(10_250);
    expect(machine.handle(tick, 10_250)).toEqual([{ type: "advertise" }]);
    machine.handle(solicitation, 11_000);
    expect(machine.deadline).toBe(13_250);
  });

  it("leaves an advertisement that is due sooner where it is", () => {
    const machine = machineIn("advertising");
    machine.handle(solicitation, 15_900);
    expect(machine.deadline).toBe(16_000);
  });

  it.each<[ScheduleOptions, number, number]>([
    [{}, 198_000, 600_000],
    [{ maxIntervalMs: 9_000 }, 2_970, 9_000],
    [{ maxIntervalMs: 4_000 }, 3_000, 4_000],
    [{ maxIntervalMs: 1_000, minIntervalMs: 500 }, 500, 1_000],
  ])("spreads over its whole interval, given %j", (options, least, most) => {
    for (const [drawn, intervalMs] of [
      [0, least],
      [1 - 2 ** -53, most],
    ] as const) {
      const machine = new AdvertisementSchedule(options, () => drawn);
      machine.handle(start, 0);
      ticks(machine, 32_000);
      const from = machine.deadline;
      machine.handle(tick, from);
      expect(machine.deadline - from).toBeCloseTo(intervalMs, 3);
    }
  });

  it.each([
    [{ maxIntervalMs: 69 }, "maxIntervalMs must be from 70 to 1800000, got 69"],
    [{ maxIntervalMs: Number.NaN }, "maxIntervalMs must be from 70 to 1800000, got NaN"],
    [{ minIntervalMs: 450_001 }, "minIntervalMs must be from 30 to 450000, got 450001"],
    [{ minIntervalMs: 29 }, "minIntervalMs must be from 30 to 450000, got 29"],
  ])("refuses the options %j", (options, message) => {
    expect(() => new AdvertisementSchedule(options, () => 0)).toThrow(new RangeError(message));
  });

  it("never throws, nor hurries, nor is silent for long, whatever comes in whatever order", () => {
    const input = fc.constantFrom(start, stop, up, solicitation, tick);
    const steps = fc.array(
      fc.tuple(input, fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true })),
    );
    fc.assert(
      fc.property(steps, (inputs) => {
        let drawn = 0;
        const machine = new AdvertisementSchedule(every20to40, () => drawn);
        let now = 0;
        let last = -3_000;
        let advertising = false;
        const handle = (next: ScheduleInput) => {
          for (const { type } of machine.handle(next, now)) {
            if (type === "advertise") expect(now - last).toBeGreaterThan(2_999.999);
            if (type === "advertise") last = now;
          }
        };
        for (const [next, later, random] of inputs) {
          const end = now + later;
          for (; machine.deadline <= end; handle(tick)) now = machine.deadline;
          now = end;
          drawn = random;
          handle(next);
          if (next.type === "start") advertising = true;
          if (next.type === "stop") advertising = false;
          expect(machine.deadline < Number.POSITIVE_INFINITY).toBe(advertising);
          if (advertising) expect(machine.deadline).toBeLessThanOrEqual(now + 40_000);
        }
      }),
    );
  });
});

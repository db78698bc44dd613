import { describe, expect, it } from "vitest";
import { ArpAnnouncer } from "./announcer.ts";
import { vip } from "./testing/example.ts";
import {
  actsAt,
  announce,
  claim,
  packet,
  start,
  summary,
  tick,
  ticks,
  up,
  withdraw,
} from "./testing/machine.ts";

/** A machine that claimed the address at the given time. */
function claimedAt(time: number): ArpAnnouncer {
  const machine = start();
  machine.handle(announce(), time);
  return machine;
}

describe("schedule of an announcer", () => {
  it("probes three times at RFC 5227's intervals, and then claims", () => {
    const draws = [0.5, 0.25, 0.75];
    const machine = new ArpAnnouncer({ probe: "first" }, () => draws.shift() ?? Number.NaN);
    expect(machine.handle(announce(), 0)).toEqual([]);
    expect(ticks(machine, 8_000)).toEqual([
      "probe at 500",
      "probe at 1750",
      "probe at 3500",
      "request at 5500",
      "reply at 5500",
      "claimed at 5500",
      "request at 6600",
      "reply at 6600",
      "request at 7700",
      "reply at 7700",
    ]);
  });

  it("answers at once while two probes go out within 60 ms, if told so", () => {
    const within60Ms = { probeCount: 2, probeWaitMs: 0, probeMinMs: 30, probeMaxMs: 30 };
    const machine = start({ ...within60Ms, announceWaitMs: 30, probe: "optimistic" });
    expect(summary(machine.handle(announce(), 0))).toEqual(["probe"]);
    expect(summary(machine.handle(packet(), 0))).toEqual(["answer"]);
    expect(ticks(machine, 100)).toEqual([
      "probe at 30",
      "request at 60",
      "reply at 60",
      "claimed at 60",
    ]);
  });

  it("probes a lost address every 30 s, and resumes it when nobody has it any more", () => {
    const machine = start({ defend: "never" });
    machine.handle(announce(), 0);
    machine.handle(claim(), 9_900);
    expect(ticks(machine, 40_000)).toEqual(["probe at 39900"]);
    expect(summary(machine.handle(claim(), 40_000))).toEqual(["conflict in probe, lost"]);
    expect(ticks(machine, 75_000)).toEqual([
      "probe at 70000",
      "probe at 71000",
      "probe at 72000",
      "request at 74000",
      "reply at 74000",
      "resumed at 74000",
    ]);
    expect(summary(machine.handle(packet(), 75_000))).toEqual(["answer"]);
  });

  it("returns at another moment than one that lost the same address at the same time", () => {
    const deadlines = [0, 0.5].map((draw) => {
      const machine = new ArpAnnouncer({ defend: "never" }, () => draw);
      machine.handle(announce(), 0);
      machine.handle(claim(), 0);
      return actsAt(machine);
    });
    expect(deadlines).toEqual([30_000, 31_500 + 500]);
  });

  it.each([
    [{}, [1_100, 2_200, 3_300, 4_400]],
    [{ gratuitousIntervalMs: 1_000, gratuitousForMs: 3_000 }, [1_000, 2_000, 3_000]],
    [{ gratuitousForMs: 0 }, []],
    [{ gratuitousIntervalMs: 3_600_000 }, []],
    [{ gratuitousForMs: 0, refreshMs: 40_000 }, [40_000, 80_000]],
    [{ gratuitousForMs: 2_000, refreshMs: 50_000 }, [1_100, 51_100]],
  ])("repeats at its interval until the time is over, given %j", (options, times) => {
    const machine = start(options);
    expect(summary(machine.handle(announce(), 0))).toEqual(["request", "reply", "claimed"]);
    const rounds = times.flatMap((time) => [`request at ${time}`, `reply at ${time}`]);
    expect(ticks(machine, 100_000)).toEqual(rounds);
    expect(Number.isFinite(machine.deadline)).toBe("refreshMs" in options);
  });

  it("lets a repeated announce change nothing", () => {
    const machine = start();
    for (const now of [0, 1_000, 4_000]) machine.handle(announce(), now);
    expect(ticks(machine, 100_000)).toEqual(ticks(claimedAt(0), 100_000));
  });

  it("starts the schedule of every address anew when the interface comes up", () => {
    const machine = start({ refreshMs: 50_000 });
    machine.handle(announce(), 0);
    machine.handle(announce("off", vip + 1), 500);
    ticks(machine, 2_000);
    const [first, second] = [vip, vip + 1].map((address) => ({ type: "gratuitous", address }));
    expect(machine.handle(up, 2_000)).toEqual([
      { ...first, operation: 1 },
      { ...second, operation: 1 },
      { ...first, operation: 2 },
      { ...second, operation: 2 },
    ]);
    const both = ["request", "reply", "request", "reply"];
    const times = [3_100, 4_200, 5_300, 6_400, 56_400];
    expect(ticks(machine, 100_000)).toEqual(
      times.flatMap((time) => both.map((what) => `${what} at ${time}`)),
    );
  });

  it("stops the schedule of a withdrawn address and keeps the others'", () => {
    const machine = start();
    machine.handle(announce(), 0);
    machine.handle(announce("off", vip + 1), 100);
    machine.handle(withdraw(), 200);
    expect(machine.deadline).toBeLessThanOrEqual(1_200);
    expect(ticks(machine, 2_000)).toEqual(["request at 1200", "reply at 1200"]);
    machine.handle(announce(), 2_000);
    const requests = ticks(machine, 100_000).filter((what) => what.startsWith("request"));
    const times = [2_300, 3_100, 3_400, 4_200, 4_500, 5_300, 6_400];
    expect(requests).toEqual(times.map((time) => `request at ${time}`));
  });

  it("does nothing on a tick before its deadline", () => {
    const machine = claimedAt(9_000);
    expect(machine.handle(tick, machine.deadline - 1)).toEqual([]);
    expect(machine.deadline).toBe(10_100);
  });

  it("sends one round, not those it missed, when it is woken late, and none when it is too late", () => {
    const late = claimedAt(9_000);
    expect(summary(late.handle(tick, 13_500))).toEqual(["request", "reply"]);
    expect(late.deadline).toBe(Number.POSITIVE_INFINITY);
    const tooLate = claimedAt(9_000);
    expect(tooLate.handle(tick, 14_001)).toEqual([]);
    expect(tooLate.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("counts a defence, which does not wait, against what does", () => {
    const machine = start({ framesPerSecond: 100, frameBurst: 2, gratuitousForMs: 0 });
    machine.handle(announce(), 0);
    expect(summary(machine.handle(claim(), 5))[0]).toBe("defence");
    machine.handle(announce("off", vip + 1), 5);
    expect(ticks(machine, 100)).toEqual(["request at 15", "reply at 25"]);
  });
});

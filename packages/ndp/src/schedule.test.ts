import { describe, expect, it } from "vitest";
import { type Ipv6Address, ipv6FromBytes, parseIpv6 } from "./address.ts";
import { NdpAnnouncer } from "./announcer.ts";
import type { AnnouncerOutput } from "./output.ts";
import { other, ourNonce, solicitation, vip } from "./testing/example.ts";
import {
  actsAt,
  advertise,
  announce,
  solicit,
  start,
  summary,
  tick,
  ticks,
  up,
  withdraw,
} from "./testing/machine.ts";

const unsolicitedAt = (...times: number[]) => times.map((time) => `unsolicited at ${time}`);

describe("schedule of an announcer", () => {
  it("probes once with a nonce, and claims a second later (RFC 4862 section 5.4)", () => {
    const machine = start({ probe: "first" });
    const asked = { type: "probe", address: vip, nonce: ourNonce };
    expect(machine.handle(announce(), 0)).toEqual([asked]);
    expect(ticks(machine, 3_000)).toEqual([
      "unsolicited at 1000",
      "claimed at 1000",
      "unsolicited at 2100",
    ]);
  });

  it("probes as often and as far apart as it is told", () => {
    const draws = [0.5, 0, 0.25, 0, 0.75, 0];
    const options = { probeCount: 3, probeWaitMs: 1_000, probeMaxMs: 2_000, announceWaitMs: 500 };
    const machine = new NdpAnnouncer({ ...options, probe: "first" }, () => draws.shift() ?? 0);
    expect(machine.handle(announce(), 0)).toEqual([]);
    expect(ticks(machine, 5_000)).toEqual([
      "probe at 500",
      "probe at 1750",
      "probe at 3500",
      "unsolicited at 4000",
      "claimed at 4000",
    ]);
  });

  it("answers meekly while it asks, if told so (RFC 4429)", () => {
    const machine = start({ probe: "optimistic" });
    expect(summary(machine.handle(announce(), 0))).toEqual(["probe"]);
    expect(summary(machine.handle(solicit(), 0))).toEqual(["meek answer"]);
    ticks(machine, 1_000);
    expect(machine.handle(solicit(), 1_000)).toEqual([
      { type: "answer", solicitation, override: true },
    ]);
  });

  it("probes a lost address every 30 s, and resumes it when nobody has it any more", () => {
    const machine = new NdpAnnouncer({ defend: "never" }, () => 0);
    machine.handle(announce(), 0);
    machine.handle(advertise(), 9_900);
    expect(ticks(machine, 40_000)).toEqual(["probe at 39900"]);
    expect(summary(machine.handle(advertise(), 40_000))).toEqual(["conflict in probe, lost"]);
    expect(ticks(machine, 71_500)).toEqual([
      "probe at 70000",
      "unsolicited at 71000",
      "resumed at 71000",
    ]);
    expect(summary(machine.handle(solicit(), 71_500))).toEqual(["answer"]);
  });

  it("returns at another moment than one that lost the same address at the same time", () => {
    const times = [0, 0.5].map((draw) => {
      const machine = new NdpAnnouncer({ defend: "never" }, () => draw);
      machine.handle(announce(), 0);
      machine.handle(advertise(), 0);
      return actsAt(machine);
    });
    expect(times).toEqual([30_000, 31_500]);
  });

  it.each([
    [{}, [1_100, 2_200, 3_300, 4_400]],
    [{ unsolicitedIntervalMs: 1_000, unsolicitedForMs: 3_000 }, [1_000, 2_000, 3_000]],
    [{ unsolicitedForMs: 0 }, []],
    [{ unsolicitedIntervalMs: 3_600_000 }, []],
    [{ unsolicitedForMs: 0, refreshMs: 40_000 }, [40_000, 80_000]],
    [{ unsolicitedForMs: 2_000, refreshMs: 50_000 }, [1_100, 51_100]],
  ])("repeats at its interval until the time is over, given %j", (options, times) => {
    const machine = start(options);
    expect(summary(machine.handle(announce(), 0))).toEqual(["unsolicited", "claimed"]);
    expect(ticks(machine, 100_000)).toEqual(unsolicitedAt(...times));
    expect(Number.isFinite(machine.deadline)).toBe("refreshMs" in options);
  });

  it("lets a repeated announce change nothing", () => {
    const machine = start();
    for (const now of [0, 1_000, 4_000]) machine.handle(announce(), now);
    expect(ticks(machine, 100_000)).toEqual(unsolicitedAt(1_100, 2_200, 3_300, 4_400));
  });

  it("starts the schedule of every address anew when the interface comes up", () => {
    const machine = start({ refreshMs: 50_000 });
    machine.handle(announce(), 0);
    machine.handle(announce(other), 500);
    machine.handle(announce(parseIpv6("2001:db8::d"), "first"), 1_900);
    ticks(machine, 2_000);
    expect(summary(machine.handle(up, 2_000))).toEqual(["unsolicited", "unsolicited", "probe"]);
    machine.handle(withdraw(parseIpv6("2001:db8::d")), 2_001);
    const times = [3_100, 4_200, 5_300, 6_400, 56_400].flatMap((time) => [time, time]);
    expect(ticks(machine, 100_000)).toEqual(unsolicitedAt(...times));
  });

  it("stops the schedule of a withdrawn address and keeps the others'", () => {
    const machine = start();
    machine.handle(announce(), 0);
    machine.handle(announce(other), 100);
    machine.handle(withdraw(), 200);
    expect(machine.deadline).toBeLessThanOrEqual(1_200);
    expect(ticks(machine, 2_000)).toEqual(unsolicitedAt(1_200));
    machine.handle(announce(), 2_000);
    const times = [2_300, 3_100, 3_400, 4_200, 4_500, 5_300, 6_400];
    expect(ticks(machine, 100_000)).toEqual(unsolicitedAt(...times));
  });

  it("does nothing on a tick before its deadline", () => {
    const machine = start();
    machine.handle(announce(), 9_000);
    expect(machine.handle(tick, machine.deadline - 1)).toEqual([]);
    expect(machine.deadline).toBe(10_100);
  });

  it("sends one, not those it missed, when it is woken late, and none when it is too late", () => {
    for (const [now, sent] of [
      [13_500, ["unsolicited"]],
      [14_001, []],
    ] as const) {
      const machine = start();
      machine.handle(announce(), 9_000);
      expect(summary(machine.handle(tick, now))).toEqual(sent);
      expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it("counts a defence, which does not wait, against what does", () => {
    const machine = start({ framesPerSecond: 100, frameBurst: 2, unsolicitedForMs: 0 });
    machine.handle(announce(), 0);
    expect(summary(machine.handle(advertise(), 0))[0]).toBe("defence");
    machine.handle(announce(other), 0);
    expect(ticks(machine, 100)).toEqual(unsolicitedAt(10));
  });
});

describe("schedule of thousands of addresses", () => {
  const addresses = Array.from({ length: 5_000 }, (_, i) => {
    const bytes = new Uint8Array(16);
    bytes.set([0x20, 0x01, 0x0d, 0xb8]);
    bytes.set([i >>> 8, i & 0xff], 14);
    return ipv6FromBytes(bytes);
  });

  /** When each address was spoken of, until nothing is scheduled any more. */
  function spoken(
    machine: NdpAnnouncer,
    first: readonly AnnouncerOutput[],
    kind: string,
    end = Number.POSITIVE_INFINITY,
  ) {
    const times = new Map<Ipv6Address, number[]>(addresses.map((address) => [address, []]));
    const note = (outputs: readonly AnnouncerOutput[], now: number) => {
      for (const output of outputs) {
        if (output.type === kind && "address" in output) times.get(output.address)?.push(now);
      }
    };
    note(first, 0);
    while (machine.deadline < end) {
      const now = machine.deadline;
      note(machine.handle(tick, now), now);
    }
    return times;
  }

  const perSecond = (times: Iterable<number>) => {
    const seconds = new Map<number, number>();
    for (const time of times) {
      const second = Math.floor(time / 1_000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
    }
    return Math.max(...seconds.values());
  };

  it("answers for all at once, and tells the neighbours at its pace", () => {
    const machine = start();
    const first = addresses.flatMap((address) => machine.handle(announce(address), 0));
    expect(first.filter(({ type }) => type === "claimed")).toHaveLength(5_000);
    expect(first.filter(({ type }) => type === "unsolicited")).toHaveLength(50);
    const times = [...spoken(machine, first, "unsolicited").values()];
    const firsts = times.map(([time]) => time ?? Number.NaN);
    expect(Math.max(...firsts)).toBeCloseTo(9_900, -1);
    expect(perSecond(times.flat())).toBeLessThanOrEqual(551);
    const repeats = times.flatMap(([, ...later]) => later);
    // Most schedules had closed before their first repeat had its turn.
    for (const time of repeats) expect(time).toBeGreaterThanOrEqual(Math.max(...firsts));
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets a new address go before repeats, and repeats before refreshes", () => {
    const options = { framesPerSecond: 10, frameBurst: 2, unsolicitedForMs: 10_000 };
    const machine = start({ ...options, unsolicitedIntervalMs: 9_000, refreshMs: 1_000 });
    const [a = vip, b = vip, ...rest] = addresses;
    for (const address of [a, b]) machine.handle(announce(address), 0);
    // Their repeats are sent at 9,000, and they are to be refreshed at 10,000.
    ticks(machine, 9_500);
    for (const address of rest.slice(0, 10)) machine.handle(announce(address), 9_500);
    ticks(machine, 9_900);
    machine.handle(announce(other), 10_100);
    const sent: (Ipv6Address | undefined)[] = [];
    while (machine.deadline < 11_000) {
      for (const output of machine.handle(tick, machine.deadline)) {
        sent.push(output.type === "unsolicited" ? output.address : undefined);
      }
    }
    const at = (address: Ipv6Address) => sent.indexOf(address);
    expect(at(other)).toBeGreaterThanOrEqual(0);
    expect(at(a)).toBeGreaterThan(at(other));
    expect(at(b)).toBeGreaterThan(at(a));
  });

  it("probes at its pace, too", () => {
    const machine = start({ probe: "first", unsolicitedForMs: 0 });
    const first = addresses.flatMap((address) => machine.handle(announce(address), 0));
    const probes = [...spoken(machine, first, "probe").values()].flat();
    expect(probes).toHaveLength(5_000);
    expect(perSecond(probes)).toBeLessThanOrEqual(551);
  });

  it("refreshes all of them at its pace", () => {
    const machine = start({ unsolicitedForMs: 0, refreshMs: 60_000 });
    const first = addresses.flatMap((address) => machine.handle(announce(address), 0));
    const times = [...spoken(machine, first, "unsolicited", 130_000).values()];
    expect(times.every((each) => each.length >= 2)).toBe(true);
    expect(perSecond(times.flat())).toBeLessThanOrEqual(551);
  });
});

import { describe, expect, it } from "vitest";
import { type Ipv6Address, ipv6FromBytes, parseIpv6 } from "./address.ts";
import { type AnnouncerInput, type AnnouncerOutput, NdpAnnouncer } from "./announcer.ts";

const random = () => 0.5;
const vip = parseIpv6("2001:db8::b");
const other = parseIpv6("2001:db8::c");
const announce = (address: Ipv6Address): AnnouncerInput => ({ type: "announce", address });
const withdraw = (address: Ipv6Address): AnnouncerInput => ({ type: "withdraw", address });
const up: AnnouncerInput = { type: "up" };
const tick: AnnouncerInput = { type: "tick" };
const kinds = (outputs: readonly AnnouncerOutput[]) => outputs.map((output) => output.type);

/** Ticks at each deadline until `end`; returns when something came of it. */
function ticks(machine: NdpAnnouncer, end: number): number[] {
  const times: number[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    for (const _ of machine.handle(tick, now)) times.push(now);
  }
  return times;
}

describe("NDP announcer's schedule", () => {
  it.each([
    [{}, [1_100, 2_200, 3_300, 4_400]],
    [{ unsolicitedIntervalMs: 1_000, unsolicitedForMs: 3_000 }, [1_000, 2_000, 3_000]],
    [{ unsolicitedForMs: 0 }, []],
    [{ unsolicitedIntervalMs: 3_600_000 }, []],
  ])("repeats at its interval until the time is over, given %j", (options, times) => {
    const machine = new NdpAnnouncer(options, random);
    expect(kinds(machine.handle(announce(vip), 0))).toEqual(["claimed", "unsolicited"]);
    expect(ticks(machine, 100_000)).toEqual(times);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets a repeated announce change nothing", () => {
    const machine = new NdpAnnouncer({}, random);
    for (const now of [0, 1_000, 4_000]) machine.handle(announce(vip), now);
    expect(ticks(machine, 100_000)).toEqual([1_100, 2_200, 3_300, 4_400]);
  });

  it("starts the schedule of every address anew when the interface comes up", () => {
    const machine = new NdpAnnouncer({}, random);
    machine.handle(announce(vip), 0);
    machine.handle(announce(other), 500);
    ticks(machine, 2_000);
    const again = [vip, other].map((address) => ({ type: "unsolicited", address }));
    expect(machine.handle(up, 2_000)).toEqual(again);
    expect(ticks(machine, 100_000)).toEqual([
      3_100, 3_100, 4_200, 4_200, 5_300, 5_300, 6_400, 6_400,
    ]);
  });

  it("stops the schedule of a withdrawn address and keeps the others'", () => {
    const machine = new NdpAnnouncer({}, random);
    machine.handle(announce(vip), 0);
    machine.handle(announce(other), 100);
    machine.handle(withdraw(vip), 200);
    expect(machine.deadline).toBeLessThanOrEqual(1_200);
    expect(ticks(machine, 2_000)).toEqual([1_200]);
    machine.handle(announce(vip), 2_000);
    expect(ticks(machine, 100_000)).toEqual([2_300, 3_100, 3_400, 4_200, 4_500, 5_300, 6_400]);
  });

  it("does nothing on a tick before its deadline", () => {
    const machine = new NdpAnnouncer({}, random);
    machine.handle(announce(vip), 9_000);
    expect(machine.handle(tick, machine.deadline - 1)).toEqual([]);
    expect(machine.deadline).toBe(10_100);
  });

  it("sends one round, not those it missed, when it is woken late", () => {
    const machine = new NdpAnnouncer({}, random);
    machine.handle(announce(vip), 9_000);
    expect(kinds(machine.handle(tick, 13_500))).toEqual(["unsolicited"]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("NDP announcer with thousands of addresses", () => {
  const addresses = Array.from({ length: 5_000 }, (_, i) => {
    const bytes = new Uint8Array(16);
    bytes.set([0x20, 0x01, 0x0d, 0xb8]);
    bytes.set([i >>> 8, i & 0xff], 14);
    return ipv6FromBytes(bytes);
  });

  /** When each address was spoken of, until nothing is scheduled any more. */
  function spoken(machine: NdpAnnouncer, first: readonly AnnouncerOutput[], kind: string) {
    const times = new Map<Ipv6Address, number[]>(addresses.map((address) => [address, []]));
    const note = (outputs: readonly AnnouncerOutput[], now: number) => {
      for (const output of outputs) {
        if (output.type === kind && "address" in output) times.get(output.address)?.push(now);
      }
    };
    note(first, 0);
    while (machine.deadline < Number.POSITIVE_INFINITY) {
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

  it("answers for all at once, and tells the neighbours at its pace, new addresses first", () => {
    const machine = new NdpAnnouncer({}, random);
    const first = addresses.flatMap((address) => machine.handle(announce(address), 0));
    expect(first.filter(({ type }) => type === "claimed")).toHaveLength(5_000);
    expect(first.filter(({ type }) => type === "unsolicited")).toHaveLength(50);
    const times = [...spoken(machine, first, "unsolicited").values()];
    const firsts = times.map(([time]) => time ?? Number.NaN);
    const repeats = times.flatMap(([, ...later]) => later);
    expect(Math.max(...firsts)).toBeCloseTo(9_900, -1);
    expect(Math.min(...repeats)).toBeGreaterThanOrEqual(Math.max(...firsts));
    expect(perSecond(times.flat())).toBeLessThanOrEqual(551);
    for (const each of times) expect(each.length).toBeGreaterThanOrEqual(2);
  });

  it("lets a new address go before the repeats of the others", () => {
    const machine = new NdpAnnouncer({ framesPerSecond: 10 }, random);
    for (const address of addresses.slice(0, 20)) machine.handle(announce(address), 0);
    ticks(machine, 2_500);
    const address = parseIpv6("2001:db8:1::1");
    expect(kinds(machine.handle(announce(address), 2_550))).toEqual(["claimed"]);
    const next = [{ type: "unsolicited", address }];
    expect(machine.handle(tick, machine.deadline)).toEqual(next);
  });

  it("probes at its pace, too", () => {
    const machine = new NdpAnnouncer({ probe: true, unsolicitedForMs: 0 }, random);
    const first = addresses.flatMap((address) => machine.handle(announce(address), 0));
    const probes = [...spoken(machine, first, "probe").values()].flat();
    expect(probes).toHaveLength(5_000);
    expect(perSecond(probes)).toBeLessThanOrEqual(551);
  });
});

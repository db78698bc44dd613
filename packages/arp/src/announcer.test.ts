import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnnouncerInput, type AnnouncerOutput, ArpAnnouncer } from "./announcer.ts";
import type { ArpPacket } from "./packet.ts";

const ours = 0x0200_0000_0001;
const theirs = 0x0200_0000_0009;
const vip = 0xc000_020a;
const request: ArpPacket = {
  destination: 0xffff_ffff_ffff,
  source: theirs,
  hardwareType: 1,
  protocolType: 0x0800,
  operation: 1,
  senderMac: theirs,
  senderAddress: 0xc000_0209,
  targetMac: 0,
  targetAddress: vip,
};

const announce = (address = vip): AnnouncerInput => ({ type: "announce", address });
const withdraw = (address = vip): AnnouncerInput => ({ type: "withdraw", address });
const packet = (fields: Partial<ArpPacket> = {}): AnnouncerInput => ({
  type: "packet",
  packet: { ...request, ...fields },
  mac: ours,
});
const up: AnnouncerInput = { type: "up" };
const tick: AnnouncerInput = { type: "tick" };

type State = "absent" | "scheduled" | "announced";

/** A machine with the address in the given state at time 10,000. */
function machineIn(state: State): ArpAnnouncer {
  const machine = new ArpAnnouncer();
  if (state === "scheduled") machine.handle(announce(), 9_000);
  if (state === "announced") machine.handle(announce(), 0);
  if (state === "announced") ticks(machine, 10_000);
  return machine;
}

/** Ticks at each deadline until `end`; returns when something went out. */
function ticks(machine: ArpAnnouncer, end: number): number[] {
  const times: number[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    for (const _ of machine.handle(tick, now)) times.push(now);
  }
  return times;
}

const kinds = (outputs: readonly AnnouncerOutput[]) => outputs.map((output) => output.type);

describe("ARP announcer", () => {
  it.each<[State, string[], string[], string[], string[], number]>([
    // state,     announce,       request to us, up,             tick at 10,100, deadline before it
    ["absent", ["gratuitous"], [], [], [], Number.POSITIVE_INFINITY],
    ["scheduled", [], ["answer"], ["gratuitous"], ["gratuitous"], 10_100],
    ["announced", [], ["answer"], ["gratuitous"], [], Number.POSITIVE_INFINITY],
  ])(
    "follows its table when an address is %s",
    (state, onAnnounce, onRequest, onUp, onTick, due) => {
      expect(kinds(machineIn(state).handle(announce(), 10_000))).toEqual(onAnnounce);
      expect(kinds(machineIn(state).handle(packet(), 10_000))).toEqual(onRequest);
      expect(kinds(machineIn(state).handle(up, 10_000))).toEqual(onUp);
      expect(kinds(machineIn(state).handle(tick, 10_100))).toEqual(onTick);
      expect(machineIn(state).deadline).toBe(due);
      const machine = machineIn(state);
      expect(machine.handle(withdraw(), 10_000)).toEqual([]);
      expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
      expect(machine.handle(packet(), 10_000)).toEqual([]);
    },
  );

  it.each<[string, Partial<ArpPacket>]>([
    ["broadcast", {}],
    ["unicast to us", { destination: ours }],
    ["a probe", { senderAddress: 0 }],
    ["gratuitous, so that both claim the address", { senderAddress: vip }],
    ["with a guess as target hardware address", { targetMac: 0x0200_0000_00aa }],
  ])("answers a request that is %s", (_, fields) => {
    const expected = [{ type: "answer", request: { ...request, ...fields } }];
    expect(machineIn("announced").handle(packet(fields), 10_000)).toEqual(expected);
  });

  it.each<[string, Partial<ArpPacket>]>([
    ["a reply", { operation: 2 }],
    ["a reverse request", { operation: 3 }],
    ["for another address", { targetAddress: vip + 1 }],
    ["from us", { senderMac: ours }],
    ["unicast to another", { destination: 0x0200_0000_0002 }],
    ["multicast", { destination: 0x0100_5e00_0001 }],
    ["of another hardware type", { hardwareType: 6 }],
    ["of another protocol type", { protocolType: 0x86dd }],
  ])("ignores a packet that is %s", (_, fields) => {
    expect(machineIn("announced").handle(packet(fields), 10_000)).toEqual([]);
  });

  it("goes by the hardware address that the interface has now", () => {
    const machine = machineIn("announced");
    const unicast = { type: "packet", packet: { ...request, destination: ours } } as const;
    expect(kinds(machine.handle({ ...unicast, mac: ours }, 10_000))).toEqual(["answer"]);
    expect(machine.handle({ ...unicast, mac: 0x0200_0000_0002 }, 10_000)).toEqual([]);
  });

  it.each([
    [{}, [1_100, 2_200, 3_300, 4_400]],
    [{ gratuitousIntervalMs: 1_000, gratuitousForMs: 3_000 }, [1_000, 2_000, 3_000]],
    [{ gratuitousForMs: 0 }, []],
    [{ gratuitousIntervalMs: 3_600_000 }, []],
  ])("repeats at its interval until the time is over, given %j", (options, times) => {
    const machine = new ArpAnnouncer(options);
    expect(machine.handle(announce(), 0)).toEqual([{ type: "gratuitous", address: vip }]);
    expect(ticks(machine, 100_000)).toEqual(times);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets a repeated announce change nothing", () => {
    const machine = new ArpAnnouncer();
    machine.handle(announce(), 0);
    machine.handle(announce(), 1_000);
    machine.handle(announce(), 4_000);
    expect(ticks(machine, 100_000)).toEqual([1_100, 2_200, 3_300, 4_400]);
  });

  it("starts the schedule of every address anew when the interface comes up", () => {
    const machine = new ArpAnnouncer();
    machine.handle(announce(vip), 0);
    machine.handle(announce(vip + 1), 500);
    ticks(machine, 2_000);
    const again = [vip, vip + 1].map((address) => ({ type: "gratuitous", address }));
    expect(machine.handle(up, 2_000)).toEqual(again);
    expect(ticks(machine, 100_000)).toEqual([
      3_100, 3_100, 4_200, 4_200, 5_300, 5_300, 6_400, 6_400,
    ]);
  });

  it("stops the schedule of a withdrawn address and keeps the others'", () => {
    const machine = new ArpAnnouncer();
    machine.handle(announce(vip), 0);
    machine.handle(announce(vip + 1), 100);
    machine.handle(withdraw(vip), 200);
    expect(machine.deadline).toBeLessThanOrEqual(1_200);
    expect(ticks(machine, 2_000)).toEqual([1_200]);
    machine.handle(announce(vip), 2_000);
    expect(ticks(machine, 100_000)).toEqual([2_300, 3_100, 3_400, 4_200, 4_500, 5_300, 6_400]);
  });

  it("does nothing on a tick before its deadline", () => {
    const machine = machineIn("scheduled");
    expect(machine.handle(tick, machine.deadline - 1)).toEqual([]);
    expect(machine.deadline).toBe(10_100);
  });

  it("sends one round, not those it missed, when it is woken late", () => {
    const machine = machineIn("scheduled");
    expect(kinds(machine.handle(tick, 13_500))).toEqual(["gratuitous"]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("announces 5,000 addresses five times each, in order", () => {
    const machine = new ArpAnnouncer();
    for (let i = 0; i < 5_000; i++) machine.handle(announce(vip + i), i / 100);
    const rounds = new Map<number, number>();
    let stuck = 0;
    while (machine.deadline < Number.POSITIVE_INFINITY) {
      const before = machine.deadline;
      for (const output of machine.handle(tick, before)) {
        const { address } = output as Extract<AnnouncerOutput, { type: "gratuitous" }>;
        rounds.set(address, (rounds.get(address) ?? 1) + 1);
      }
      if (machine.deadline <= before) stuck += 1;
    }
    expect(stuck).toBe(0);
    expect(rounds.size).toBe(5_000);
    expect(new Set(rounds.values())).toEqual(new Set([5]));
  });

  it.each([
    [{ gratuitousIntervalMs: 0 }, "gratuitousIntervalMs must be from 1 to 3600000, got 0"],
    [
      { gratuitousIntervalMs: Number.NaN },
      "gratuitousIntervalMs must be from 1 to 3600000, got NaN",
    ],
    [{ gratuitousForMs: -1 }, "gratuitousForMs must be from 0 to 3600000, got -1"],
    [{ gratuitousForMs: 3_600_001 }, "gratuitousForMs must be from 0 to 3600000, got 3600001"],
  ])("refuses the options %j", (options, message) => {
    expect(() => new ArpAnnouncer(options)).toThrow(new RangeError(message));
  });

  it("never throws, and speaks of announced addresses only, whatever comes in whatever order", () => {
    const address = fc.integer({ min: vip, max: vip + 3 });
    const input = fc.oneof(
      address.map(announce),
      address.map(withdraw),
      fc.constant(up),
      fc.constant(tick),
      fc
        .record({
          targetAddress: address,
          operation: fc.nat(3),
          destination: fc.constantFrom(ours, theirs, 0xffff_ffff_ffff),
          senderMac: fc.constantFrom(ours, theirs),
        })
        .map(packet),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.integer({ min: -50, max: 2_000 }))), (steps) => {
        const machine = new ArpAnnouncer();
        const announced = new Set<number>();
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          if (next.type === "announce") announced.add(next.address);
          if (next.type === "withdraw") announced.delete(next.address);
          for (const output of machine.handle(next, now)) {
            const about = output.type === "answer" ? output.request.targetAddress : output.address;
            expect(announced).toContain(about);
          }
          if (announced.size === 0) expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});

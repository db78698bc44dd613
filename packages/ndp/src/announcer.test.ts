import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ipv6Address, macToBytes, parseIpv6 } from "./address.ts";
import {
  type AnnouncerInput,
  type AnnouncerOptions,
  type AnnouncerOutput,
  NdpAnnouncer,
} from "./announcer.ts";
import { answerTo, probe, routerSolicitation, unsolicited } from "./frames.ts";
import type { NeighborAdvertisement, NeighborSolicitation } from "./message.ts";
import { captured } from "./testing/captured.ts";

const ours = 0x0200_0000_000b;
const theirs = 0x0200_0000_000a;
const vip = parseIpv6("2001:db8::b");
const other = parseIpv6("2001:db8::c");
const solicitation = captured["a solicitation"].packet;

/** Its nonce is always 0x800000000000. */
const random = () => 0.5;
const ourNonce = 2 ** 47;

const announce = (address = vip): AnnouncerInput => ({ type: "announce", address });
const withdraw = (address = vip): AnnouncerInput => ({ type: "withdraw", address });
const solicit = (fields: Partial<NeighborSolicitation> = {}): AnnouncerInput => ({
  type: "packet",
  packet: { ...solicitation, ...fields },
  mac: ours,
});
const advertise = (fields: Partial<NeighborAdvertisement> = {}, mac = theirs): AnnouncerInput => ({
  type: "packet",
  packet: { ...unsolicited(vip, mac), ...fields },
  mac: ours,
});
const probeOf = (mac: number, nonce: number): AnnouncerInput => ({
  type: "packet",
  packet: probe(vip, mac, nonce),
  mac: ours,
});
const up: AnnouncerInput = { type: "up" };
const tick: AnnouncerInput = { type: "tick" };

type State = "absent" | "waiting to probe" | "probing" | "scheduled" | "claimed";

/** A machine with the address in the given state at time 10,000. */
function machineIn(state: State, options: AnnouncerOptions = {}): NdpAnnouncer {
  const probes = state === "waiting to probe" || state === "probing";
  const machine = new NdpAnnouncer({ framesPerSecond: 10, probe: probes, ...options }, random);
  if (state === "waiting to probe") machine.handle(announce(other), 9_950);
  if (state === "waiting to probe") machine.handle(announce(), 9_990);
  if (state === "probing") machine.handle(announce(), 9_500);
  if (state === "scheduled") machine.handle(announce(), 9_000);
  if (state === "claimed") machine.handle(announce(), 0);
  if (state === "claimed") ticks(machine, 10_000);
  return machine;
}

/** Ticks at each deadline until `end`; returns when something came of it. */
function ticks(machine: NdpAnnouncer, end: number): number[] {
  const times: number[] = [];
  while (machine.deadline <= end) {
    const now = machine.deadline;
    for (const _ of machine.handle(tick, now)) times.push(now);
  }
  return times;
}

const kinds = (outputs: readonly AnnouncerOutput[]) => outputs.map((output) => output.type);

describe("NDP announcer", () => {
  it.each<[State, string[], string[], string[], string[], string[], string[]]>([
    // state, announce, solicitation, probe, advertisement, up, deadline
    ["absent", ["claimed", "unsolicited"], [], [], [], [], []],
    ["waiting to probe", [], [], ["conflict"], ["conflict"], [], ["probe"]],
    ["probing", [], [], ["conflict"], ["conflict"], ["probe"], ["claimed", "unsolicited"]],
    [
      "scheduled",
      [],
      ["answer"],
      ["answer", "conflict"],
      ["conflict"],
      ["unsolicited"],
      ["unsolicited"],
    ],
    ["claimed", [], ["answer"], ["answer", "conflict"], ["conflict"], ["unsolicited"], []],
  ])(
    "follows its table when an address is %s",
    (state, onAnnounce, onSolicitation, onProbe, onAdvertisement, onUp, onDeadline) => {
      const expectOn = (input: AnnouncerInput, outputs: string[]) =>
        expect(kinds(machineIn(state).handle(input, 10_000))).toEqual(outputs);
      expectOn(announce(), onAnnounce);
      expectOn(solicit(), onSolicitation);
      expectOn(probeOf(theirs, 7), onProbe);
      expectOn(advertise(), onAdvertisement);
      expectOn(up, onUp);
      const woken = machineIn(state);
      expect(woken.deadline < Number.POSITIVE_INFINITY).toBe(onDeadline.length > 0);
      if (onDeadline.length > 0) {
        expect(kinds(woken.handle(tick, woken.deadline))).toEqual(onDeadline);
      }
      const machine = machineIn(state);
      expect(machine.handle(withdraw(), 10_000)).toEqual([]);
      expect(machine.handle(withdraw(other), 10_000)).toEqual([]);
      expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
      expect(machine.handle(solicit(), 10_000)).toEqual([]);
    },
  );

  it("forgets an address that another has before it was claimed, and may be asked again", () => {
    for (const input of [advertise(), probeOf(theirs, 7)]) {
      const machine = machineIn("probing");
      const [conflict] = machine.handle(input, 10_000);
      expect(conflict).toMatchObject({ type: "conflict", claimed: false });
      expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
      expect(machine.handle(advertise(), 10_000)).toEqual([]);
      expect(kinds(machine.handle(announce(), 10_000))).toEqual(["probe"]);
    }
  });

  it("keeps an address that another has after it was claimed", () => {
    const machine = machineIn("claimed");
    const input = advertise();
    const expected = input.type === "packet" && input.packet;
    expect(machine.handle(input, 10_000)).toEqual([
      { type: "conflict", packet: expected, claimed: true },
    ]);
    expect(kinds(machine.handle(solicit(), 10_000))).toEqual(["answer"]);
  });

  it("defends a claimed address once in ten seconds, if told so", () => {
    const machine = machineIn("claimed", { defend: true });
    const at = (now: number) => kinds(machine.handle(advertise(), now));
    expect(at(10_000)).toEqual(["conflict", "unsolicited"]);
    expect(at(19_999)).toEqual(["conflict"]);
    expect(at(20_000)).toEqual(["conflict", "unsolicited"]);
    expect(kinds(machine.handle(probeOf(theirs, 7), 40_000))).toEqual(["answer", "conflict"]);
    expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it.each<[string, Partial<NeighborSolicitation>]>([
    ["to the group", {}],
    ["unicast to us", captured["a unicast solicitation"].packet],
    ["without a link-layer option", { options: [] }],
    ["with options nobody knows", { options: [{ type: "mtu", mtu: 1_500 }] }],
    ["from the target itself", { source: vip }],
  ])("answers a solicitation %s", (_, fields) => {
    const expected = [{ type: "answer", solicitation: { ...solicitation, ...fields } }];
    expect(machineIn("claimed").handle(solicit(fields), 10_000)).toEqual(expected);
  });

  it.each<[string, AnnouncerInput]>([
    ["for another address", solicit({ target: other })],
    ["from us", solicit({ sourceMac: ours })],
    ["unicast to another", solicit({ destinationMac: 0x0200_0000_0002 })],
    [
      "that would be answered to a group",
      solicit({ options: [{ type: "source-link-layer", mac: 0xffff_ffff_ffff }] }),
    ],
    ["that would be answered to another group", solicit({ options: [], sourceMac: 2 ** 40 })],
    [
      "that asks for routers",
      { type: "packet", packet: routerSolicitation(vip, theirs), mac: ours },
    ],
    ["that advertises a router", { type: "packet", ...captured["a router advertisement"], mac: 1 }],
    ["that is our own advertisement", advertise({}, ours)],
    [
      "that is our own advertisement, relayed with another source",
      advertise({ sourceMac: 0x0200_0000_0002 }, ours),
    ],
    ["that advertises another address", advertise({ target: other })],
    ["that is an advertisement to another", advertise({ destinationMac: 0x0200_0000_0002 })],
    ["that is our own answer", { type: "packet", packet: answerTo(solicitation, ours), mac: ours }],
  ])("ignores a packet %s", (_, input) => {
    expect(machineIn("claimed", { defend: true }).handle(input, 10_000)).toEqual([]);
  });

  it("takes an advertisement without an option for its sender's", () => {
    const machine = machineIn("claimed");
    expect(kinds(machine.handle(advertise({ options: [] }), 10_000))).toEqual(["conflict"]);
    expect(machine.handle(advertise({ options: [], sourceMac: ours }), 10_000)).toEqual([]);
  });

  it("ignores its own probe when it comes back, by its nonce or its hardware address", () => {
    for (const own of [probeOf(theirs, ourNonce), probeOf(ours, 7), probeOf(ours, ourNonce)]) {
      const machine = machineIn("probing");
      expect(machine.handle(own, 9_600)).toEqual([]);
      expect(ticks(machine, 10_500)).toEqual([10_500, 10_500]);
      expect(machine.handle(own, 11_000)).toEqual([]);
    }
  });

  it("takes a probe with no nonce, or one of another size, for another's", () => {
    const long = Uint8Array.of(...macToBytes(ourNonce), 0, 0, 0, 0, 0, 0, 0, 0);
    for (const options of [[], [{ type: "nonce", bytes: long } as const]]) {
      const packet = { ...probe(vip, theirs, 0), options };
      const outputs = machineIn("probing").handle({ type: "packet", packet, mac: ours }, 9_600);
      expect(kinds(outputs)).toEqual(["conflict"]);
    }
  });

  it("goes by the hardware address that the interface has now", () => {
    const machine = machineIn("claimed");
    const unicast = { ...solicitation, destinationMac: ours };
    const at = (mac: number) => machine.handle({ type: "packet", packet: unicast, mac }, 10_000);
    expect(kinds(at(ours))).toEqual(["answer"]);
    expect(at(0x0200_0000_0002)).toEqual([]);
  });

  it("probes with a nonce, and claims a second later", () => {
    const machine = new NdpAnnouncer({ probe: true }, random);
    const asked = { type: "probe", address: vip, nonce: ourNonce };
    expect(machine.handle(announce(), 0)).toEqual([asked]);
    expect(machine.deadline).toBe(1_000);
    expect(machine.handle(tick, 1_000)).toEqual([
      { type: "claimed", address: vip },
      { type: "unsolicited", address: vip },
    ]);
    expect(ticks(machine, 100_000)).toEqual([2_100, 3_200, 4_300, 5_400]);
  });

  it("probes anew when the interface comes up meanwhile, but only what is not claimed", () => {
    const machine = new NdpAnnouncer({ probe: true }, random);
    machine.handle(announce(), 0);
    machine.handle(tick, 1_000);
    machine.handle(announce(other), 1_500);
    expect(machine.handle(up, 2_000)).toEqual([
      { type: "unsolicited", address: vip },
      { type: "probe", address: other, nonce: ourNonce },
    ]);
    expect(machine.handle(tick, 2_500)).toEqual([]);
    expect(kinds(machine.handle(tick, 3_000))).toEqual(["claimed", "unsolicited"]);
  });

  it.each([
    [{ unsolicitedIntervalMs: 0 }, "unsolicitedIntervalMs must be from 1 to 3600000, got 0"],
    [{ unsolicitedIntervalMs: Number.NaN }, "unsolicitedIntervalMs must be from 1 to 3600000, got"],
    [{ unsolicitedForMs: -1 }, "unsolicitedForMs must be from 0 to 3600000, got -1"],
    [{ unsolicitedForMs: 3_600_001 }, "unsolicitedForMs must be from 0 to 3600000, got 3600001"],
    [{ framesPerSecond: 0 }, "framesPerSecond must be from 1 to 1000000, got 0"],
  ])("refuses the options %j", (options, message) => {
    expect(() => new NdpAnnouncer(options, random)).toThrow(RangeError);
    expect(() => new NdpAnnouncer(options, random)).toThrow(message);
  });

  it("never throws, and speaks of announced addresses only, whatever comes in whatever order", () => {
    const address = fc.constantFrom(vip, other);
    const mac = fc.constantFrom(ours, theirs, 0xffff_ffff_ffff);
    const input = fc.oneof(
      address.map(announce),
      address.map(withdraw),
      fc.constant(up),
      fc.constant(tick),
      fc.record({ target: address, destinationMac: mac, sourceMac: mac }).map(solicit),
      fc.record({ target: address, destinationMac: mac, sourceMac: mac }).map((f) => advertise(f)),
      fc.tuple(address, mac, fc.constantFrom(7, ourNonce)).map(
        ([target, sourceMac, nonce]): AnnouncerInput => ({
          type: "packet",
          packet: probe(target, sourceMac, nonce),
          mac: ours,
        }),
      ),
    );
    const options = fc.record({
      probe: fc.boolean(),
      defend: fc.boolean(),
      framesPerSecond: fc.constantFrom(1, 500),
    });
    const steps = fc.array(fc.tuple(input, fc.integer({ min: -50, max: 2_000 })));
    fc.assert(
      fc.property(options, steps, (chosen, inputs) => {
        const machine = new NdpAnnouncer(chosen, random);
        const announced = new Set<Ipv6Address>();
        const claimed = new Set<Ipv6Address>();
        let now = 0;
        for (const [next, later] of inputs) {
          now += later;
          if (next.type === "announce") announced.add(next.address);
          if (next.type === "withdraw") {
            announced.delete(next.address);
            claimed.delete(next.address);
          }
          for (const output of machine.handle(next, now)) {
            if (output.type === "claimed") claimed.add(output.address);
            if (output.type === "answer") expect(claimed).toContain(output.solicitation.target);
            if (output.type === "unsolicited") expect(claimed).toContain(output.address);
            if (output.type === "probe") expect(announced).toContain(output.address);
            if (output.type !== "conflict") continue;
            expect(claimed.has(output.packet.target)).toBe(output.claimed);
            expect(announced).toContain(output.packet.target);
            if (!output.claimed) announced.delete(output.packet.target);
          }
          if (announced.size === 0) expect(machine.deadline).toBe(Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});

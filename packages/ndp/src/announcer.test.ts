import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ipv6Address, macToBytes } from "./address.ts";
import { type AnnouncerInput, NdpAnnouncer } from "./announcer.ts";
import { answerTo, probe, routerSolicitation } from "./frames.ts";
import type { NeighborSolicitation } from "./message.ts";
import type { DefendMode, ProbeMode } from "./options.ts";
import { captured } from "./testing/captured.ts";
import { other, ourNonce, ours, sibling, solicitation, theirs, vip } from "./testing/example.ts";
import {
  actsAt,
  advertise,
  announce,
  probeOf,
  solicit,
  start,
  summary,
  tick,
  ticks,
  up,
  withdraw,
} from "./testing/machine.ts";

type State =
  | "absent"
  | "probing"
  | "optimistic"
  | "scheduled"
  | "quiet"
  | "defended"
  | "conflicted";

/** A machine with the address in the given state at time 10,000. */
function machineIn(state: State, defend: DefendMode = "always"): NdpAnnouncer {
  const machine = start({ defend });
  if (state === "probing") machine.handle(announce(vip, "first"), 9_500);
  if (state === "optimistic") machine.handle(announce(vip, "optimistic"), 9_500);
  if (state === "scheduled") machine.handle(announce(), 9_000);
  if (state === "quiet" || state === "defended") machine.handle(announce(), 0);
  ticks(machine, 9_800);
  if (state === "conflicted") machine.handle(announce(vip, "first"), 9_800);
  if (state === "conflicted" || state === "defended") machine.handle(advertise(), 9_900);
  return machine;
}

/** What one input leads to: outputs, and the state after. */
function after(state: State, input: AnnouncerInput, now = 10_000, defend?: DefendMode): string {
  const machine = machineIn(state, defend);
  const outputs = summary(machine.handle(input, now));
  return `${outputs.join(", ") || "-"} > ${machine.stateOf(vip) ?? "absent"}`;
}

const lostInProbe = "conflict in probe, lost > conflicted";
const defence = "defence, conflict in claim, kept > claimed";
const newConflict = "conflict in claim, kept > claimed";
const oldConflict = "old conflict in claim, kept > claimed";
const round = "unsolicited > claimed";
const never = Number.POSITIVE_INFINITY;

describe("NDP announcer", () => {
  it.each<[State, string, string, string, string, string, number, string]>([
    // state | announce | solicitation | another's probe | another's claim | up | deadline
    [
      "absent",
      "unsolicited, claimed > claimed",
      "- > absent",
      "- > absent",
      "- > absent",
      "- > absent",
      never,
      "- > absent",
    ],
    [
      "probing",
      "- > probing",
      "- > probing",
      lostInProbe,
      lostInProbe,
      "probe > probing",
      10_500,
      "unsolicited, claimed > claimed",
    ],
    [
      "optimistic",
      "- > optimistic",
      "meek answer > optimistic",
      lostInProbe,
      lostInProbe,
      "probe > optimistic",
      10_500,
      "unsolicited, claimed > claimed",
    ],
    [
      "scheduled",
      "- > claimed",
      "answer > claimed",
      "answer > claimed",
      defence,
      round,
      10_100,
      round,
    ],
    [
      "quiet",
      "- > claimed",
      "answer > claimed",
      "answer > claimed",
      defence,
      round,
      never,
      "- > claimed",
    ],
    [
      "defended",
      "- > claimed",
      "answer > claimed",
      "answer > claimed",
      oldConflict,
      round,
      never,
      "- > claimed",
    ],
    [
      "conflicted",
      "- > conflicted",
      "- > conflicted",
      "- > conflicted",
      "- > conflicted",
      "probe > probing",
      41_400,
      "probe > probing",
    ],
  ])("follows its table when an address is %s", (state, ...row) => {
    const [onAnnounce, onSolicitation, onProbe, onClaim, onUp, deadline, onTick] = row;
    expect(after(state, announce())).toBe(onAnnounce);
    expect(after(state, solicit())).toBe(onSolicitation);
    expect(after(state, probeOf(theirs, 7))).toBe(onProbe);
    expect(after(state, advertise())).toBe(onClaim);
    expect(after(state, advertise({ options: [] }))).toBe(onClaim);
    expect(after(state, up)).toBe(onUp);
    expect(actsAt(machineIn(state))).toBe(deadline);
    expect(after(state, tick, Math.min(deadline, 100_000))).toBe(onTick);
    expect(after(state, withdraw())).toBe("- > absent");
    const machine = machineIn(state);
    machine.handle(withdraw(), 10_000);
    expect(machine.handle(withdraw(other), 10_000)).toEqual([]);
    expect(machine.deadline).toBe(never);
    expect(machine.handle(solicit(), 10_000)).toEqual([]);
  });

  it.each<[DefendMode, State, string]>([
    ["never", "quiet", "conflict in claim, lost > conflicted"],
    ["never", "scheduled", "conflict in claim, lost > conflicted"],
    ["once", "quiet", defence],
    ["once", "scheduled", defence],
    ["once", "defended", "conflict in claim, lost > conflicted"],
    ["always", "quiet", defence],
    ["always", "scheduled", defence],
    ["always", "defended", oldConflict],
    ["report", "quiet", newConflict],
    ["report", "scheduled", newConflict],
    ["report", "defended", oldConflict],
  ])("defends %s, when an address is %s", (defend, state, expected) => {
    expect(after(state, advertise(), 10_000, defend)).toBe(expected);
    expect(after("probing", advertise(), 10_000, defend)).toBe(lostInProbe);
    expect(after("optimistic", advertise(), 10_000, defend)).toBe(lostInProbe);
  });

  it.each<[ProbeMode | undefined, ProbeMode | undefined, string]>([
    [undefined, undefined, "unsolicited, claimed > claimed"],
    ["first", undefined, "probe > probing"],
    ["optimistic", undefined, "probe > optimistic"],
    ["first", "off", "unsolicited, claimed > claimed"],
    ["off", "optimistic", "probe > optimistic"],
  ])("probes by option %s, announcement %s", (option, own, expected) => {
    const machine = start(option && { probe: option });
    const outputs = summary(machine.handle(announce(vip, own), 0));
    expect(`${outputs.join(", ")} > ${machine.stateOf(vip)}`).toBe(expected);
  });

  it("tells who is in conflict about what", () => {
    const conflict = { type: "conflict", address: vip, mac: theirs } as const;
    for (const input of [advertise(), probeOf(theirs, 7)]) {
      expect(machineIn("probing").handle(input, 10_000)).toEqual([
        { ...conflict, during: "probe", isKept: false, isNews: true },
      ]);
    }
    expect(machineIn("quiet").handle(advertise(), 10_000)).toEqual([
      { type: "defence", address: vip },
      { ...conflict, during: "claim", isKept: true, isNews: true },
    ]);
  });

  it.each<[string, Partial<NeighborSolicitation>]>([
    ["to the group", {}],
    ["unicast to us", captured["a unicast solicitation"].packet],
    ["without a link-layer option", { options: [] }],
    ["with options nobody knows", { options: [{ type: "mtu", mtu: 1_500 }] }],
    ["from the target itself", { source: vip }],
  ])("answers a solicitation %s", (_, fields) => {
    const answer = { type: "answer", solicitation: { ...solicitation, ...fields } };
    expect(machineIn("quiet").handle(solicit(fields), 10_000)).toEqual([
      { ...answer, override: true },
    ]);
    expect(machineIn("optimistic").handle(solicit(fields), 10_000)).toEqual([
      { ...answer, override: false },
    ]);
  });

  it.each<[string, AnnouncerInput]>([
    ["for another address", solicit({ target: other })],
    ["from us", solicit({ sourceMac: ours })],
    ["unicast to another", solicit({ destinationMac: theirs })],
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
    ["that is our own, relayed with another source", advertise({ sourceMac: 9 }, ours)],
    ["that advertises for another interface of this host", advertise({}, sibling)],
    ["that advertises another address", advertise({ target: other })],
    ["that is an advertisement to another", advertise({ destinationMac: 9 })],
    ["that is our own answer", { type: "packet", packet: answerTo(solicitation, ours), mac: ours }],
  ])("ignores a packet %s", (_, input) => {
    for (const state of ["probing", "optimistic", "quiet"] as const) {
      expect(machineIn(state).handle(input, 10_000)).toEqual([]);
    }
  });

  it("ignores its own probe when it comes back, by its nonce or its hardware address", () => {
    for (const own of [probeOf(theirs, ourNonce), probeOf(ours, 7), probeOf(sibling, 7)]) {
      expect(after("probing", own)).toBe("- > probing");
      expect(after("optimistic", own)).toBe("- > optimistic");
    }
  });

  it("knows all of its probes by their nonces, and those of an earlier time no more", () => {
    let draw = 0;
    const another = () => (draw = (draw + 0.3) % 1);
    const machine = new NdpAnnouncer({ probe: "first", probeCount: 2 }, another);
    const sent = [...machine.handle(announce(), 0), ...machine.handle(tick, 1_000)];
    const nonces = sent.flatMap((output) => (output.type === "probe" ? [output.nonce] : []));
    expect(new Set(nonces).size).toBe(2);
    for (const nonce of nonces) expect(machine.handle(probeOf(theirs, nonce), 1_500)).toEqual([]);
    machine.handle(up, 1_500);
    const again = machine.handle(probeOf(theirs, nonces[0] ?? Number.NaN), 1_501);
    expect(summary(again)).toEqual(["conflict in probe, lost"]);
  });

  it("takes a probe with no nonce, or one of another size, for another's", () => {
    const long = Uint8Array.of(...macToBytes(ourNonce), 0, 0, 0, 0, 0, 0, 0, 0);
    for (const options of [[], [{ type: "nonce", bytes: long } as const]]) {
      const packet = { ...probe(vip, theirs, 0), options };
      expect(after("probing", { type: "packet", packet, mac: ours })).toBe(lostInProbe);
    }
  });

  it("answers the probe of another interface of this host", () => {
    expect(after("quiet", probeOf(sibling, 7))).toBe("answer > claimed");
  });

  it("goes by the hardware address that the interface has now", () => {
    const machine = machineIn("quiet");
    const packet = { ...solicitation, destinationMac: ours };
    const at = (mac: number) => machine.handle({ type: "packet", packet, mac }, 10_000);
    expect(summary(at(ours))).toEqual(["answer"]);
    expect(at(sibling)).toEqual([]);
  });

  it("defends once in ten seconds, however often it is contested", () => {
    const machine = machineIn("quiet");
    const defences: number[] = [];
    for (let now = 10_000; now < 45_000; now += 100) {
      const kinds = summary(machine.handle(advertise(), now));
      if (kinds.includes("defence")) defences.push(now);
      expect(kinds.includes("conflict in claim, kept")).toBe(kinds.includes("defence"));
    }
    expect(defences).toEqual([10_000, 20_000, 30_000, 40_000]);
  });

  it("never throws, and speaks of announced addresses only, whatever comes in whatever order", () => {
    const address = fc.constantFrom(vip, other);
    const mac = fc.constantFrom(ours, sibling, theirs, 0xffff_ffff_ffff);
    const mode = fc.constantFrom<ProbeMode>("off", "first", "optimistic");
    const where = fc.record({ target: address, destinationMac: mac, sourceMac: mac });
    const input = fc.oneof(
      fc.tuple(address, mode).map(([one, probe]) => announce(one, probe)),
      address.map(withdraw),
      address.map((address) => ({ type: "repeat", address }) as const),
      fc.constant(up),
      fc.constant(tick),
      where.map(solicit),
      where.map((fields) => advertise(fields)),
      fc
        .tuple(mac, fc.constantFrom(7, ourNonce), address)
        .map(([from, nonce, target]) => probeOf(from, nonce, target)),
    );
    const options = fc.record({
      defend: fc.constantFrom<DefendMode>("never", "once", "always", "report"),
      refreshMs: fc.constantFrom(0, 1, 5_000),
      framesPerSecond: fc.constantFrom(1, 500),
      announceWaitMs: fc.constantFrom(0, 1_000),
      probeMinMs: fc.constantFrom(0, 1_000),
    });
    const steps = fc.array(fc.tuple(input, fc.integer({ min: -50, max: 2_000 })));
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(options, random, steps, (given, draw, steps) => {
        const machine = new NdpAnnouncer(given, () => draw);
        const announced = new Set<Ipv6Address>();
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          if (next.type === "announce") announced.add(next.address);
          if (next.type === "withdraw") announced.delete(next.address);
          for (const output of machine.handle(next, now)) {
            const about = output.type === "answer" ? output.solicitation.target : output.address;
            expect(announced).toContain(about);
            const isClaim = output.type === "unsolicited" || output.type === "defence";
            if (isClaim) expect(machine.stateOf(about)).toBe("claimed");
          }
          for (const one of announced) {
            if (machine.stateOf(one) !== "claimed") expect(machine.deadline).toBeLessThan(never);
          }
          if (announced.size === 0) expect(machine.deadline).toBe(never);
        }
      }),
    );
  });
});

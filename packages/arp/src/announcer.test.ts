import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnnouncerInput, ArpAnnouncer } from "./announcer.ts";
import type { DefendMode, ProbeMode } from "./options.ts";
import { ours, request, sibling, theirs, vip } from "./testing/example.ts";
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

const gratuitous = packet({ senderAddress: vip });
const probe = packet({ senderAddress: 0 });

type State =
  | "absent"
  | "probing"
  | "optimistic"
  | "scheduled"
  | "quiet"
  | "defended"
  | "conflicted";

/** A machine with the address in the given state at time 10,000. */
function machineIn(state: State, defend: DefendMode = "always"): ArpAnnouncer {
  const machine = start({ defend });
  if (state === "probing") machine.handle(announce("first"), 9_500);
  if (state === "optimistic") machine.handle(announce("optimistic"), 9_500);
  if (state === "scheduled") machine.handle(announce(), 9_000);
  if (state === "quiet" || state === "defended") machine.handle(announce(), 0);
  ticks(machine, 9_800);
  if (state === "conflicted") machine.handle(announce("first"), 9_800);
  if (state === "conflicted" || state === "defended") machine.handle(claim(), 9_900);
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
const round = "request, reply > claimed";
const never = Number.POSITIVE_INFINITY;

describe("ARP announcer", () => {
  it.each<[State, string, string, string, string, string, string, number, string]>([
    // state | announce | request to us | another's probe | another's claim | a gratuitous one | up | deadline
    [
      "absent",
      "request, reply, claimed > claimed",
      "- > absent",
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
      lostInProbe,
      "probe > probing",
      10_500,
      "probe > probing",
    ],
    [
      "optimistic",
      "- > optimistic",
      "answer > optimistic",
      "answer > optimistic",
      lostInProbe,
      lostInProbe,
      "probe > optimistic",
      10_500,
      "probe > optimistic",
    ],
    [
      "scheduled",
      "- > claimed",
      "answer > claimed",
      "answer > claimed",
      defence,
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
      `answer, ${oldConflict}`,
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
      "- > conflicted",
      "probe > probing",
      39_900,
      "probe > probing",
    ],
  ])("follows its table when an address is %s", (state, ...row) => {
    const [onAnnounce, onRequest, onProbe, onClaim, onGratuitous, onUp, deadline, onTick] = row;
    expect(after(state, announce())).toBe(onAnnounce);
    expect(after(state, packet())).toBe(onRequest);
    expect(after(state, probe)).toBe(onProbe);
    expect(after(state, claim())).toBe(onClaim);
    expect(after(state, claim({ operation: 2 }))).toBe(onClaim);
    expect(after(state, gratuitous)).toBe(onGratuitous);
    expect(after(state, up)).toBe(onUp);
    expect(actsAt(machineIn(state))).toBe(deadline);
    expect(after(state, tick, Math.min(deadline, 100_000))).toBe(onTick);
    expect(after(state, withdraw())).toBe("- > absent");
    const machine = machineIn(state);
    machine.handle(withdraw(), 10_000);
    expect(machine.deadline).toBe(never);
    expect(machine.handle(packet(), 10_000)).toEqual([]);
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
  ])("defends %s, when an address is %s (RFC 5227 section 2.4)", (defend, state, expected) => {
    expect(after(state, claim(), 10_000, defend)).toBe(expected);
    expect(after("probing", claim(), 10_000, defend)).toBe(lostInProbe);
    expect(after("optimistic", claim(), 10_000, defend)).toBe(lostInProbe);
    const isKept = expected === oldConflict || expected === newConflict;
    const onGratuitous = isKept ? `answer, ${expected}` : expected;
    expect(after(state, gratuitous, 10_000, defend)).toBe(onGratuitous);
  });

  it.each<[ProbeMode | undefined, ProbeMode | undefined, string]>([
    [undefined, undefined, "request, reply, claimed > claimed"],
    ["first", undefined, "probe > probing"],
    ["optimistic", undefined, "probe > optimistic"],
    ["first", "off", "request, reply, claimed > claimed"],
    ["off", "optimistic", "probe > optimistic"],
  ])("probes by option %s, announcement %s", (option, own, expected) => {
    const machine = start(option && { probe: option });
    const outputs = summary(machine.handle(announce(own), 0));
    expect(`${outputs.join(", ")} > ${machine.stateOf(vip)}`).toBe(expected);
  });

  it("tells who is in conflict about what", () => {
    const conflict = { type: "conflict", address: vip, mac: theirs } as const;
    expect(machineIn("probing").handle(claim(), 10_000)).toEqual([
      { ...conflict, during: "probe", isKept: false, isNews: true },
    ]);
    expect(machineIn("quiet").handle(claim(), 10_000)).toEqual([
      { type: "defence", address: vip },
      { ...conflict, during: "claim", isKept: true, isNews: true },
    ]);
  });

  it.each<[string, AnnouncerInput]>([
    ["from itself", claim({ senderMac: ours })],
    ["gratuitous from itself", packet({ senderMac: ours, senderAddress: vip })],
    ["from another interface of this host", claim({ senderMac: sibling })],
    ["for another address", packet({ targetAddress: vip + 1 })],
    ["of another hardware type", claim({ hardwareType: 6 })],
    ["a reverse request", claim({ operation: 3 })],
  ])("ignores a packet that is %s", (_, input) => {
    for (const state of ["probing", "optimistic", "quiet"] as const) {
      expect(machineIn(state).handle(input, 10_000)).toEqual([]);
    }
  });

  it("answers another interface of this host, and takes its probe for no conflict", () => {
    const fromSibling = packet({ senderMac: sibling, senderAddress: 0 });
    expect(after("quiet", fromSibling)).toBe("answer > claimed");
    expect(after("probing", fromSibling)).toBe("- > probing");
  });

  it("answers for one address and contests another in the same packet", () => {
    const machine = machineIn("quiet");
    machine.handle(announce("off", vip + 1), 10_000);
    const outputs = machine.handle(packet({ senderAddress: vip + 1 }), 10_001);
    expect(summary(outputs)).toEqual(["answer", "defence", "conflict in claim, kept"]);
    expect(outputs[1]).toEqual({ type: "defence", address: vip + 1 });
  });

  it("goes by the hardware address that the interface has now", () => {
    const machine = machineIn("quiet");
    const unicast = { type: "packet", packet: { ...request, destination: ours } } as const;
    expect(summary(machine.handle({ ...unicast, mac: ours }, 10_000))).toEqual(["answer"]);
    expect(machine.handle({ ...unicast, mac: sibling }, 10_000)).toEqual([]);
  });

  it("defends once in ten seconds, however often it is contested", () => {
    const machine = machineIn("quiet");
    const defences: number[] = [];
    for (let now = 10_000; now < 45_000; now += 100) {
      const kinds = summary(machine.handle(claim(), now));
      if (kinds.includes("defence")) defences.push(now);
      expect(kinds.includes("conflict in claim, kept")).toBe(kinds.includes("defence"));
    }
    expect(defences).toEqual([10_000, 20_000, 30_000, 40_000]);
  });

  it("never throws, and speaks of announced addresses only, whatever comes in whatever order", () => {
    const address = fc.integer({ min: vip, max: vip + 3 });
    const mode = fc.constantFrom<ProbeMode>("off", "first", "optimistic");
    const input = fc.oneof(
      fc.tuple(mode, address).map(([probe, address]) => announce(probe, address)),
      address.map(withdraw),
      address.map((address) => ({ type: "repeat", address }) as const),
      fc.constant(up),
      fc.constant(tick),
      fc
        .record({
          targetAddress: address,
          senderAddress: fc.oneof(address, fc.constant(0)),
          operation: fc.nat(3),
          destination: fc.constantFrom(ours, theirs, 0xffff_ffff_ffff),
          senderMac: fc.constantFrom(ours, sibling, theirs),
        })
        .map(packet),
    );
    const options = fc.record({
      defend: fc.constantFrom<DefendMode>("never", "once", "always", "report"),
      refreshMs: fc.constantFrom(0, 1, 5_000),
      framesPerSecond: fc.constantFrom(1, 500),
      announceWaitMs: fc.constantFrom(0, 2_000),
      probeMinMs: fc.constantFrom(0, 1_000),
    });
    const steps = fc.array(fc.tuple(input, fc.integer({ min: -50, max: 2_000 })));
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(options, random, steps, (given, draw, steps) => {
        const machine = new ArpAnnouncer(given, () => draw);
        const announced = new Set<number>();
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          if (next.type === "announce") announced.add(next.address);
          if (next.type === "withdraw") announced.delete(next.address);
          for (const output of machine.handle(next, now)) {
            const about = output.type === "answer" ? output.request.targetAddress : output.address;
            expect(announced).toContain(about);
            const isClaim = output.type === "gratuitous" || output.type === "defence";
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

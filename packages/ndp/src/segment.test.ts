import { VirtualClock, Wire, type WireOptions, type WirePort } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { formatIpv6, formatMac, type Ipv6Address, parseIpv6 } from "./address.ts";
import { groupMac, solicitedNodeGroup } from "./group.ts";
import type { NeighborAdvertisement } from "./message.ts";
import { decodeNdp, encodeNdp } from "./packet.ts";
import { NdpResponder, type NdpResponderOptions } from "./responder.ts";
import { Nic } from "./testing/nic.ts";
import { invalidity } from "./validity.ts";

/** A neighbour that keeps its cache as RFC 4861 section 7.2.5 says, and asks once a second. */
class Neighbour {
  readonly #port: WirePort;
  readonly #clock: VirtualClock;
  readonly #mac: number;
  readonly #address: Ipv6Address;
  readonly #cache = new Map<Ipv6Address, number>();
  readonly #wanted = new Set<Ipv6Address>();
  asked = 0;

  constructor(wire: Wire, clock: VirtualClock, mac: number, address: string) {
    this.#port = wire.attach();
    this.#clock = clock;
    this.#mac = mac;
    this.#address = parseIpv6(address);
    this.#port.onFrame = (frame) => {
      const packet = decodeNdp(frame);
      expect(invalidity(packet, frame)).toBeUndefined();
      if (packet.type === "neighbor-advertisement") this.#receive(packet);
    };
  }

  /** Whose hardware address it would send to. */
  knows(address: string): string | undefined {
    const mac = this.#cache.get(parseIpv6(address));
    return mac === undefined ? undefined : formatMac(mac);
  }

  forget(): void {
    this.#cache.clear();
  }

  /** Asks until it knows, or has asked `times` times. */
  resolve(address: string, times: number): void {
    const target = parseIpv6(address);
    this.#wanted.add(target);
    if (times === 0 || this.knows(address) !== undefined) return;
    this.asked += 1;
    const destination = solicitedNodeGroup(target);
    this.#port.send(
      encodeNdp({
        type: "neighbor-solicitation",
        destinationMac: groupMac(destination),
        sourceMac: this.#mac,
        destination,
        source: this.#address,
        hopLimit: 255,
        code: 0,
        options: [{ type: "source-link-layer", mac: this.#mac }],
        target,
      }),
    );
    this.#clock.setTimer(1_000, () => this.resolve(address, times - 1));
  }

  #receive({ target, options, override }: NeighborAdvertisement): void {
    const [option] = options;
    if (option?.type !== "target-link-layer" || !this.#wanted.has(target)) return;
    if (override || !this.#cache.has(target)) this.#cache.set(target, option.mac);
  }
}

const vip = "2001:db8::10";
const macOfA = 0x0200_0000_000a;
const macOfB = 0x0200_0000_000b;

/** Two responders and 20 neighbours on one segment. */
function segment(options: WireOptions, responderOptions: NdpResponderOptions = {}) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const [nicA, nicB] = [new Nic(wire, macOfA), new Nic(wire, macOfB)] as const;
  const a = new NdpResponder(nicA, clock, { random: () => 0.1, ...responderOptions });
  const b = new NdpResponder(nicB, clock, { random: () => 0.9, ...responderOptions });
  const neighbours = Array.from({ length: 20 }, (_, i) => {
    const address = formatIpv6(parseIpv6(`2001:db8::1:${i}`));
    return new Neighbour(wire, clock, 0x0200_0000_0100 + i, address);
  });
  const views = () => new Set(neighbours.map((neighbour) => neighbour.knows(vip)));
  const resolve = (times: number) => {
    for (const neighbour of neighbours) neighbour.resolve(vip, times);
  };
  const events: string[] = [];
  for (const [name, responder] of Object.entries({ a, b })) {
    responder.on("claimed", (address) => events.push(`${name} claims ${address}`));
    responder.on("resumed", (address) => events.push(`${name} resumes ${address}`));
    responder.on("conflict", ({ mac, during, isKept }) =>
      events.push(`${name} against ${mac} in ${during}, ${isKept ? "kept" : "lost"}`),
    );
  }
  return { clock, a, b, nicA, nicB, neighbours, views, resolve, events };
}

const everyoneSends = (mac: number) => new Set([formatMac(mac)]);

describe("responders on a segment", () => {
  it("let every neighbour resolve the address with one question", () => {
    const { clock, a, neighbours, views, resolve } = segment({ delayMs: 1 });
    a.announce(vip);
    resolve(3);
    clock.advance(10);
    expect(views()).toEqual(everyoneSends(macOfA));
    expect(neighbours.map((neighbour) => neighbour.asked)).toEqual(neighbours.map(() => 1));
    expect(a.counters(vip)).toMatchObject({ solicitationsReceived: 20, responsesSent: 20 });
  });

  it("leave the address unresolved when neither announces it", () => {
    const { clock, a, b, views, resolve } = segment({ delayMs: 1 });
    a.announce("2001:db8:1::10");
    b.announce(vip);
    b.withdraw(vip);
    clock.advance(10);
    resolve(3);
    clock.advance(10_000);
    expect(views()).toEqual(new Set([undefined]));
  });

  it.each([1, 2, 3, 4, 5])(
    "move the address on a wire that loses, repeats and reorders frames (seed %i)",
    (seed) => {
      const bad = { delayMs: 1, loss: 0.2, duplication: 0.1, reordering: 0.2, seed };
      const { clock, a, b, neighbours, views, resolve } = segment(bad);
      a.announce(vip);
      resolve(20);
      clock.advance(20_000);
      expect(views()).toEqual(everyoneSends(macOfA));

      // Nobody asks any more: what moves the neighbours is what the new owner says unasked.
      const asked = neighbours.map((neighbour) => neighbour.asked);
      b.announce(vip);
      a.withdraw(vip);
      clock.advance(6_000);
      expect(views()).toEqual(everyoneSends(macOfB));
      expect(neighbours.map((neighbour) => neighbour.asked)).toEqual(asked);
    },
  );

  it("tell everyone again when a cable is back", () => {
    const { clock, a, b, nicB, neighbours, views, resolve } = segment({ delayMs: 1 });
    a.announce(vip);
    resolve(1);
    clock.advance(10_000);
    nicB.unplug();
    a.withdraw(vip);
    b.announce(vip);
    clock.advance(10_000);
    expect(views()).toEqual(everyoneSends(macOfA));
    expect(b.counters(vip)?.unsolicitedSent).toBe(0);
    nicB.plug();
    clock.advance(1);
    expect(views()).toEqual(everyoneSends(macOfB));
    for (const neighbour of neighbours) neighbour.forget();
    resolve(1);
    clock.advance(10);
    expect(views()).toEqual(everyoneSends(macOfB));
  });

  it("see each other within a second when both have the address, and make no storm", () => {
    for (const defend of ["always", "report"] as const) {
      const { clock, a, b, events } = segment({ delayMs: 1 }, { defend });
      a.announce(vip);
      b.announce(vip);
      clock.advance(1_000);
      expect(new Set(events)).toEqual(
        new Set([
          `a claims ${vip}`,
          `b claims ${vip}`,
          "a against 02:00:00:00:00:0b in claim, kept",
          "b against 02:00:00:00:00:0a in claim, kept",
        ]),
      );
      clock.advance(59_000);
      for (const responder of [a, b]) {
        const { unsolicitedSent = Number.NaN } = responder.counters(vip) ?? {};
        // The five of the schedule, and with a defence every ten seconds at most.
        expect(unsolicitedSent).toBeGreaterThanOrEqual(5);
        expect(unsolicitedSent).toBeLessThanOrEqual(defend === "always" ? 12 : 5);
      }
    }
  });

  it("leave the address to who has it, when they probe", () => {
    for (const probe of ["first", "optimistic"] as const) {
      const { clock, a, b, events } = segment({ delayMs: 1 }, { probe });
      a.announce(vip);
      clock.advance(10_000);
      b.announce(vip);
      clock.advance(10_000);
      expect(events).toEqual([`a claims ${vip}`, "b against 02:00:00:00:00:0a in probe, lost"]);
      expect([a.state(vip), b.state(vip)]).toEqual(["claimed", "conflicted"]);
    }
  });

  it("leave it to the newcomer when both defend it once", () => {
    const { clock, a, b } = segment({ delayMs: 1 }, { defend: "once" });
    a.announce(vip);
    clock.advance(10_000);
    b.announce(vip);
    clock.advance(20_000);
    expect([a.state(vip), b.state(vip)]).toEqual(["conflicted", "claimed"]);
  });

  it("leave it to neither when both probe at once, and to one of them in the end", () => {
    const { clock, a, b, events } = segment({ delayMs: 1 }, { probe: "first" });
    a.announce(vip);
    b.announce(vip);
    clock.advance(10_000);
    expect(events).toEqual([
      "b against 02:00:00:00:00:0a in probe, lost",
      "a against 02:00:00:00:00:0b in probe, lost",
    ]);
    clock.advance(50_000);
    expect(events.slice(2)).toEqual([
      `a resumes ${vip}`,
      "b against 02:00:00:00:00:0a in probe, lost",
    ]);
    expect([a.state(vip), b.state(vip)]).toEqual(["claimed", "conflicted"]);
  });
});

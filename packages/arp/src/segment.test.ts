import { VirtualClock, Wire, type WireOptions, type WirePort } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { formatIpv4, formatMac, parseIpv4 } from "./address.ts";
import { replyTo } from "./frames.ts";
import { type ArpPacket, decodeArp, encodeArp } from "./packet.ts";
import { ArpResponder } from "./responder.ts";
import { Nic } from "./testing/nic.ts";

/** A neighbour that does what RFC 826 "Packet Reception" says, and asks once a second. */
class Neighbour {
  readonly #port: WirePort;
  readonly #clock: VirtualClock;
  readonly #mac: number;
  readonly #address: number;
  readonly #cache = new Map<number, number>();
  asked = 0;

  constructor(wire: Wire, clock: VirtualClock, mac: number, address: string) {
    this.#port = wire.attach();
    this.#clock = clock;
    this.#mac = mac;
    this.#address = parseIpv4(address);
    this.#port.onFrame = (frame) => this.#receive(decodeArp(frame));
  }

  /** Whose hardware address it would send to. */
  knows(address: string): string | undefined {
    const mac = this.#cache.get(parseIpv4(address));
    return mac === undefined ? undefined : formatMac(mac);
  }

  forget(): void {
    this.#cache.clear();
  }

  /** Asks until it knows, or has asked `times` times. */
  resolve(address: string, times: number): void {
    if (times === 0 || this.knows(address) !== undefined) return;
    this.asked += 1;
    this.#port.send(
      encodeArp({
        destination: 0xffff_ffff_ffff,
        source: this.#mac,
        hardwareType: 1,
        protocolType: 0x0800,
        operation: 1,
        senderMac: this.#mac,
        senderAddress: this.#address,
        targetMac: 0,
        targetAddress: parseIpv4(address),
      }),
    );
    this.#clock.setTimer(1_000, () => this.resolve(address, times - 1));
  }

  #receive(packet: ArpPacket): void {
    const known = this.#cache.has(packet.senderAddress);
    const forMe = packet.targetAddress === this.#address;
    if (known || forMe) this.#cache.set(packet.senderAddress, packet.senderMac);
    if (forMe && packet.operation === 1) this.#port.send(encodeArp(replyTo(packet, this.#mac)));
  }
}

const vip = "192.0.2.10";
const macOfA = 0x0200_0000_000a;
const macOfB = 0x0200_0000_000b;

/** Two responders and 20 neighbours on one segment. */
function segment(options: WireOptions) {
  const clock = new VirtualClock();
  const wire = new Wire(clock, options);
  const [nicA, nicB] = [new Nic(wire, macOfA), new Nic(wire, macOfB)] as const;
  const a = new ArpResponder(nicA, clock);
  const b = new ArpResponder(nicB, clock);
  const neighbours = Array.from({ length: 20 }, (_, i) => {
    const address = formatIpv4(parseIpv4("192.0.2.100") + i);
    return new Neighbour(wire, clock, 0x0200_0000_0100 + i, address);
  });
  const views = () => new Set(neighbours.map((neighbour) => neighbour.knows(vip)));
  const resolve = (times: number) => {
    for (const neighbour of neighbours) neighbour.resolve(vip, times);
  };
  return { clock, a, b, nicA, nicB, neighbours, views, resolve };
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
    expect(a.counters(vip)).toMatchObject({ requestsReceived: 20, responsesSent: 20 });
  });

  it("leave the address unresolved when neither announces it", () => {
    const { clock, a, b, views, resolve } = segment({ delayMs: 1 });
    a.announce("192.0.2.11");
    b.announce(vip);
    b.withdraw(vip);
    resolve(3);
    clock.advance(10_000);
    expect(views()).toEqual(new Set([undefined]));
  });

  it.each([1, 2, 3, 4, 5])(
    "move the address on a wire that loses, repeats and reorders frames (seed %i)",
    (seed) => {
      const bad = { delayMs: 1, loss: 0.3, duplication: 0.1, reordering: 0.2, seed };
      const { clock, a, b, neighbours, views, resolve } = segment(bad);
      a.announce(vip);
      resolve(20);
      clock.advance(20_000);
      expect(views()).toEqual(everyoneSends(macOfA));

      // Nobody asks any more: what moves the neighbours is the new owner's gratuitous packets.
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
    expect(b.counters(vip)?.gratuitousSent).toBe(0);
    nicB.plug();
    clock.advance(1);
    expect(views()).toEqual(everyoneSends(macOfB));
    for (const neighbour of neighbours) neighbour.forget();
    resolve(1);
    clock.advance(10);
    expect(views()).toEqual(everyoneSends(macOfB));
  });

  it("make no storm when both own the address, though both defend it", () => {
    const { clock, a, b } = segment({ delayMs: 1 });
    a.announce(vip);
    b.announce(vip);
    clock.advance(60_000);
    for (const responder of [a, b]) {
      expect(responder.counters(vip)).toEqual({
        // The other's four later gratuitous requests and its defence, each answered once, by unicast.
        requestsReceived: 5,
        responsesSent: 5,
        gratuitousSent: 11,
        probesSent: 0,
        // Those, its first request, its five gratuitous replies, and its five answers.
        conflicts: 16,
        defences: 1,
      });
    }
    expect(clock.pending).toBe(0);
  });
});

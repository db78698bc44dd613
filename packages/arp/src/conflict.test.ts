import { VirtualClock, Wire, type WirePort } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { parseIpv4 } from "./address.ts";
import { gratuitousReply, gratuitousRequest, probe, replyTo } from "./frames.ts";
import { type ArpPacket, decodeArp, encodeArp } from "./packet.ts";
import { ArpResponder, type ArpResponderOptions } from "./responder.ts";
import { Nic } from "./testing/nic.ts";

const vip = "192.0.2.10";
const macOfA = 0x0200_0000_000a;
const macOfB = 0x0200_0000_000b;
const macOfSquatter = 0x0200_0000_0bad;

/** A host that configured the address by hand, as RFC 826 has it and no more. */
class Squatter {
  readonly #port: WirePort;
  readonly heard: ArpPacket[] = [];

  constructor(wire: Wire) {
    this.#port = wire.attach();
    this.#port.onFrame = (frame) => this.#receive(decodeArp(frame));
  }

  announce(): void {
    this.#port.send(encodeArp(gratuitousRequest(parseIpv4(vip), macOfSquatter)));
  }

  /** Asks whether it may have the address. */
  probe(): void {
    this.#port.send(encodeArp(probe(parseIpv4(vip), macOfSquatter)));
  }

  leave(): void {
    this.#port.close();
  }

  #receive(packet: ArpPacket): void {
    this.heard.push(packet);
    if (packet.operation !== 1 || packet.targetAddress !== parseIpv4(vip)) return;
    this.#port.send(encodeArp(replyTo(packet, macOfSquatter)));
  }
}

/** A wire with hosts on it, and what happened to them. */
function segment() {
  const clock = new VirtualClock();
  const wire = new Wire(clock, { delayMs: 1 });
  const events: string[] = [];
  const host = (name: string, mac: number, options: ArpResponderOptions = {}) => {
    const responder = new ArpResponder(new Nic(wire, mac), clock, { random: () => 0, ...options });
    const note = (what: string) => events.push(`${clock.now()}: ${name} ${what}`);
    responder.on("claimed", () => note("claimed"));
    responder.on("resumed", () => note("resumed"));
    responder.on("conflict", ({ mac, during, isKept }) => {
      note(`against ${mac} in ${during}, ${isKept ? "kept" : "lost"}`);
    });
    return responder;
  };
  return { clock, wire, events, host };
}

describe("an address conflict", () => {
  it.each([0, 1, 500, 4_000, 60_000])("is seen by both owners within 1 s, %i ms apart", (apart) => {
    const { clock, events, host } = segment();
    const [a, b] = [host("a", macOfA), host("b", macOfB)];
    a.announce(vip);
    clock.advance(apart);
    b.announce(vip);
    clock.advance(1_000);
    const conflicts = events.filter((event) => event.includes("against"));
    expect(conflicts.map((event) => event.split(": ")[1]).sort()).toEqual([
      "a against 02:00:00:00:00:0b in claim, kept",
      "b against 02:00:00:00:00:0a in claim, kept",
    ]);
  });

  it("leaves the address with the newcomer when both defend it once", () => {
    const { clock, host } = segment();
    const once = { defend: "once" } as const;
    const [a, b] = [host("a", macOfA, once), host("b", macOfB, once)];
    a.announce(vip);
    clock.advance(10_000);
    b.announce(vip);
    clock.advance(20_000);
    expect([a.state(vip), b.state(vip)]).toEqual(["conflicted", "claimed"]);
  });

  it("does not stop the newest owner from having the last word", () => {
    const { clock, wire, host } = segment();
    const [a, b] = [host("a", macOfA), host("b", macOfB)];
    const said: number[] = [];
    wire.attach().onFrame = (frame) => {
      const { operation, senderMac } = decodeArp(frame);
      if (operation === 1) said.push(senderMac);
    };
    a.announce(vip);
    clock.advance(10_000);
    b.announce(vip);
    clock.advance(100);
    expect(said.slice(-3)).toEqual([macOfB, macOfA, macOfB]);
    clock.advance(60_000);
    expect(said.slice(-4)).toEqual([macOfB, macOfB, macOfB, macOfB]);
  });

  it("is none between hosts that know each other", () => {
    const { clock, events, host } = segment();
    const a = host("a", macOfA, { ownMacs: ["02:00:00:00:00:0b"] });
    const b = host("b", macOfB, { ownMacs: ["02:00:00:00:00:0a"] });
    a.announce(vip);
    b.announce(vip, { probe: "first" });
    clock.advance(20_000);
    expect(events).toEqual(["0: a claimed", "4000: b claimed"]);
  });

  it("lets one of two that probe at the same moment have the address in the end", () => {
    const { clock, events, host } = segment();
    const a = host("a", macOfA, { probe: "first", random: () => 0.2 });
    const b = host("b", macOfB, { probe: "first", random: () => 0.2 });
    a.announce(vip);
    b.announce(vip);
    clock.advance(29_000);
    expect(events).toEqual([
      "201: b against 02:00:00:00:00:0a in probe, lost",
      "201: a against 02:00:00:00:00:0b in probe, lost",
    ]);
    b.withdraw(vip);
    clock.advance(10_000);
    expect(events.slice(2)).toEqual(["35401: a resumed"]);
  });

  it("is found by the first probe of one while another waits to send its own", () => {
    const { clock, events, host } = segment();
    const a = host("a", macOfA, { probe: "first", random: () => 0.2 });
    const b = host("b", macOfB, { probe: "first", random: () => 0.7 });
    a.announce(vip);
    b.announce(vip);
    clock.advance(10_000);
    expect(events).toEqual(["201: b against 02:00:00:00:00:0a in probe, lost", "4600: a claimed"]);
  });

  it.each(["first", "optimistic"] as const)(
    "with a squatter is found before the claim, probing %s, and is over when it leaves",
    (probe) => {
      const { clock, wire, events, host } = segment();
      const squatter = new Squatter(wire);
      host("a", macOfA, { probe }).announce(vip);
      clock.advance(60_000);
      const lost = "against 02:00:00:00:0b:ad in probe, lost";
      expect(events).toEqual([`2: a ${lost}`, `30004: a ${lost}`]);
      const claims = squatter.heard.filter(({ senderAddress }) => senderAddress !== 0);
      expect(claims).toEqual([]);
      squatter.leave();
      clock.advance(10_000);
      expect(events.slice(2)).toEqual(["64004: a resumed"]);
    },
  );

  it("with a squatter that comes after the claim is defended against, and told of while it lasts", () => {
    const { clock, wire, events, host } = segment();
    const a = host("a", macOfA);
    a.announce(vip);
    clock.advance(10_000);
    const squatter = new Squatter(wire);
    squatter.announce();
    clock.advance(1_000);
    const kept = "a against 02:00:00:00:0b:ad in claim, kept";
    expect(events).toEqual(["0: a claimed", `10001: ${kept}`]);
    const defences = squatter.heard.filter(({ operation }) => operation === 1);
    expect(defences).toEqual([gratuitousRequest(parseIpv4(vip), macOfA)]);
    clock.advance(15_000);
    squatter.announce();
    clock.advance(1_000);
    expect(events.slice(2)).toEqual([`26001: ${kept}`]);
    expect(a.counters(vip)?.defences).toBe(2);
  });

  it("with a squatter is given up when that is wished, without a word", () => {
    const { clock, wire, events, host } = segment();
    const a = host("a", macOfA, { defend: "never", gratuitousForMs: 0 });
    a.announce(vip);
    const squatter = new Squatter(wire);
    clock.advance(10);
    squatter.heard.length = 0;
    squatter.announce();
    clock.advance(20_000);
    expect(events.slice(1)).toEqual(["11: a against 02:00:00:00:0b:ad in claim, lost"]);
    expect(squatter.heard).toEqual([]);
    squatter.probe();
    clock.advance(1_000);
    expect(squatter.heard).toEqual([]);
  });

  it("does not come up when a careful host probes first, as it is answered", () => {
    const { clock, wire, events, host } = segment();
    host("a", macOfA).announce(vip);
    clock.advance(10_000);
    const careful = new Squatter(wire);
    careful.probe();
    clock.advance(1_000);
    const question = probe(parseIpv4(vip), macOfSquatter);
    expect(careful.heard).toEqual([replyTo(question, macOfA)]);
    expect(events).toEqual(["0: a claimed"]);
  });

  it("is not made by the owner's own packets when they come back", () => {
    const { clock, wire, events, host } = segment();
    const mirror = wire.attach();
    mirror.onFrame = (frame) => {
      if (decodeArp(frame).senderMac === macOfA) mirror.send(frame);
    };
    host("a", macOfA, { probe: "first", gratuitousForMs: 0 }).announce(vip);
    clock.advance(10_000);
    expect(events).toEqual(["4000: a claimed"]);
    const reply = gratuitousReply(parseIpv4(vip), macOfA);
    mirror.send(encodeArp(reply));
    clock.advance(10);
    expect(events).toEqual(["4000: a claimed"]);
  });
});

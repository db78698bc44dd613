import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import type { BfdSessionOptions } from "./options.ts";
import { encodeBfd } from "./packet.ts";
import { BfdPort } from "./socket.ts";
import { BfdSpeaker } from "./speaker.ts";
import { packet } from "./testing/example.ts";
import { Network } from "./testing/network.ts";
import { pair, pairUp } from "./testing/pair.ts";

const path = { localAddress: "192.0.2.1", remoteAddress: "192.0.2.2" };

/** A speaker on a host that nobody else is on the wire with. */
function alone() {
  const clock = new VirtualClock();
  const host = new Network(clock).host("192.0.2.1");
  const speaker = new BfdSpeaker(host, clock);
  const discarded: string[] = [];
  speaker.on("discarded", (reason, { address }) => discarded.push(`${reason} from ${address}`));
  return { clock, host, speaker, discarded };
}

describe("a speaker", () => {
  it("brings a session up, at its full rate", () => {
    const { clock, sessions, events } = pair();
    clock.advance(3_000);
    expect(events.map((event) => event.split(" at ")[0]).sort()).toEqual(["a up", "b up"]);
    for (const session of sessions) {
      expect(session.wasUp).toBe(true);
      expect([session.state, session.remoteState]).toEqual(["up", "up"]);
      expect([session.transmitIntervalMs, session.detectionMs]).toEqual([50, 150]);
      expect(session.diagnostics).toEqual({ local: 0, remote: 0 });
    }
    const before = sessions[0].counters;
    clock.advance(10_000);
    const sent = sessions[0].counters.controlSent - before.controlSent;
    expect(sent).toBeGreaterThan(10_000 / 50);
    expect(sent).toBeLessThan(10_000 / 37.5);
  });

  it("tells both ends' failure within the detection time of a cut, and the return", () => {
    const { clock, hosts, sessions, events } = pairUp();
    hosts[0].cut();
    clock.advance(200);
    expect(events).toHaveLength(2);
    for (const event of events) {
      expect(event).toMatch(/^[ab] detectionTimeExpired, failure, at 51\d\d$/);
    }
    expect(sessions[0].diagnostics.local).toBe(1);
    hosts[0].heal();
    clock.advance(3_000);
    expect(sessions.map(({ counters }) => [counters.ups, counters.downs])).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });

  it("tells switching off from failing, at both ends (RFC 5882 section 4.2)", () => {
    const { clock, sessions, events } = pairUp();
    sessions[0].disable();
    clock.advance(100);
    expect(events).toEqual([
      "a adminDown, no failure, at 5000",
      "b neighborAdminDown, no failure, at 5000",
    ]);
    expect(sessions[1].remoteState).toBe("adminDown");
    events.length = 0;
    sessions[0].enable();
    clock.advance(3_000);
    expect(events.map((event) => event.split(" at ")[0]).sort()).toEqual(["a up", "b up"]);
  });

  it("tells the states of both ends as they change", () => {
    const { clock, sessions } = pair();
    const states: string[] = [];
    sessions[0].on("state", ({ local, remote }) => states.push(`${local}/${remote}`));
    clock.advance(3_000);
    sessions[1].disable();
    clock.advance(10);
    expect(states.at(-1)).toBe("down/adminDown");
    expect(states).toContain("up/up");
    expect(new Set(states).size).toBe(states.length);
  });

  it("takes leave with AdminDown when it is closed, and is silent from then on", () => {
    const { clock, hosts, speakers, events, sessions } = pairUp();
    speakers[0].close();
    speakers[0].close();
    clock.advance(20_000);
    expect(events).toEqual(["b neighborAdminDown, no failure, at 5000"]);
    expect([hosts[0].open, hosts[1].open]).toEqual([0, 2]);
    expect(speakers[0].sessions).toEqual([]);
    expect(() => speakers[0].open({ ...path })).toThrow("the speaker is closed");
    sessions[0].close();
    sessions[1].close();
    expect(hosts[1].open).toBe(0);
    clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  it("lets a listener close the session, or the speaker", () => {
    const { clock, hosts, speakers, sessions } = pair();
    sessions[0].on("up", () => speakers[0].close());
    clock.advance(10_000);
    expect([sessions[0].wasUp, hosts[0].open]).toEqual([true, 0]);
  });

  it("sends on whatever a listener throws", () => {
    const { clock, hosts, sessions } = pairUp();
    sessions[0].on("down", () => {
      throw new Error("listener");
    });
    const before = sessions[0].counters.controlSent;
    hosts[1].cut();
    expect(() => clock.advance(200)).toThrow("listener");
    clock.advance(3_000);
    expect(sessions[0].counters.controlSent).toBeGreaterThan(before + 2);
  });

  it("counts what the socket does not take", () => {
    const { clock, host, speaker } = alone();
    host.takes = false;
    const session = speaker.open(path);
    clock.advance(700);
    expect(session.counters).toMatchObject({ dropped: 1, controlSent: 0 });
    host.takes = true;
    clock.advance(300);
    expect(session.counters).toMatchObject({ dropped: 1, controlSent: 1 });
  });

  it("has one timer for all its sessions, and each keeps its own time", () => {
    const { clock, speaker } = alone();
    for (let i = 2; i < 52; i++) {
      speaker.open({ ...path, remoteAddress: `192.0.2.${i}`, transmitIntervalMs: 1_000 * i });
    }
    expect(clock.pending).toBe(1);
    clock.advance(104_000);
    const sent = speaker.sessions.map(({ counters }) => counters.controlSent);
    expect(sent.at(0)).toBeGreaterThan(104_000 / 2_000);
    expect(sent.at(-1)).toBeLessThanOrEqual(4);
    expect(clock.pending).toBe(1);
    speaker.close();
    expect(clock.pending).toBe(0);
  });

  it("gives every session a discriminator of its own, whatever the numbers are", () => {
    const clock = new VirtualClock();
    const host = new Network(clock).host("192.0.2.1");
    const speaker = new BfdSpeaker(host, clock, { random: () => 0 });
    for (const i of [2, 3, 4]) speaker.open({ ...path, remoteAddress: `192.0.2.${i}` });
    expect(speaker.sessions.map(({ discriminator }) => discriminator)).toEqual([1, 2, 3]);
  });
});

describe("echo between two", () => {
  const echo = { echo: true, echoIntervalMs: 20 } as const;

  it("is sent, returned, and slows control packets down", () => {
    const { clock, sessions, events } = pairUp(echo);
    for (const session of sessions) {
      expect([session.isEchoActive, session.detectionMs]).toEqual([true, 3_000]);
      expect(session.counters.echoSent).toBeGreaterThan(100);
      expect(session.counters.echoSent - session.counters.echoReceived).toBeLessThan(5);
    }
    const before = sessions[0].counters.controlReceived;
    clock.advance(10_000);
    expect(sessions[0].counters.controlReceived - before).toBeLessThan(15);
    expect(events).toEqual([]);
  });

  it("notices within its detection time what control packets do not", () => {
    const { clock, hosts, sessions, events } = pairUp(echo);
    const diagnostics: number[] = [];
    sessions[0].on("down", () => diagnostics.push(sessions[0].diagnostics.local));
    hosts[1].returnsEcho = false;
    clock.advance(3 * 20 + 2);
    expect(events[0]).toMatch(/^a echoFailed, failure, at 50\d\d$/);
    expect(diagnostics).toEqual([2]);
  });

  it("is returned for a neighbour by an end that sends none", () => {
    const { sessions } = pairUp(echo, { echo: false, echoReceiveIntervalMs: 30 });
    expect(sessions.map(({ isEchoActive }) => isEchoActive)).toEqual([true, false]);
    expect(sessions[0].counters.echoReceived).toBeGreaterThan(50);
    const { sessions: others } = pairUp(echo, { echo: false });
    expect(others[0].isEchoActive).toBe(false);
  });
});

describe("options", () => {
  it.each<[Partial<BfdSessionOptions>, string]>([
    [{ transmitIntervalMs: 0 }, "transmitIntervalMs must be from 1 to 4294967, got 0"],
    [{ receiveIntervalMs: Number.NaN }, "receiveIntervalMs must be from 1 to 4294967, got NaN"],
    [{ detectMultiplier: 256 }, "detectMultiplier must be a whole number from 1 to 255, got 256"],
    [{ detectMultiplier: 1.5 }, "detectMultiplier must be a whole number from 1 to 255, got 1.5"],
    [{ echoIntervalMs: 0 }, "echoIntervalMs must be from 1 to 4294967, got 0"],
    [{ echoReceiveIntervalMs: -1 }, "echoReceiveIntervalMs must be from 0 to 4294967, got -1"],
    [{ minTtl: 254 }, "minTtl is for multihop: one hop is 255, got 254"],
    [{ multihop: true, minTtl: 255 }, "minTtl must be a whole number from 1 to 254, got 255"],
    [{ multihop: true, echo: true }, "echo must be off with multihop, got it for 192.0.2.2"],
    [{ remoteAddress: "2001:db8::2" }, "localAddress must be of the family of 2001:db8::2"],
    [
      { localAddress: "2001:db8::1", remoteAddress: "2001:db8::2", echo: true },
      "echo must be off for IPv6, got it for 2001:db8::2",
    ],
    [
      { localAddress: "2001:db8::1", remoteAddress: "2001:db8::2", echoReceiveIntervalMs: 50 },
      "echoReceiveIntervalMs must be off for IPv6, got it for 2001:db8::2",
    ],
    [
      { localAddress: "fe80::1", remoteAddress: "fe80::2" },
      "device must be given for the link-local address fe80::2",
    ],
    [{ authentication: { type: "keyedMd5", keys: [] } }, "authentication.keys must not be empty"],
  ])("are refused when they are %j", (options, message) => {
    const { host, speaker, clock } = alone();
    expect(() => speaker.open({ ...path, ...options })).toThrow(message);
    expect(() => speaker.open({ ...path, ...options })).toThrow(RangeError);
    expect([host.open, speaker.sessions.length, clock.pending]).toEqual([0, 0, 0]);
  });

  it("are refused for a second session with a neighbour, and for another TTL on a port", () => {
    const { host, speaker } = alone();
    speaker.open({ ...path, multihop: true, minTtl: 250 });
    expect(() => speaker.open({ ...path, multihop: true, minTtl: 250 })).toThrow(
      "remoteAddress 192.0.2.2 has a session with 192.0.2.1",
    );
    const other = { ...path, remoteAddress: "192.0.2.3", multihop: true };
    expect(() => speaker.open({ ...other, minTtl: 249 })).toThrow(
      "minTtl must be 250, as in other sessions of 192.0.2.1, got 249",
    );
    speaker.open({ ...path });
    expect(host.open).toBe(4);
  });

  it("leave nothing open when a socket cannot be", () => {
    const { host, speaker } = alone();
    host.refusal = new Error("no raw sockets here");
    expect(() => speaker.open({ ...path, echo: true })).toThrow("no raw sockets here");
    expect([host.open, speaker.sessions.length]).toEqual([0, 0]);
    const { openEcho: _, ...sockets } = {
      openReceiver: host.openReceiver.bind(host),
      openSender: host.openSender.bind(host),
      openEcho: undefined,
    };
    const without = new BfdSpeaker(sockets, new VirtualClock());
    expect(() => without.open({ ...path, echo: true })).toThrow("echo must be off");
  });

  it("are refused by configure, without effect", () => {
    const { sessions } = pairUp();
    expect(() => sessions[0].configure({ detectMultiplier: 0 })).toThrow("detectMultiplier");
    expect(sessions[0].transmitIntervalMs).toBe(50);
  });

  it("are the path of multihop, too (RFC 5883)", () => {
    const { clock, sessions, hosts } = pairUp({ multihop: true, minTtl: 250 });
    expect(sessions.map(({ state }) => state)).toEqual(["up", "up"]);
    const bytes = encodeBfd({ ...packet, yourDiscriminator: sessions[0].discriminator });
    hosts[0].receive(bytes, "192.0.2.2", 249, BfdPort.multiHop);
    expect(sessions[0].counters.discarded).toEqual({ ttl: 1 });
    hosts[0].receive(bytes, "192.0.2.2", 250, BfdPort.multiHop);
    expect(sessions[0].state).toBe("down");
    clock.advance(1);
  });
});

import { seededRandom, VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import type { PathAttributes } from "./path-attributes.ts";
import type { Peer } from "./peer.ts";
import { Speaker } from "./speaker.ts";
import { MemoryNetwork } from "./testing/memory-network.ts";
import { A, B, Pair } from "./testing/two-speakers.ts";

const SELF: PathAttributes = { origin: "igp", asPath: [], nextHop: "0.0.0.0" };

describe("two speakers", () => {
  it("tell each other their routes", async () => {
    const pair = await Pair.make({ network: { segmented: true } });
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    expect(pair.isUp).toBe(true);
    expect([...pair.toA.routes]).toEqual([
      {
        prefix: "203.0.113.10/32",
        attributes: {
          origin: "igp",
          asPath: [{ type: "sequence", asns: [65_001] }],
          nextHop: A,
        },
      },
    ]);
    pair.a.announce("203.0.113.11/32", SELF);
    pair.b.announce("198.51.100.0/24", SELF);
    pair.a.withdraw("203.0.113.10/32");
    pair.clock.advance(10);
    expect(Pair.prefixes(pair.toA)).toEqual(["203.0.113.11/32"]);
    expect(Pair.prefixes(pair.toB)).toEqual(["198.51.100.0/24"]);
  });

  it("send what changes in one turn together, and never what was superseded", async () => {
    const pair = await Pair.make();
    pair.clock.advance(10_000);
    const before = pair.network.transcript.sentBy(A).length;
    for (let i = 0; i < 200; i++) pair.a.announce(`203.0.113.${i}/32`, SELF);
    for (let i = 100; i < 200; i++) pair.a.withdraw(`203.0.113.${i}/32`);
    pair.clock.advance(10);
    expect(pair.network.transcript.sentBy(A).slice(before)).toEqual(["UPDATE"]);
    expect(pair.toA.routes.size).toBe(100);
  });

  it("stay up for a day, and keep no timer after they closed", async () => {
    const pair = await Pair.make({ a: { holdTimeS: 9 } });
    pair.clock.advance(24 * 3_600_000);
    expect(pair.log.filter((line) => line.includes("down"))).toEqual([]);
    const closed = Promise.all([pair.a.close(), pair.b.close()]);
    pair.clock.advance(20_000);
    await closed;
    expect(pair.network.open).toBe(0);
    expect(pair.clock.pending).toBe(0);
  });

  it("converge when both start at once, for any delays (rustbgpd #105)", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const pair = await Pair.make({ network: { seed, delayMs: 200, segmented: seed % 2 === 0 } });
      pair.clock.advance(4_000);
      expect(pair.isUp, `seed ${seed}`).toBe(true);
      expect(pair.log.sort(), `seed ${seed}`).toEqual(["A up", "B up"]);
      pair.clock.advance(60_000);
      expect(pair.network.open, `seed ${seed}`).toBe(2);
    }
  });

  it("notice a cut link by the hold timer, and come back", async () => {
    const pair = await Pair.make({ a: { holdTimeS: 9 } });
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    pair.network.cut(A, B);
    pair.clock.advance(20_000);
    expect(pair.toA.routes.size).toBe(0);
    expect(pair.log).toContain("A down notification-sent");
    pair.network.heal(A, B);
    pair.clock.advance(60_000);
    expect(pair.isUp).toBe(true);
    expect(pair.toA.routes.size).toBe(1);
  });

  it("say why they stop, and the routes go (RFC 9003)", async () => {
    const pair = await Pair.make();
    pair.clock.advance(10_000);
    const reasons: string[] = [];
    pair.toA.on("down", (reason) => reasons.push(JSON.stringify(reason)));
    pair.toB.stop({ text: "node drained" });
    pair.clock.advance(100);
    const text = [...new TextEncoder().encode("node drained")];
    expect(JSON.parse(reasons[0] ?? "{}")).toMatchObject({
      type: "notification-received",
      notification: { code: 6, subcode: 2, data: { 0: 12, 1: text[0], 12: text[11] } },
    });
  });

  it("end a session that announces too much with Cease/1, and count no prefix twice", async () => {
    const pair = await Pair.make({ b: { maximumPrefixes: 3, keepRoutes: false } });
    for (let i = 0; i < 3; i++) pair.a.announce(`203.0.113.${i}/32`, SELF);
    pair.clock.advance(10_000);
    pair.a.announce("203.0.113.2/32", { ...SELF, multiExitDisc: 1 });
    pair.clock.advance(100);
    expect(pair.isUp).toBe(true);
    pair.a.announce("203.0.113.3/32", SELF);
    pair.clock.advance(100);
    const said = pair.network.transcript.lines.find(
      ({ message }) => message === "NOTIFICATION 6/1",
    );
    expect([...(said?.body ?? [])]).toEqual([6, 1, 0, 1, 1, 0, 0, 0, 3]);
    expect(pair.toA.counters.announced).toBe(5);
  });

  it("keep nothing of what comes in, unless it is asked for", async () => {
    const pair = await Pair.make({ b: { keepRoutes: false } });
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    expect(pair.toA.counters.announced).toBe(1);
    expect(pair.toA.routes.size).toBe(0);
  });

  it("hand on what comes in to whoever asked", async () => {
    const seen: string[] = [];
    const pair = await Pair.make({
      b: { onRoutes: ({ announced, withdrawn }) => seen.push(`+${announced} -${withdrawn}`) },
    });
    pair.clock.advance(10_000);
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10);
    pair.a.withdraw("203.0.113.10/32");
    pair.clock.advance(10);
    expect(seen).toEqual(["+203.0.113.10/32 -", "+ -203.0.113.10/32"]);
  });

  it("replay their routes when asked (RFC 2918, RFC 7313)", async () => {
    const pair = await Pair.make();
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    const before = pair.network.transcript.sentBy(A).length;
    expect(pair.toA.requestRefresh({ afi: 1, safi: 1 })).toBe(true);
    pair.clock.advance(100);
    expect(pair.network.transcript.sentBy(A).slice(before)).toEqual([
      "ROUTE-REFRESH",
      "UPDATE",
      "ROUTE-REFRESH",
    ]);
  });

  it("announce what will go as such (RFC 8326)", async () => {
    const pair = await Pair.make();
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    pair.a.gracefulShutdown();
    pair.clock.advance(100);
    expect(pair.toA.routes.get("203.0.113.10/32")?.communities).toEqual([0xffff_0000]);
    expect(pair.isUp).toBe(true);
  });

  it("go on for all others when one of a turn's listeners throws", async () => {
    const pair = await Pair.make();
    pair.toB.on("established", () => {
      throw new Error("a listener's own");
    });
    expect(() => pair.clock.advance(10_000)).toThrow("a listener's own");
    pair.clock.advance(10_000);
    expect(pair.isUp).toBe(true);
    pair.clock.advance(300_000);
    expect(pair.isUp).toBe(true);
  });

  it("corebgp #55: let a listener call back in", async () => {
    const pair = await Pair.make();
    pair.toB.once("established", () => {
      pair.toB.stop();
      pair.toB.start();
      pair.a.announce("203.0.113.10/32", SELF);
    });
    pair.clock.advance(60_000);
    expect(pair.isUp).toBe(true);
    expect(pair.toA.routes.size).toBe(1);
  });

  it("fill no more than the socket takes", async () => {
    const pair = await Pair.make({ network: { capacity: 100_000, delayMs: 10 } });
    pair.clock.advance(10_000);
    const many = Array.from(
      { length: 60_000 },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
    );
    pair.a.routes.announceMany(many, SELF);
    pair.clock.advance(0);
    expect(pair.toB.counters.sent?.octets).toBeLessThan(250_000);
    pair.clock.advance(5_000);
    expect(pair.toA.routes.size).toBe(60_000);
  });
});

describe("graceful restart", () => {
  const graceful = { gracefulRestart: { restartTimeS: 60 } };

  it("gobgp #1632, #1676, #2524, #2596: End-of-RIB of each family, also of an empty one", async () => {
    const both = {
      families: [
        { afi: 1, safi: 1 },
        { afi: 2, safi: 1 },
      ],
      ...graceful,
    };
    const pair = await Pair.make({ a: both, b: both });
    pair.a.announce("203.0.113.10/32", SELF);
    pair.clock.advance(10_000);
    expect(pair.toA.counters.endOfRibs).toBe(0);
    pair.a.routesComplete();
    pair.clock.advance(100);
    expect(pair.toA.counters.endOfRibs).toBe(2);
  });

  it("kube-router #220: says that it has restarted, and forwards, until the routes are complete", async () => {
    const pair = await Pair.make({ a: graceful, b: graceful, speakers: { restarting: true } });
    pair.clock.advance(10_000);
    expect(pair.toA.negotiated?.gracefulRestart).toMatchObject({
      restarting: true,
      notification: true,
      restartTimeS: 60,
      families: [{ afi: 1, safi: 1, forwarding: true }],
    });
    pair.a.routesComplete();
    pair.toB.reset();
    pair.clock.advance(10_000);
    expect(pair.toA.negotiated?.gracefulRestart?.restarting).toBe(false);
  });
});

describe("speaker", () => {
  it("takes whoever connects from a range for a peer, and forgets it", async () => {
    const pair = await Pair.make({ listens: [B] });
    const peers: Peer[] = [];
    pair.b.on("peer", (peer) => peers.push(peer));
    pair.toA.remove();
    pair.b.peerRange({ range: "192.0.2.0/24", asn: "external", holdTimeS: 0 });
    pair.clock.advance(30_000);
    expect(peers.map(({ address, state }) => `${address} ${state}`)).toEqual([`${A} established`]);
    pair.toB.stop();
    pair.clock.advance(60_000);
    expect(pair.b.peers).toEqual([]);
  });

  it("refuses strangers", async () => {
    const pair = await Pair.make({ listens: [B] });
    pair.toA.remove();
    const refused: string[] = [];
    pair.b.on("refused", (address) => refused.push(address));
    pair.clock.advance(20_000);
    expect(refused[0]).toBe(A);
  });

  it("BGPLite #406, FRR #13084, wdbgp #30: knows an IPv4-mapped address for the IPv4 one", async () => {
    const pair = await Pair.make();
    expect(() => pair.a.peer({ address: `::ffff:${B}`, asn: 65_002 })).toThrow(
      `address must be new, got ${B}`,
    );
  });

  it("passes on at once what the transport has against an option", async () => {
    const pair = await Pair.make();
    const speaker = new Speaker({
      asn: 65_001,
      routerId: A,
      clock: pair.clock,
      random: seededRandom(1),
      transport: {
        ...pair.network.host(A),
        dial: () => {
          throw new TypeError("password is not supported here");
        },
      },
    });
    expect(() => speaker.peer({ address: B, asn: 65_002, password: "x" })).toThrow("password");
    expect(speaker.peers).toEqual([]);
  });
});

it("gives a listener the keys of its own family alone", async () => {
  const clock = new VirtualClock();
  const transport = new MemoryNetwork(clock).host(A);
  const speaker = new Speaker({ asn: 65_001, routerId: A, transport, clock });
  const passive = { asn: 65_002, passive: true, password: "key" };
  speaker.peer({ ...passive, address: "2001:db8::2" });
  await speaker.listen({ localAddress: A, port: 179 });
  expect(() => speaker.peer({ ...passive, address: "2001:db8::3" })).not.toThrow();
});

import { describe, expect, it } from "vitest";
import { decodeBfd } from "./packet.ts";
import { ryuUp } from "./testing/captured.ts";
import { Bench, benchIn, changes, fast, sent } from "./testing/example.ts";
import { pair, pairUp } from "./testing/pair.ts";

// Faults that other implementations had, each named by where it was reported.

describe("as reported elsewhere", () => {
  it("FRRouting/frr 3782, 4133: a session that never came up tells no failure", () => {
    const { clock, hosts, sessions, events } = pair();
    hosts[1].cut();
    clock.advance(60_000);
    // Half a session: what it says is heard, and it hears nothing.
    expect([sessions[0].state, sessions[0].wasUp]).toEqual(["down", false]);
    const bench = benchIn("init");
    const seen = bench.advance(60_000).map(({ output }) => output);
    expect(changes(seen)).toEqual(["down"]);
    expect(events).toEqual([]);
  });

  it("FRRouting/frr 18593: what was negotiated stays for a detection time after the failure", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, requiredMinRxUs: 2_000_000 });
    bench.hear({ state: "down", requiredMinRxUs: 2_000_000 });
    expect(bench.machine.state).toBe("down");
    bench.advance(2_900);
    expect([bench.machine.transmitIntervalMs, bench.machine.remote.discriminator]).toEqual([
      2_000, 0x99,
    ]);
    bench.advance(200);
    expect(bench.machine.remote.discriminator).toBe(0);
  });

  it("metallb/metallb 2454: new timing, or the same again, is no flap", () => {
    const { clock, sessions, events } = pairUp();
    const timing = { transmitIntervalMs: 50, receiveIntervalMs: 50, detectMultiplier: 3 };
    for (const change of [{}, { transmitIntervalMs: 200 }, { receiveIntervalMs: 500 }, {}]) {
      for (const session of sessions) session.configure({ ...timing, ...change });
      clock.advance(5_000);
    }
    expect(events).toEqual([]);
    expect(sessions.map(({ detectionMs }) => detectionMs)).toEqual([150, 150]);
  });

  it("osrg/gobgp 3562: no two sessions of a host stay in step", () => {
    const gaps = new Set<number>();
    const { clock, sessions } = pairUp();
    let last = sessions[0].counters.controlSent;
    let lastAt = clock.now();
    while (clock.now() < 15_000) {
      clock.advance(1);
      const { controlSent } = sessions[0].counters;
      if (controlSent !== last) {
        gaps.add(clock.now() - lastAt);
        last = controlSent;
        lastAt = clock.now();
      }
    }
    expect(gaps.size).toBeGreaterThan(10);
  });

  it("osrg/gobgp 3563: never sends faster than the neighbour bears", () => {
    const { clock, sessions } = pairUp({}, { receiveIntervalMs: 400 });
    const before = sessions[0].counters.controlSent;
    clock.advance(30_000);
    expect(sessions[0].counters.controlSent - before).toBeLessThanOrEqual(30_000 / 300);
  });

  it("osrg/gobgp 3564: sends once a second until up, and says so", () => {
    const bench = new Bench({ transmitIntervalMs: 10 }, () => 0.999);
    bench.handle({ type: "start" });
    const packets = sent(bench.advance(30_000).map(({ output }) => output));
    expect(packets.length).toBeLessThanOrEqual(40);
    expect(packets.every(({ desiredMinTxUs }) => desiredMinTxUs === 1_000_000)).toBe(true);
  });

  it("oxidecomputer/maghemite 798: a neighbour that adapts its rate as it goes is followed", () => {
    const bench = benchIn("up");
    bench.hear({ state: "up", ...fast, final: true });
    for (const desiredMinTxUs of [2_000_000, 1_000_000, 300_000]) {
      const answers = sent(bench.hear({ state: "up", ...fast, desiredMinTxUs, poll: true }));
      expect(answers).toEqual([expect.objectContaining({ final: true, state: "up" })]);
      expect(bench.machine.detectionMs).toBe((3 * desiredMinTxUs) / 1_000);
      bench.advance(desiredMinTxUs / 1_000);
      expect(bench.machine.state).toBe("up");
    }
  });

  it("dyninc/OpenBFDD 13: comes up again after a silence, however long", () => {
    const { clock, hosts, sessions } = pairUp();
    hosts[0].cut();
    clock.advance(3_600_000);
    hosts[0].heal();
    clock.advance(3_000);
    expect(sessions.map(({ state }) => state)).toEqual(["up", "up"]);
  });

  it("antrea-io/antrea 8360: a thread that was held up for long finds no failure", () => {
    const bench = benchIn("up", { transmitIntervalMs: 10, receiveIntervalMs: 10 });
    const tenMs = { ...fast, desiredMinTxUs: 10_000, requiredMinRxUs: 10_000 };
    bench.hear({ state: "up", ...tenMs, final: true });
    for (let stall = 0; stall < 100; stall++) {
      // Timers come first, then what waited in the socket.
      bench.now += 80;
      expect(changes(bench.handle({ type: "tick" }))).toEqual([]);
      bench.hear({ state: "up", ...tenMs });
    }
    expect(bench.machine.state).toBe("up");
  });
});

describe("what Ryu published of two routers", () => {
  it("keeps a session up that has its discriminator, at its rate", () => {
    const packet = decodeBfd(ryuUp.bytes);
    const bench = new Bench({ transmitIntervalMs: 10, receiveIntervalMs: 20 });
    bench.handle({ type: "start" });
    for (const state of ["down", "init"] as const) {
      bench.handle({ type: "packet", packet: { ...packet, state } });
    }
    bench.handle({ type: "packet", packet });
    expect(bench.machine.state).toBe("up");
    expect([bench.machine.transmitIntervalMs, bench.machine.detectionMs]).toEqual([60, 180]);
    bench.advance(179);
    bench.handle({ type: "packet", packet });
    bench.advance(180);
    expect(bench.machine.state).toBe("up");
    bench.advance(1);
    expect([bench.machine.state, bench.machine.diagnostic]).toEqual(["down", packet.diagnostic]);
  });
});

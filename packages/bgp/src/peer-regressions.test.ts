import { describe, expect, it } from "vitest";
import type { MachineInput } from "./machine-input.ts";
import { localOpen } from "./open-policy.ts";
import { notification, PeerBench, remoteOpen } from "./testing/peer-bench.ts";

// One test for each bug of another speaker that is known for its state machine, named after it.

const KEEPALIVE = { type: "keepalive" } as const;
const UPDATE = { type: "update" } as const;

describe("timers", () => {
  it("rustybgp: a hold time of 0 disarms the wait for OPEN as well", () => {
    const bench = new PeerBench();
    bench.bring("established", remoteOpen({ holdTimeS: 0 }));
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("corebgp: a hold time of 0 of our own needs no keepalive timer", () => {
    const bench = new PeerBench({ holdTimeS: 0 });
    bench.bring("established");
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("metallb #777: a peer that falls silent is noticed, and told", () => {
    const bench = new PeerBench({ holdTimeS: 9 });
    const connection = bench.bring("established");
    const start = bench.now;
    const log: string[] = [];
    while (bench.machine.state === "established") log.push(...bench.wake());
    expect(bench.now - start).toBe(9_001);
    expect(log).toContain(`send ${connection} 4/0`);
    expect(log.filter((line) => line.endsWith("keepalive")).length).toBeGreaterThanOrEqual(2);
  });

  it("FRR #6584: what is readable counts before the hold timer does", () => {
    const bench = new PeerBench({ holdTimeS: 9 });
    const connection = bench.bring("established");
    // The loop was blocked for a minute; its timers run before its sockets are read.
    bench.put({ type: "tick" }, 60_000);
    expect(bench.machine.state).toBe("established");
    bench.message(connection, KEEPALIVE);
    bench.put({ type: "tick" }, 5);
    expect(bench.machine.state).toBe("established");
  });

  it("exabgp #934, #477, gobgp #3238, BGPLite #253: KEEPALIVEs go on while UPDATEs pour in", () => {
    const bench = new PeerBench({ holdTimeS: 9 });
    const connection = bench.bring("established");
    const sent: number[] = [];
    for (let i = 0; i < 3_000; i++) {
      bench.message(connection, UPDATE);
      if (bench.put({ type: "tick" }, 10).includes(`send ${connection} keepalive`)) {
        sent.push(bench.now);
      }
    }
    expect(bench.machine.state).toBe("established");
    expect(sent.length).toBeGreaterThanOrEqual(9);
  });

  it("takes no longer between KEEPALIVEs than a third of what was agreed on", () => {
    const bench = new PeerBench({ keepaliveS: 60 });
    const connection = bench.bring("established", remoteOpen({ holdTimeS: 9 }));
    expect(bench.machine.deadline - bench.now).toBe(3_000);
    expect(bench.wake()).toEqual([`send ${connection} keepalive`]);
  });

  it("FRR #15458, rustbgpd #681: a peer that takes nothing in is given up (RFC 9687)", () => {
    const bench = new PeerBench({ holdTimeS: 0, sendHoldMs: 5_000 });
    const connection = bench.bring("established");
    bench.put({ type: "blocked", connection, blocked: true });
    bench.put({ type: "tick" }, 4_000);
    // Progress: it took something, and is full again.
    bench.put({ type: "blocked", connection, blocked: false });
    bench.put({ type: "blocked", connection, blocked: true });
    expect(bench.machine.deadline - bench.now).toBe(5_000);
    expect(bench.wake()[0]).toBe(`send ${connection} 8/0`);
  });

  it("waits eight minutes for that by default, or two hold times", () => {
    for (const [holdTimeS, expected] of [
      [0, 480_000],
      [3_600, 7_200_000],
    ] as const) {
      const bench = new PeerBench({ holdTimeS });
      const connection = bench.bring("established", remoteOpen({ holdTimeS }));
      const before = bench.machine.deadline;
      bench.put({ type: "blocked", connection, blocked: true });
      const sendHold = bench.now + expected;
      expect(bench.machine.deadline).toBe(Math.min(before, sendHold));
      const log: string[] = [];
      while (bench.now < sendHold - 1) {
        bench.message(connection, KEEPALIVE);
        bench.now = Math.min(bench.machine.deadline, sendHold);
        log.push(...bench.put({ type: "tick" }));
      }
      expect(log).toContain(`send ${connection} 8/0`);
    }
  });
});

describe("damping", () => {
  /** Lets it fail and start again, with `upMs` of Established; gives the wait. */
  function failure(bench: PeerBench, how: (connection: number) => MachineInput): number {
    let out: readonly string[] = [];
    while (!out.some((line) => line.startsWith("dial"))) {
      if (bench.machine.state === "connect") break;
      out = bench.wake();
    }
    const dial = [...out].find((line) => line.startsWith("dial"));
    const connection = Number(dial?.slice(5) ?? 1);
    bench.put({ type: "connected", connection });
    bench.put(how(connection));
    return bench.machine.deadline - bench.now;
  }

  const wrongAs = (connection: number): MachineInput => ({
    type: "message",
    connection,
    message: remoteOpen({ asn: 7, capabilities: [] }),
  });

  it("metallb #1114: a wrong peer AS backs off, up to five minutes", () => {
    const bench = new PeerBench({ lingerMs: 0 });
    bench.dial();
    const waits: number[] = [];
    for (let i = 0; i < 11; i++) {
      const before = bench.now;
      failure(bench, wrongAs);
      bench.put({ type: "tick" });
      waits.push(bench.machine.deadline - bench.now);
      expect(bench.now).toBeGreaterThanOrEqual(before);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300].map((s) => s * 1_000));
  });

  it("does not count a NOTIFICATION of an unsupported version", () => {
    const bench = new PeerBench();
    bench.dial();
    const refused = (connection: number): MachineInput => ({
      type: "message",
      connection,
      message: notification(2, 1),
    });
    const waits = Array.from({ length: 5 }, () => failure(bench, refused));
    expect(new Set(waits)).toEqual(new Set([5_000]));
  });

  it("forgets failures after five minutes of Established, and when started by hand", () => {
    const bench = new PeerBench({ holdTimeS: 0, lingerMs: 0 });
    bench.dial();
    for (let i = 0; i < 6; i++) failure(bench, wrongAs);
    bench.put({ type: "tick" });
    expect(bench.machine.deadline - bench.now).toBe(32_000);
    const [dial] = bench.put({ type: "start" });
    const connection = Number(dial?.slice(5));
    bench.put({ type: "connected", connection });
    bench.message(connection, remoteOpen());
    bench.message(connection, KEEPALIVE);
    bench.put({ type: "closed", connection, detail: "reset" }, 300_000);
    expect(bench.machine.deadline - bench.now).toBe(1_000);
  });
});

describe("collisions", () => {
  const higher = remoteOpen({ routerId: "192.0.2.200" });
  const lower = remoteOpen({ routerId: "192.0.2.0" });

  function both(): { bench: PeerBench; ours: number; theirs: number } {
    const bench = new PeerBench();
    const ours = bench.bring("open-sent");
    const theirs = bench.number();
    bench.put({ type: "accepted", connection: theirs });
    return { bench, ours, theirs };
  }

  it("FRR #1219, #1053: the connection of the higher identifier stays, whoever's OPEN is first", () => {
    for (const [open, oursStays] of [
      [higher, false],
      [lower, true],
    ] as const) {
      for (const oursFirst of [true, false]) {
        const { bench, ours, theirs } = both();
        const order = oursFirst ? [ours, theirs] : [theirs, ours];
        const log = order.flatMap((connection) => bench.message(connection, open));
        const loser = oursStays ? theirs : ours;
        expect(log).toContain(`send ${loser} 6/7`);
        bench.message(oursStays ? ours : theirs, KEEPALIVE);
        expect(bench.machine.state).toBe("established");
      }
    }
  });

  it("FRR #5836: equal identifiers are decided by the AS number (RFC 6286)", () => {
    const same = remoteOpen({ routerId: "192.0.2.1" });
    const { bench, ours, theirs } = both();
    // Ours is 65001, theirs 65002.
    const log = [theirs, ours].flatMap((connection) => bench.message(connection, same));
    expect(log).toContain(`send ${ours} 6/7`);
  });

  it.each([higher, lower])(
    "sonic-buildimage #11268, rustybgp #526: an Established session wins against a new connection, whoever's identifier is higher",
    (open) => {
      const bench = new PeerBench();
      const session = bench.bring("established", open);
      const late = bench.number();
      bench.put({ type: "accepted", connection: late });
      expect(bench.message(late, open)).toContain(`send ${late} 6/7`);
      expect(bench.machine.state).toBe("established");
      expect(bench.message(session, KEEPALIVE)).toEqual([]);
    },
  );

  it("may lose it, when that is wanted", () => {
    const bench = new PeerBench({ compareEstablished: true });
    const session = bench.bring("established", higher);
    const late = bench.number();
    bench.put({ type: "accepted", connection: late });
    expect(bench.message(late, higher)).toContain(`send ${session} 6/7`);
  });

  it("gives up the dial when the peer's connection gets to OpenConfirm first", () => {
    const bench = new PeerBench();
    bench.dial();
    const theirs = bench.number();
    bench.put({ type: "accepted", connection: theirs });
    expect(bench.message(theirs, lower)).toContain("cancel-dial 1");
    expect(bench.put({ type: "connected", connection: 1 })).toEqual(["destroy 1"]);
  });

  it("takes the newest of connections that have not said OPEN", () => {
    const bench = new PeerBench({ passive: true });
    bench.put({ type: "start" });
    bench.put({ type: "accepted", connection: 1 });
    expect(bench.put({ type: "accepted", connection: 2 })).toEqual(["destroy 1", "send 2 open"]);
  });

  it("zebra-rs #2350: a dead session goes with its hold timer, not with a stranger's OPEN", () => {
    const bench = new PeerBench({ holdTimeS: 9 });
    bench.bring("established", higher);
    const late = bench.number();
    bench.put({ type: "accepted", connection: late }, 8_000);
    bench.message(late, higher);
    expect(bench.machine.state).toBe("established");
    while (bench.machine.state === "established") bench.wake();
    while (bench.machine.state !== "connect") bench.wake();
  });
});

describe("graceful restart", () => {
  const restarted = localOpen(
    { ...new PeerBench({ gracefulRestart: {} }).options, localAsn: 65_002, routerId: "192.0.2.2" },
    true,
  );
  const stop = (graceful: boolean): MachineInput => ({
    type: "stop",
    notification: notification(6, 2),
    graceful,
  });

  it("FRR #18238: a final stop is a hard reset where a NOTIFICATION would keep the routes", () => {
    const bench = new PeerBench({ gracefulRestart: {} });
    const connection = bench.bring("established");
    expect(bench.put(stop(false))[0]).toBe(`send ${connection} 6/9 [6,2]`);
  });

  it("says a plain Cease to keep the routes where both ends have the N bit (RFC 8538)", () => {
    const bench = new PeerBench({ gracefulRestart: {} });
    const connection = bench.bring("established");
    expect(bench.put(stop(true))[0]).toBe(`send ${connection} 6/2`);
  });

  it("says nothing to keep the routes where the peer has no N bit", () => {
    const bench = new PeerBench({ gracefulRestart: {} });
    const plain = {
      ...remoteOpen(),
      capabilities: remoteOpen().capabilities.map((capability) =>
        capability.type === "graceful-restart"
          ? { ...capability, notification: false }
          : capability,
      ),
    };
    const connection = bench.bring("established", plain);
    expect(bench.put(stop(true)).slice(0, 2)).toEqual([`destroy ${connection}`, "down closed"]);
  });

  it.each(["dialled", "accepted"])(
    "takes a peer back that restarted while its %s session stood",
    (how) => {
      const bench = new PeerBench({
        gracefulRestart: {},
        passive: how === "accepted",
        holdTimeS: 0,
      });
      let session = 1;
      if (how === "dialled") session = bench.bring("established");
      else {
        session = bench.number();
        bench.put({ type: "start" });
        bench.put({ type: "accepted", connection: session });
        bench.message(session, remoteOpen());
        bench.message(session, KEEPALIVE);
      }
      const back = bench.number();
      bench.put({ type: "accepted", connection: back }, 10_000);
      const log = bench.message(back, restarted);
      expect(log.slice(0, 2)).toEqual([`destroy ${session}`, "down replaced"]);
      bench.message(back, KEEPALIVE);
      expect(bench.machine.state).toBe("established");
    },
  );
});

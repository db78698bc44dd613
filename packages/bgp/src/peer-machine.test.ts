import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MachineInput } from "./machine-input.ts";
import { notification, PeerBench, remoteOpen } from "./testing/peer-bench.ts";

const KEEPALIVE = { type: "keepalive" } as const;
const UPDATE = { type: "update" } as const;

describe("peer machine", () => {
  it("dials, exchanges OPEN and KEEPALIVE, and is Established", () => {
    const bench = new PeerBench();
    expect(bench.put({ type: "start" })).toEqual(["dial 1", "state connect"]);
    expect(bench.put({ type: "connected", connection: 1 })).toEqual([
      "send 1 open",
      "state open-sent",
    ]);
    expect(bench.message(1, remoteOpen())).toEqual(["send 1 keepalive", "state open-confirm"]);
    expect(bench.message(1, KEEPALIVE)).toEqual(["established 1", "state established"]);
  });

  it("never dials a passive peer", () => {
    const bench = new PeerBench({ passive: true });
    expect(bench.put({ type: "start" })).toEqual(["state active"]);
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(bench.put({ type: "accepted", connection: bench.number() })).toEqual([
      "send 1 open",
      "state open-sent",
    ]);
  });

  it("refuses connections while it is stopped, and while it is damped", () => {
    const bench = new PeerBench();
    expect(bench.put({ type: "accepted", connection: 7 })).toEqual(["destroy 7"]);
    const connection = bench.bring("established");
    bench.message(connection, notification(6, 4));
    expect(bench.put({ type: "accepted", connection: 8 })).toEqual(["destroy 8"]);
  });

  it("dials again after the connect-retry time while nobody answers, however often", () => {
    const bench = new PeerBench();
    bench.dial();
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      const connection = i === 0 ? 1 : i + 1;
      bench.put({ type: "dial-failed", connection, detail: "refused" });
      const before = bench.now;
      expect(bench.wake()).toEqual([`dial ${i + 2}`, "state connect"]);
      waits.push(bench.now - before);
    }
    expect(new Set(waits)).toEqual(new Set([5_000]));
  });

  it("gives up a dial that takes too long", () => {
    const bench = new PeerBench();
    bench.dial();
    expect(bench.wake()).toEqual(["cancel-dial 1", "dial 2"]);
  });

  describe("RFC 4271 section 10: shortens by a quarter, at most and by chance,", () => {
    const least = () => 0;
    const wait = (bench: PeerBench) => bench.machine.deadline - bench.now;

    it("the time between dials", () => {
      const bench = new PeerBench({}, least);
      bench.dial();
      expect(wait(bench)).toBe(3_750);
    });

    it("the time between KEEPALIVEs, and not the hold time", () => {
      const bench = new PeerBench({ holdTimeS: 9, connectRetryMs: 100_000 }, least);
      const connection = bench.bring("established");
      const up = bench.now;
      expect(wait(bench)).toBe(2_250);
      while (bench.machine.state === "established") bench.wake();
      expect(bench.now - up).toBe(9_001);
      expect(connection).toBe(1);
    });

    it("the delay of OPEN", () => {
      const bench = new PeerBench({ delayOpenMs: 1_000 }, least);
      bench.put({ type: "connected", connection: bench.dial() });
      expect(wait(bench)).toBe(750);
    });

    it("the wait after a session that failed", () => {
      const bench = new PeerBench({ lingerMs: 60_000 }, least);
      const connection = bench.bring("established");
      bench.message(connection, notification(6, 4));
      expect(wait(bench)).toBe(750);
    });
  });

  it("lets a NOTIFICATION leave: half-close, linger, destroy", () => {
    const bench = new PeerBench();
    const connection = bench.bring("established");
    const out = bench.put({ type: "stop", notification: notification(6, 2), graceful: false });
    expect(out.slice(0, 3)).toEqual([
      `send ${connection} 6/2`,
      `end ${connection}`,
      "down notification-sent 6/2",
    ]);
    expect(bench.machine.deadline).toBe(bench.now + 10_000);
    expect(bench.wake()).toEqual([`destroy ${connection}`]);
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("does not linger for a connection that is gone", () => {
    const bench = new PeerBench();
    const connection = bench.bring("established");
    bench.put({ type: "stop", notification: notification(6, 2), graceful: false });
    expect(bench.put({ type: "closed", connection, detail: "closed" })).toEqual([]);
    expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([
    ["open-sent", UPDATE, "5/1 [2]"],
    ["open-sent", KEEPALIVE, "5/1 [4]"],
    ["open-confirm", UPDATE, "5/2 [2]"],
    ["open-confirm", remoteOpen(), "5/2 [1]"],
    ["established", remoteOpen(), "5/3 [1]"],
  ] as const)(
    "answers what is out of place in %s with its type (RFC 6608)",
    (state, message, error) => {
      const bench = new PeerBench();
      const connection = bench.bring(state);
      expect(bench.message(connection, message)[0]).toBe(`send ${connection} ${error}`);
    },
  );

  it("answers a NOTIFICATION in OpenSent with silence", () => {
    const bench = new PeerBench();
    const connection = bench.bring("open-sent");
    expect(bench.message(connection, notification(2, 2))).toEqual([
      `destroy ${connection}`,
      "failed notification-received 2/2",
      "state idle",
    ]);
  });

  it.each([
    [1, 1, "1/1"],
    [2, 4, "2/4"],
  ])("says what was wrong with a header or an OPEN: %i/%i", (code, subcode, error) => {
    const bench = new PeerBench();
    const connection = bench.bring("open-sent");
    const out = bench.put({ type: "fault", connection, fault: notification(code, subcode) });
    expect(out[0]).toBe(`send ${connection} ${error}`);
  });

  it("says what was wrong with an UPDATE", () => {
    const bench = new PeerBench();
    const connection = bench.bring("established");
    const out = bench.put({ type: "fault", connection, fault: notification(3, 1) });
    expect(out[0]).toBe(`send ${connection} 3/1`);
  });

  it("ends the session for what the shell says, and tries again", () => {
    const bench = new PeerBench();
    const connection = bench.bring("established");
    const out = bench.put({ type: "fail", notification: notification(6, 1) });
    expect(out).toContain(`send ${connection} 6/1`);
    bench.wake();
    expect(bench.machine.state).toBe("connect");
  });

  describe("BFD", () => {
    it("ends the session with Cease/10 when the path goes down (RFC 9384)", () => {
      const bench = new PeerBench();
      const connection = bench.bring("established");
      bench.put({ type: "bfd", state: "up" });
      expect(bench.put({ type: "bfd", state: "down" })[0]).toBe(`send ${connection} 6/10`);
    });

    it("FRR #3782, #4133: BFD that never came up does not end the session", () => {
      const bench = new PeerBench();
      bench.bring("established");
      expect(bench.put({ type: "bfd", state: "down" })).toEqual([]);
    });

    it("takes AdminDown for no failure, and down after it neither", () => {
      const bench = new PeerBench();
      bench.bring("established");
      for (const state of ["up", "admin-down", "down"] as const) {
        expect(bench.put({ type: "bfd", state })).toEqual([]);
      }
    });
  });

  it("never throws and always has an end, whatever comes in whatever order", () => {
    const connection = fc.integer({ min: 1, max: 6 });
    const message = fc.constantFrom(
      remoteOpen(),
      remoteOpen({ asn: 7 }),
      remoteOpen({ holdTimeS: 0 }),
      remoteOpen({ version: 3 }),
      KEEPALIVE,
      UPDATE,
      notification(2, 1),
      notification(6, 7),
      { type: "route-refresh", afi: 1, safi: 1, subtype: 0 } as const,
    );
    const input: fc.Arbitrary<MachineInput> = fc.oneof(
      fc.constantFrom<MachineInput>(
        { type: "start" },
        { type: "tick" },
        { type: "stop", notification: notification(6, 2), graceful: true },
        { type: "stop", notification: notification(6, 2), graceful: false },
        { type: "fail", notification: notification(6, 1) },
        { type: "bfd", state: "up" },
        { type: "bfd", state: "down" },
      ),
      fc.record({ type: fc.constantFrom("connected", "accepted"), connection }),
      fc.record({
        type: fc.constantFrom("closed", "dial-failed"),
        connection,
        detail: fc.constant(""),
      }),
      fc.record({ type: fc.constant("message"), connection, message }),
      fc.record({ type: fc.constant("fault"), connection, fault: fc.constant(notification(1, 2)) }),
      fc.record({ type: fc.constant("blocked"), connection, blocked: fc.boolean() }),
    );
    const delayOpenMs = fc.constantFrom(0, 1_000);
    fc.assert(
      fc.property(
        delayOpenMs,
        fc.boolean(),
        fc.array(fc.tuple(input, fc.nat(100_000))),
        (delay, passive, steps) => {
          const bench = new PeerBench({ delayOpenMs: delay, passive });
          const open = new Set<number>();
          for (const [next, later] of steps) {
            const isNew = next.type === "accepted" || next.type === "connected";
            if (isNew && !open.has(next.connection)) open.add(next.connection);
            else if (isNew) continue;
            if (next.type === "closed") open.delete(next.connection);
            for (const output of bench.putRaw(next, later)) {
              if (output.type === "destroy") open.delete(output.connection);
            }
          }
          // Once stopped, it lets go of all it had.
          bench.put({ type: "stop", notification: notification(6, 2), graceful: false });
          for (const output of bench.putRaw({ type: "tick" }, 10_000)) {
            if (output.type === "destroy") open.delete(output.connection);
          }
          expect(bench.machine.state).toBe("idle");
          expect(bench.machine.deadline).toBe(Number.POSITIVE_INFINITY);
        },
      ),
      { numRuns: 500 },
    );
  });
});

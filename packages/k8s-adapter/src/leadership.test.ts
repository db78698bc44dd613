import { seededRandom } from "@ingot/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  Leadership,
  type LeadershipInput,
  type LeadershipOutput,
  type LeaseState,
} from "./leadership.ts";
import { LeaseWorld } from "./testing/lease-world.ts";

const lease = (holder: string, renewal = "1", version = "7"): LeaseState => ({
  holder,
  durationMs: 4_000,
  renewal,
  transitions: 2,
  version,
});
const times = { leaseMs: 4_000, actMs: 3_000, renewMs: 1_000, retryMs: 500 };
const start: LeadershipInput = { type: "start" };
const tick: LeadershipInput = { type: "tick" };
const read = (found: LeaseState | undefined): LeadershipInput => ({ type: "read", lease: found });
const observed = (found: LeaseState | undefined): LeadershipInput => ({
  type: "observed",
  lease: found,
});
const written = (by: string, version = "8"): LeadershipInput => ({
  type: "written",
  lease: lease(by, version, version),
});
const refused: LeadershipInput = { type: "refused" };
const failed: LeadershipInput = { type: "failed" };
const stop: LeadershipInput = { type: "stop" };

const words = (outputs: readonly LeadershipOutput[]) =>
  outputs.map((output) => {
    switch (output.type) {
      case "write":
        return output.lease.holder === "" ? "give up" : "write";
      case "leading":
        return `leading until ${output.until}`;
      case "following":
        return `following ${output.holder || "nobody"}`;
      default:
        return output.type;
    }
  });

/** A machine that has been through this at time 0. */
function machine(...inputs: readonly LeadershipInput[]) {
  const leadership = new Leadership({ identity: "me", ...times });
  for (const input of inputs) leadership.handle(input, 0);
  return {
    leadership,
    on: (input: LeadershipInput, now: number) => words(leadership.handle(input, now)),
  };
}

const leader = () => machine(start, read(undefined), written("me"));
const follower = () => machine(start, read(lease("you")));

describe("leadership", () => {
  it.each<[string, LeaseState | undefined, string[]]>([
    ["there is none", undefined, ["write"]],
    ["it is nobody's", lease(""), ["write"]],
    ["it is its own, by an answer that was lost", lease("me"), ["write"]],
    ["it is another's", lease("you"), ["following you"]],
  ])("looks first, and when %s: %j", (_, found, expected) => {
    const { on } = machine();
    expect(on(start, 0)).toEqual(["read"]);
    expect(on(read(found), 0)).toEqual(expected);
  });

  it("writes what client-go would", () => {
    const write = (...inputs: readonly LeadershipInput[]) => {
      const leadership = new Leadership({ identity: "me", ...times });
      let last: object | undefined;
      for (const [index, input] of inputs.entries()) {
        for (const output of leadership.handle(input, index * 1_000)) {
          if (output.type === "write") last = output.lease;
        }
      }
      return last;
    };
    const mine = { holder: "me", durationMs: 4_000 };
    expect(write(start, read(undefined))).toEqual({
      ...mine,
      version: undefined,
      transitions: 0,
      changesHands: true,
    });
    const taken = { ...mine, version: "7", transitions: 3, changesHands: true };
    expect(write(start, read(lease("")))).toEqual(taken);
    expect(write(start, read(lease("you")), tick, tick, tick, tick)).toEqual(taken);
    const renewed = { ...mine, version: "8", transitions: 2, changesHands: false };
    expect(write(start, read(lease("")), written("me"), tick)).toEqual(renewed);
    expect(write(start, read(lease("")), written("me"), stop)).toEqual({
      ...renewed,
      holder: "",
      changesHands: true,
    });
  });

  it("takes over from one that is silent for as long as its Lease is good, and not before", () => {
    const { leadership, on } = follower();
    expect(leadership.deadline).toBe(4_000);
    expect(on(tick, 3_999)).toEqual([]);
    expect(on(observed(lease("you", "2", "8")), 3_999)).toEqual([]);
    expect(on(tick, 7_998)).toEqual([]);
    expect(on(tick, 7_999)).toEqual(["write"]);
    expect(on(written("me", "9"), 8_100)).toEqual(["leading until 10999"]);
  });

  it("takes over at once from one that gives up", () => {
    const { on } = follower();
    expect(on(observed(lease("", "2", "8")), 10)).toEqual(["write"]);
  });

  it("gives a holder whose Lease was deleted its time, and looks no less at it twice", () => {
    const { on } = follower();
    expect(on(observed(undefined), 1_000)).toEqual(["following nobody"]);
    expect(on(observed(undefined), 2_000)).toEqual([]);
    expect(on(tick, 4_999)).toEqual([]);
    expect(on(tick, 5_000)).toEqual(["write"]);
  });

  it("renews in time, and may act only until a margin before the end", () => {
    const { leadership, on } = leader();
    expect(leadership.deadline).toBe(1_000);
    expect(on(tick, 1_000)).toEqual(["write"]);
    expect(leadership.deadline).toBe(3_000);
    expect(on(written("me"), 1_400)).toEqual(["leading until 4000"]);
    expect(leadership.deadline).toBe(2_000);
  });

  it("is suspended while it cannot renew, asks again, and goes on", () => {
    const { leadership, on } = leader();
    on(tick, 1_000);
    expect(on(failed, 2_000)).toEqual([]);
    expect(on(tick, 2_500)).toEqual(["write"]);
    expect(on(tick, 3_000)).toEqual(["suspended"]);
    expect(on(failed, 3_500)).toEqual([]);
    expect(leadership.deadline).toBe(4_000);
    expect(on(tick, 4_000)).toEqual(["write"]);
    expect(on(written("me"), 4_100)).toEqual(["leading until 7000"]);
  });

  it("counts an answer that came too late for nothing", () => {
    const { on } = leader();
    on(tick, 1_000);
    expect(on(tick, 3_000)).toEqual(["suspended"]);
    expect(on(written("me"), 4_000)).toEqual([]);
    expect(on(tick, 4_000)).toEqual(["write"]);
    expect(on(written("me"), 4_100)).toEqual(["leading until 7000"]);
  });

  it.each<[string, LeaseState | undefined, string[]]>([
    ["another has it", lease("you", "2", "9"), ["following you"]],
    ["nobody has it", lease("", "2", "9"), ["following nobody", "write"]],
    ["it is gone", undefined, ["following nobody"]],
    ["it wrote it itself", lease("me", "2", "9"), ["write"]],
  ])("looks when a renewal is refused, and when %s: %j", (_, found, expected) => {
    const { on } = leader();
    on(tick, 1_000);
    expect(on(refused, 1_010)).toEqual(["read"]);
    expect(on(read(found), 1_020)).toEqual(expected);
  });

  it("does not believe a watch that is behind its own answers", () => {
    const { on } = leader();
    expect(on(observed(lease("you", "0", "6")), 10)).toEqual([]);
    expect(on(tick, 1_000)).toEqual(["write"]);
  });

  it("looks again when it could not look, and says once that it knows of nobody", () => {
    const { on } = machine(start);
    expect(on(failed, 0)).toEqual(["following nobody"]);
    expect(on(tick, 500)).toEqual(["read"]);
    expect(on(failed, 600)).toEqual([]);
  });

  describe("when told to stop", () => {
    it("gives up what it has", () => {
      const { on } = leader();
      expect(on(stop, 10)).toEqual(["give up"]);
      expect(on(written(""), 20)).toEqual(["stopped"]);
      expect(on(tick, 9_000)).toEqual([]);
    });

    it("has nothing to give up while it follows", () => {
      const { on } = follower();
      expect(on(stop, 10)).toEqual(["stopped"]);
    });

    it.each<[string, LeadershipInput, string[]]>([
      ["renewed it", written("me"), ["give up"]],
      ["was refused", refused, ["stopped"]],
      ["was lost", failed, ["stopped"]],
    ])("waits for a write under way, which %s: %j", (_, answer, expected) => {
      const { on } = leader();
      on(tick, 1_000);
      expect(on(stop, 1_010)).toEqual([]);
      expect(on(answer, 1_020)).toEqual(expected);
    });
  });

  it.each([
    [{ leaseMs: 3_000 }, "leaseMs must be more than actMs (3000), got 3000"],
    [{ actMs: 1_000 }, "actMs must be more than renewMs (1000), got 1000"],
  ])("refuses times without a margin: %j", (bad, message) => {
    expect(() => new Leadership({ identity: "me", ...times, ...bad })).toThrow(
      new RangeError(message),
    );
  });

  it("never throws, whatever comes in whatever order", () => {
    const found = fc.constantFrom(undefined, lease(""), lease("you"), lease("me"), lease("x", "3"));
    const input: fc.Arbitrary<LeadershipInput> = fc.oneof(
      fc.constantFrom<LeadershipInput>(start, tick, tick, refused, failed, stop),
      found.map(read),
      found.map(observed),
      fc.constantFrom("me", "").map((by) => written(by)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(3_000))), (steps) => {
        const leadership = new Leadership({ identity: "me", ...times });
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          leadership.handle(next, now);
          expect(leadership.deadline).not.toBeNaN();
        }
      }),
    );
  });
});

describe("two or three that share a Lease", () => {
  it("never may act at the same moment, whatever is late, lost or frozen", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 3 }), (seed, count) => {
        const world = new LeaseWorld(count, seededRandom(seed), { trouble: true });
        world.run(60_000);
        expect(world.overlaps).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it("have one that acts within 5 s after the end of all trouble", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 3 }), (seed, count) => {
        const world = new LeaseWorld(count, seededRandom(seed), { trouble: true });
        world.run(30_000);
        world.calm();
        world.run(world.now + 10_000);
        expect(world.acting).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  it("replace one that crashes within 5 s, and one that stops at once", () => {
    for (const [end, withinMs] of [
      ["crash", 5_000],
      ["stop", 100],
    ] as const) {
      const world = new LeaseWorld(2, seededRandom(1), { trouble: false });
      world.run(10_500);
      const [first] = world.acting;
      world.end(first ?? "", end);
      world.run(10_500 + withinMs);
      const rest = world.acting.filter((name) => name !== first);
      expect(rest, end).toHaveLength(1);
      expect(world.overlaps).toEqual([]);
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { speakerRecord } from "../testing/records.ts";
import { Membership, type MembershipInput } from "./membership.ts";

const connected: MembershipInput = { type: "connection", connected: true };
const tick: MembershipInput = { type: "tick" };
const sign = (node: string, renewal = "1"): MembershipInput => ({
  type: "sign",
  record: speakerRecord(node, { renewal }),
});
const goodbye: MembershipInput = {
  type: "sign",
  record: speakerRecord("b", { held: false, renewal: "9" }),
};
const deleted: MembershipInput = { type: "deleted", key: speakerRecord("b").key };

type State = "unknown" | "live" | "gone";

/** A membership of node `a` that is connected and has node `b` in the given state at time 1000. */
function withB(state: State): Membership {
  const membership = new Membership("a");
  membership.handle(connected, 0);
  if (state !== "unknown") membership.handle(sign("b"), 1_000);
  if (state === "gone") membership.handle(goodbye, 1_000);
  expect(membership.live.has("b")).toBe(state === "live");
  return membership;
}

describe("membership", () => {
  it.each<[State, MembershipInput, readonly string[], boolean]>([
    ["unknown", sign("b"), ["b"], true],
    ["unknown", goodbye, [], false],
    ["unknown", deleted, [], false],
    ["live", sign("b", "2"), [], true],
    ["live", sign("b", "1"), [], true],
    ["live", goodbye, ["b"], false],
    ["live", deleted, ["b"], false],
    ["gone", sign("b", "2"), ["b"], true],
    ["gone", goodbye, [], false],
    ["gone", deleted, [], false],
  ])("follows its table: %s on %j", (state, input, changed, live) => {
    const membership = withB(state);
    expect(membership.handle(input, 1_001)).toEqual(changed);
    expect(membership.live.has("b")).toBe(live);
  });

  it("declares a node gone when its time is over, once, and not before", () => {
    const membership = withB("live");
    expect(membership.deadline).toBe(6_000);
    expect(membership.handle(tick, 5_999)).toEqual([]);
    expect(membership.handle(tick, 6_000)).toEqual(["b"]);
    expect(membership.handle(tick, 7_000)).toEqual([]);
    expect(membership.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("gives no more time for a renewal that it knows", () => {
    const membership = withB("live");
    membership.handle(sign("b", "1"), 5_000);
    expect(membership.deadline).toBe(6_000);
    membership.handle(sign("b", "2"), 5_000);
    expect(membership.deadline).toBe(10_000);
  });

  it("lets nobody die while the source cannot be reached, and waits a whole duration after", () => {
    const membership = withB("live");
    membership.handle({ type: "connection", connected: false }, 2_000);
    expect(membership.handle(tick, 60_000)).toEqual([]);
    expect(membership.deadline).toBe(Number.POSITIVE_INFINITY);
    membership.handle(connected, 60_000);
    expect(membership.deadline).toBe(65_000);
    expect(membership.handle(tick, 65_000)).toEqual(["b"]);
  });

  it("tells when the interfaces of a live node change", () => {
    const membership = withB("live");
    const record = speakerRecord("b", { renewal: "2", interfaces: [] });
    expect(membership.handle({ type: "sign", record }, 2_000)).toEqual(["b"]);
    expect(membership.live.get("b")).toEqual([]);
  });

  it("knows itself by what it sees, whatever its record says", () => {
    const membership = new Membership("a");
    const interfaces = [{ name: "eth0", subnets: [] }];
    expect(membership.handle({ type: "self", interfaces }, 0)).toEqual(["a"]);
    expect(membership.handle({ type: "self", interfaces }, 1)).toEqual([]);
    const record = speakerRecord("a", { held: false });
    expect(membership.handle({ type: "sign", record }, 2)).toEqual([]);
    expect(membership.live.get("a")).toEqual(interfaces);
  });

  it("never throws and never has a deadline in the past after a tick", () => {
    const input = fc.oneof(
      fc.constant(tick),
      fc.constant(connected),
      fc.constant<MembershipInput>({ type: "connection", connected: false }),
      fc.constant(goodbye),
      fc.constant(deleted),
      fc.tuple(fc.constantFrom("b", "c"), fc.nat(3)).map(([n, r]) => sign(n, String(r))),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(4_000))), (steps) => {
        const membership = new Membership("a");
        let now = 0;
        for (const [next, later] of steps) {
          now += later;
          membership.handle(next, now);
          membership.handle(tick, now);
          expect(membership.deadline).toBeGreaterThan(now);
          expect(membership.live.has("a")).toBe(true);
        }
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import type { ArpAnnouncer } from "./announcer.ts";
import type { AnnouncerOptions } from "./options.ts";
import { ours, vip } from "./testing/example.ts";
import { announce, claim, packet, start, summary, ticks, up, withdraw } from "./testing/machine.ts";

/** An announcer that has the address since 0, with one round of gratuitous packets. */
function claimed(options: AnnouncerOptions = {}): ArpAnnouncer {
  const machine = start({ gratuitousForMs: 0, checkMs: 5_000, defend: "report", ...options });
  machine.handle(announce(), 0);
  return machine;
}

/** What another says who has the address, and is asked for it. */
const answer = packet({
  operation: 2,
  senderAddress: vip,
  destination: ours,
  targetMac: ours,
  targetAddress: 0,
});

describe("check of a claimed address", () => {
  it("is one probe, and none by default", () => {
    expect(ticks(claimed(), 1_000_000)).toEqual(["probe at 5000"]);
    expect(ticks(claimed({ checkMs: 0 }), 1_000_000)).toEqual([]);
  });

  it("finds who has the address and says nothing, and goes on for as long as he answers", () => {
    const machine = claimed();
    expect(ticks(machine, 5_000)).toEqual(["probe at 5000"]);
    expect(summary(machine.handle(answer, 5_000))).toEqual(["conflict in claim, kept"]);
    for (const now of [10_000, 15_000]) {
      expect(ticks(machine, now)).toEqual([`probe at ${now}`]);
      expect(summary(machine.handle(answer, now))[0]).toMatch(/conflict in claim, kept/);
    }
    // Three in vain.
    expect(ticks(machine, 1_000_000)).toEqual([
      "probe at 20000",
      "probe at 25000",
      "probe at 30000",
    ]);
  });

  it("is made when another claims the address of his own accord, at most one in its time", () => {
    const machine = claimed();
    ticks(machine, 100_000);
    for (let now = 100_000; now < 105_000; now += 100) machine.handle(claim(), now);
    expect(ticks(machine, 109_999)).toEqual(["probe at 105000"]);
  });

  it("is not made of an address that is given up or withdrawn", () => {
    const lost = claimed({ defend: "never" });
    lost.handle(claim(), 1_000);
    expect(ticks(lost, 31_000)).toEqual(["probe at 31000"]);
    const withdrawn = claimed();
    withdrawn.handle(announce("off", vip + 1), 0);
    withdrawn.handle(withdraw(), 1_000);
    expect(ticks(withdrawn, 1_000_000)).toEqual(["probe at 5000"]);
  });

  it("is made anew when the interface comes up", () => {
    const machine = claimed();
    ticks(machine, 100_000);
    machine.handle(up, 100_000);
    expect(ticks(machine, 1_000_000)).toEqual(["probe at 105000"]);
  });

  it("lets everything else go first", () => {
    const machine = start({ checkMs: 1, framesPerSecond: 2, frameBurst: 2, gratuitousForMs: 0 });
    machine.handle(announce(), 0);
    machine.handle(announce("off", vip + 1), 1);
    expect(ticks(machine, 20_000)).toEqual([
      "request at 500",
      "reply at 1000",
      "probe at 1500",
      "probe at 2000",
    ]);
  });

  it("leaves the schedule as it is", () => {
    const rounds = (checkMs: number) => {
      const machine = start({ checkMs, refreshMs: 20_000 });
      machine.handle(announce(), 0);
      return ticks(machine, 100_000).filter((what) => !what.startsWith("probe"));
    };
    expect(rounds(3_000)).toEqual(rounds(0));
  });
});

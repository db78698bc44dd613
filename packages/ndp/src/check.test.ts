import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import type { NdpAnnouncer } from "./announcer.ts";
import type { AnnouncerOptions } from "./options.ts";
import { other, vip } from "./testing/example.ts";
import { advertise, announce, start, summary, ticks, up, withdraw } from "./testing/machine.ts";

/** An announcer that has the address since 0, with one unsolicited advertisement. */
function claimed(options: AnnouncerOptions = {}): NdpAnnouncer {
  const machine = start({ unsolicitedForMs: 0, checkMs: 5_000, defend: "report", ...options });
  machine.handle(announce(), 0);
  return machine;
}

/** What another says who has the address, and is asked for it. */
const answer = advertise({ solicited: true });

describe("check of a claimed address", () => {
  it("is one question, and none by default", () => {
    const machine = claimed();
    expect(machine.handle({ type: "tick" }, 5_000)).toEqual([{ type: "check", address: vip }]);
    expect(ticks(machine, 1_000_000)).toEqual([]);
    expect(ticks(claimed({ checkMs: 0 }), 1_000_000)).toEqual([]);
  });

  it("finds who has the address and says nothing, and goes on for as long as he answers", () => {
    const machine = claimed();
    expect(ticks(machine, 5_000)).toEqual(["check at 5000"]);
    expect(summary(machine.handle(answer, 5_000))).toEqual(["conflict in claim, kept"]);
    for (const now of [10_000, 15_000]) {
      expect(ticks(machine, now)).toEqual([`check at ${now}`]);
      expect(summary(machine.handle(answer, now))[0]).toMatch(/conflict in claim, kept/);
    }
    // Three in vain.
    expect(ticks(machine, 1_000_000)).toEqual([
      "check at 20000",
      "check at 25000",
      "check at 30000",
    ]);
  });

  it("is made when another claims the address of his own accord, at most one in its time", () => {
    const machine = claimed();
    ticks(machine, 100_000);
    for (let now = 100_000; now < 105_000; now += 100) machine.handle(advertise(), now);
    expect(ticks(machine, 109_999)).toEqual(["check at 105000"]);
  });

  it("is not made of an address that is given up or withdrawn", () => {
    const lost = claimed({ defend: "never" });
    lost.handle(advertise(), 1_000);
    expect(ticks(lost, 33_000)).toEqual(["probe at 32500"]);
    const withdrawn = claimed();
    withdrawn.handle(announce(other), 0);
    withdrawn.handle(withdraw(), 1_000);
    expect(ticks(withdrawn, 1_000_000)).toEqual(["check at 5000"]);
  });

  it("is made anew when the interface comes up", () => {
    const machine = claimed();
    ticks(machine, 100_000);
    machine.handle(up, 100_000);
    expect(ticks(machine, 1_000_000)).toEqual(["check at 105000"]);
  });

  it("lets everything else go first", () => {
    const machine = start({ checkMs: 1, framesPerSecond: 2, frameBurst: 2, unsolicitedForMs: 0 });
    machine.handle(announce(), 0);
    machine.handle(announce(other), 1);
    machine.handle(announce(parseIpv6("2001:db8::d")), 3);
    expect(ticks(machine, 20_000)).toEqual([
      "unsolicited at 500",
      "check at 1000",
      "check at 1500",
      "check at 2000",
    ]);
  });

  it("leaves the schedule as it is", () => {
    const rounds = (checkMs: number) => {
      const machine = start({ checkMs, refreshMs: 20_000 });
      machine.handle(announce(), 0);
      return ticks(machine, 100_000).filter((what) => !what.startsWith("check"));
    };
    expect(rounds(3_000)).toEqual(rounds(0));
  });
});

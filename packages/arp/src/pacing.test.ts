import { describe, expect, it } from "vitest";
import { parseIpv4 } from "./address.ts";
import { type ArpPacket, encodeArp } from "./packet.ts";
import { first, firstTimes, isReply, isRequest, mostWithin, segment } from "./testing/traffic.ts";

const MANY = 5_000;

const isClaim = ({ senderAddress }: ArpPacket) => senderAddress !== 0;

describe("many addresses at once", () => {
  it.each(["announced", "up"])(
    "move within 10 s of being %s when there are 5,000, at 500 frames a second",
    (how) => {
      const { clock, sent, socket, announce } = segment();
      announce(MANY);
      if (how === "up") {
        clock.advance(60_000);
        sent.length = 0;
        socket.onUp?.();
      }
      const start = clock.now();
      clock.advance(60_000);
      // One request an address goes before anything else: it is all that a neighbour needs to move.
      const requests = firstTimes(sent, isRequest).map((at) => at - start);
      expect(requests.length).toBe(MANY);
      expect(Math.max(...requests)).toBeGreaterThan(9_850);
      expect(Math.max(...requests)).toBeLessThan(10_000);
      // Had whole rounds gone one after the other, it would have taken until here.
      const replies = firstTimes(sent, isReply).map((at) => at - start);
      expect(replies.length).toBe(MANY);
      expect(Math.max(...replies)).toBeGreaterThan(19_850);
      expect(Math.max(...replies)).toBeLessThan(20_000);
      expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(550);
      // Every schedule had closed before its first repeat had its turn.
      expect(sent.length).toBe(2 * MANY);
      expect(clock.pending).toBe(0);
    },
  );

  it("are answered for at once meanwhile", () => {
    const { clock, sent, socket, announce } = segment();
    announce(MANY);
    clock.advance(1_000);
    sent.length = 0;
    const last = first + MANY - 1;
    const question = { hardwareType: 1, protocolType: 0x0800, operation: 1, targetMac: 0 };
    const neighbour = { source: 9, senderMac: 9, senderAddress: parseIpv4("192.0.2.9") };
    const frame = encodeArp({
      ...question,
      ...neighbour,
      destination: 0xffff_ffff_ffff,
      targetAddress: last,
    });
    for (let i = 0; i < 1_000; i++) socket.onFrame?.(frame);
    expect(sent.length).toBe(1_000);
    // Nor do answers slow the rest down: 25 rounds had gone at once, and then 500 requests.
    clock.advance(8_950);
    expect(firstTimes(sent, isRequest)).toHaveLength(MANY - 525);
  });

  it("let a newcomer pass their later packets", () => {
    const { clock, sent, announce } = segment();
    announce(MANY);
    clock.advance(12_000);
    const from = sent.length;
    announce(1, MANY);
    clock.advance(10);
    expect(sent[from]?.packet.targetAddress).toBe(first + MANY);
  });

  it("say nothing more once they are withdrawn, and hold nobody up", () => {
    const { clock, sent, responder, announce } = segment();
    announce(MANY);
    clock.advance(1_000);
    for (const address of responder.addresses.slice(0, -1)) responder.withdraw(address);
    sent.length = 0;
    clock.advance(2);
    expect(sent.map(({ packet }) => packet.targetAddress)).toEqual([first + MANY - 1]);
    clock.advance(60_000);
    expect(new Set(sent.map(({ packet }) => packet.targetAddress))).toEqual(
      new Set([first + MANY - 1]),
    );
  });

  it("get their repeats thinned, not put off, when there are too many", () => {
    const { clock, sent, announce } = segment();
    announce(1_000);
    clock.advance(60_000);
    const last = sent.at(-1)?.at ?? 0;
    // Requests until 2 s and replies until 4 s; the last schedule closes at 7 s.
    expect(last).toBeLessThan(7_000);
    expect(sent.length).toBeGreaterThan(3_000);
    expect(sent.length).toBeLessThan(10_000);
    expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(550);
  });

  it("keep every round when there are no more than 150", () => {
    const { clock, sent, announce } = segment();
    announce(150);
    clock.advance(60_000);
    expect(sent.length).toBe(150 * 2 * 5);
  });

  it("are refreshed at the same rate, all of them each time", () => {
    const { clock, sent, announce } = segment({ refreshMs: 60_000 });
    announce(MANY);
    clock.advance(30_000);
    for (let i = 0; i < 3; i++) {
      sent.length = 0;
      clock.advance(60_000 + 20);
      expect(firstTimes(sent, isRequest)).toHaveLength(MANY);
      expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(550);
    }
  });

  it("are probed for at the same rate, and those that are furthest claimed meanwhile", () => {
    const within60Ms = { probeCount: 2, probeWaitMs: 0, probeMinMs: 30, probeMaxMs: 30 };
    const { clock, sent, announce } = segment({
      probe: "optimistic",
      ...within60Ms,
      announceWaitMs: 30,
    });
    announce(MANY);
    clock.advance(120_000);
    expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(550);
    const claimed = firstTimes(sent, isClaim);
    expect(claimed).toHaveLength(MANY);
    expect(Math.min(...claimed)).toBeLessThan(250);
    expect(Math.max(...claimed)).toBeLessThan(30_100);
    const mean = claimed.reduce((sum, at) => sum + at, 0) / MANY;
    expect(mean).toBeLessThan(16_000);
  });

  it("take a burst at once when there are few", () => {
    const { sent, announce } = segment();
    announce(25);
    expect(sent.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, () => 0));
    expect(firstTimes(sent, isReply)).toHaveLength(25);
  });
});

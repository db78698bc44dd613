import { describe, expect, it } from "vitest";
import { pair } from "./testing/pair.ts";

// 1,000 seeds, half a minute each: what a wire does to two ends that work.

const seeds = Array.from({ length: 1_000 }, (_, seed) => seed + 1);
const authentication = {
  type: "keyedSha1",
  keys: [{ id: 1, secret: Uint8Array.of(1, 2, 3) }],
} as const;

describe("two ends", () => {
  it("come up, never go down while the wire loses less than the multiplier bears, and notice a cut", () => {
    for (const seed of seeds) {
      // With a multiplier of 12, twelve losses in a row would have to happen: once in 10^8 packets.
      const wire = {
        delayMs: seed % 20,
        loss: 0.2,
        duplication: 0.1,
        reordering: 0.2,
        reorderingMs: 30,
        seed,
      };
      const options = { detectMultiplier: 12, ...(seed % 10 === 0 ? { authentication } : {}) };
      const { clock, hosts, sessions, events } = pair(options, {}, wire);
      clock.advance(10_000);
      expect([seed, sessions.map(({ state }) => state)]).toEqual([seed, ["up", "up"]]);

      // A Down that was overtaken may end a session that is a few milliseconds old; later none may.
      events.length = 0;
      clock.advance(5_000);
      expect([seed, events]).toEqual([seed, []]);

      const cutAt = clock.now();
      hosts[seed % 2]?.cut();
      clock.advance(1_000);
      expect([seed, sessions.map(({ state }) => state)]).toEqual([seed, ["down", "down"]]);
      expect(events).toHaveLength(2);
      for (const event of events) {
        expect(event).toMatch(/detectionTimeExpired, failure/);
        // A detection time after the last packet, which may have been on its way, and one turn.
        const detected = Number(event.split(" ").at(-1)) - cutAt;
        expect(detected).toBeLessThanOrEqual(12 * 50 + wire.delayMs + wire.reorderingMs + 1);
      }

      hosts[seed % 2]?.heal();
      clock.advance(10_000);
      expect([seed, sessions.map(({ state }) => state)]).toEqual([seed, ["up", "up"]]);
    }
  }, 120_000);

  it("change their timing under loss without a flap", () => {
    for (const seed of seeds.slice(0, 200)) {
      const wire = { delayMs: 2, loss: 0.2, reordering: 0.2, seed };
      const { clock, sessions, events } = pair({ detectMultiplier: 12 }, {}, wire);
      clock.advance(10_000);
      events.length = 0;
      for (const transmitIntervalMs of [400, 20, 150]) {
        const timing = { transmitIntervalMs, receiveIntervalMs: transmitIntervalMs / 2 };
        sessions[seed % 2]?.configure({ ...timing, detectMultiplier: 12 });
        clock.advance(5_000);
        expect([seed, sessions[seed % 2]?.transmitIntervalMs]).toEqual([
          seed,
          Math.max(50, transmitIntervalMs),
        ]);
      }
      expect([seed, events]).toEqual([seed, []]);
    }
  }, 120_000);

  it("find each other whoever starts first, the passive one included", () => {
    const { clock, sessions } = pair({}, { passive: true });
    clock.advance(2_000);
    expect(sessions.map(({ state }) => state)).toEqual(["up", "up"]);
    const both = pair({ passive: true });
    both.clock.advance(60_000);
    expect(both.sessions.map(({ state }) => state)).toEqual(["down", "down"]);
    expect(both.sessions.map(({ counters }) => counters.controlSent)).toEqual([0, 0]);
  });
});

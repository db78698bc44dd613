import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { formatIpv6, macToBytes, parseIpv6 } from "./address.ts";
import { TokenBucket } from "./bucket.ts";
import { decodeNdp } from "./packet.ts";
import { NdpResponder, type NdpResponderOptions } from "./responder.ts";
import type { NdpSocket } from "./socket.ts";
import { ours } from "./testing/example.ts";

describe("token bucket", () => {
  it("lets a burst go at once, and then one frame an interval", () => {
    const bucket = new TokenBucket(500, 3);
    expect(bucket.readyAt(3)).toBe(Number.NEGATIVE_INFINITY);
    bucket.charge(3, 1_000);
    expect([1, 2, 3].map((frames) => bucket.readyAt(frames))).toEqual([1_002, 1_004, 1_006]);
  });

  it("is full after a rest, and no fuller than that", () => {
    const bucket = new TokenBucket(500, 3);
    bucket.charge(3, 0);
    bucket.charge(2, 60_000);
    expect(bucket.readyAt(1)).toBe(60_000);
    expect(bucket.readyAt(2)).toBe(60_002);
  });

  it("gets no emptier than empty by frames that did not ask", () => {
    const bucket = new TokenBucket(500, 10);
    for (let i = 0; i < 1_000; i++) bucket.charge(1, 0);
    expect(bucket.readyAt(1)).toBe(2);
  });

  it.each([
    [0, 50, "framesPerSecond must be from 1 to 1000000, got 0"],
    [Number.NaN, 50, "framesPerSecond must be from 1 to 1000000, got NaN"],
    [500, 1, "burst must be from 2 to 1000000, got 1"],
  ])("refuses %d frames a second and a burst of %d", (framesPerSecond, burst, message) => {
    expect(() => new TokenBucket(framesPerSecond, burst)).toThrow(new RangeError(message));
  });
});

describe("two responders on one bucket", () => {
  const FEW = 1_000;

  /** Two responders that announce so many addresses each, and when they sent. */
  function share(options: NdpResponderOptions = {}) {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(500, 50);
    const responders = [1, 2].map((number) => {
      const sent: { readonly at: number; readonly target: string }[] = [];
      const socket: NdpSocket = {
        mac: macToBytes(ours + number),
        onFrame: undefined,
        onUp: undefined,
        send: (frame) => {
          const packet = decodeNdp(frame);
          const target = "target" in packet ? formatIpv6(packet.target) : "";
          return sent.push({ at: clock.now(), target }) > 0;
        },
        join: () => () => {},
        close: () => {},
      };
      const responder = new NdpResponder(socket, clock, { bucket, ...options });
      for (let i = 0; i < FEW; i++) {
        responder.announce(formatIpv6(parseIpv6(`2001:db8:${number}::${i.toString(16)}`)));
      }
      return { sent };
    });
    return { clock, responders, all: () => responders.flatMap(({ sent }) => sent) };
  }

  it("keep to its rate together, and leave nothing of it unused", () => {
    const { clock, responders, all } = share({ unsolicitedForMs: 0 });
    clock.advance(60_000);
    expect(all()).toHaveLength(2 * FEW);
    const times = all().map(({ at }) => at);
    expect(times.filter((at) => at <= 1_000).length).toBeLessThanOrEqual(551);
    expect(Math.max(...times)).toBeLessThan(4_000);
    for (const { sent } of responders) {
      expect(new Set(sent.map(({ target }) => target)).size).toBe(FEW);
    }
    expect(clock.pending).toBe(0);
  });

  it("go to sleep again when they are woken and the other was faster", () => {
    // The option is without effect beside the bucket.
    const { clock, all } = share({ unsolicitedForMs: 0, framesPerSecond: 1_000_000 });
    let timers = 0;
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (delayMs, wake) => {
      timers += 1;
      return setTimer(delayMs, wake);
    };
    clock.advance(60_000);
    expect(all().filter(({ at }) => at <= 1_000).length).toBeLessThanOrEqual(551);
    // Each frame wakes whoever waits once.
    expect(timers).toBeLessThanOrEqual(2 * all().length);
    expect(clock.pending).toBe(0);
  });
});

import { describe, expect, it } from "vitest";
import { TokenBucket } from "./bucket.ts";
import { firstTimes, isReply, isRequest, mostWithin, segment } from "./testing/traffic.ts";

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

describe("two announcers on one bucket", () => {
  const FEW = 1_000;

  function share(options = {}) {
    const bucket = new TokenBucket(500, 50);
    const one = segment({ bucket, ...options });
    const other = segment({ bucket, ...options }, one.clock);
    const all = () => [...one.sent, ...other.sent].sort((a, b) => a.at - b.at);
    return { one, other, all, clock: one.clock };
  }

  it("keep to its rate together", () => {
    const { one, other, all, clock } = share({ refreshMs: 10_000 });
    one.announce(FEW);
    clock.advance(300);
    other.announce(FEW);
    clock.advance(60_000);
    expect(mostWithin(all(), 1_000)).toBeLessThanOrEqual(550);
    // Nor do they leave any of it unused while there is something to send.
    expect(all().filter(({ at }) => at < 4_000).length).toBeGreaterThanOrEqual(2_000);
    for (const { sent } of [one, other]) expect(firstTimes(sent, isReply)).toHaveLength(FEW);
  });

  it("each send the first request of every address before anything else of their own", () => {
    const { one, other, clock } = share();
    one.announce(FEW);
    other.announce(FEW);
    clock.advance(60_000);
    for (const { sent } of [one, other]) {
      const lastRequest = Math.max(...firstTimes(sent, isRequest));
      // But for the burst at the start, when nothing else waits yet.
      const replies = firstTimes(sent, isReply).filter((at) => at > 0);
      expect(Math.min(...replies)).toBeGreaterThanOrEqual(lastRequest);
    }
  });

  it("go to sleep again when they are woken and the other was faster", () => {
    const { one, other, all, clock } = share({ gratuitousForMs: 0 });
    let timers = 0;
    const { setTimer } = clock;
    clock.setTimer = (delayMs, wake) => {
      timers += 1;
      return setTimer.call(clock, delayMs, wake);
    };
    one.announce(FEW);
    other.announce(FEW);
    clock.advance(60_000);
    expect(all()).toHaveLength(4 * FEW);
    // Each frame wakes whoever waits once.
    expect(timers).toBeLessThanOrEqual(2 * all().length);
    expect(clock.pending).toBe(0);
  });

  it("are not held up by one that has nothing to send", () => {
    const { one, clock } = share();
    one.announce(FEW);
    clock.advance(2_000);
    expect(firstTimes(one.sent, isRequest)).toHaveLength(FEW);
  });
});

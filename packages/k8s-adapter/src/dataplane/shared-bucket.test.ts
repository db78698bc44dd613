import type { FrameBucket } from "@ingot/arp";
import { describe, expect, it } from "vitest";
import { SharedBucket } from "./shared-bucket.ts";

/** Sends as many frames as it can, one by one, whenever it is woken: the worst neighbour there is. */
class Sender {
  readonly sent: number[] = [];
  left: number;
  readonly #seat: FrameBucket;

  constructor(seat: FrameBucket, frames: number) {
    this.#seat = seat;
    this.left = frames;
  }

  get deadline(): number {
    return this.left === 0 ? Number.POSITIVE_INFINITY : this.#seat.readyAt(1);
  }

  wake(now: number): void {
    while (this.left > 0 && this.#seat.readyAt(1) <= now) {
      this.#seat.charge(1, now);
      this.sent.push(now);
      this.left -= 1;
    }
  }
}

/** Wakes each at its time, always the first one first; returns when all is sent. */
function run(senders: readonly Sender[]): void {
  for (const sender of senders) sender.wake(0);
  for (let now = 0; senders.some(({ left }) => left > 0); ) {
    now = Math.max(now, Math.min(...senders.map(({ deadline }) => deadline)));
    for (const sender of senders) sender.wake(now);
  }
}

describe("shared bucket", () => {
  it("lets both families have a half of the rate while both have something to send", () => {
    const bucket = new SharedBucket();
    const arp = new Sender(bucket.seat(4), 1_000);
    const ndp = new Sender(bucket.seat(6), 1_000);
    run([arp, ndp]);
    const within = (at: number) => [arp, ndp].map(({ sent }) => sent.filter((t) => t < at).length);
    const [four = 0, six = 0] = within(1_000);
    expect(four + six).toBeGreaterThanOrEqual(548);
    expect(four + six).toBeLessThanOrEqual(550);
    // The first took the burst.
    expect(four - six).toBeLessThanOrEqual(52);
    expect(Math.max(...arp.sent, ...ndp.sent)).toBeLessThanOrEqual(3_902);
  });

  it.each([4, 6] as const)("lets family %i have all of it while it is alone", (family) => {
    const sender = new Sender(new SharedBucket().seat(family), 1_050);
    run([sender]);
    expect(sender.sent.filter((at) => at === 0)).toHaveLength(50);
    expect(Math.max(...sender.sent)).toBe(2_000);
  });

  it("loses nothing of it to one that asked and then had nothing to send", () => {
    const bucket = new SharedBucket();
    bucket.seat(6).readyAt(1);
    const sender = new Sender(bucket.seat(4), 1_050);
    run([sender]);
    expect(Math.max(...sender.sent)).toBeLessThanOrEqual(2_002);
  });
});

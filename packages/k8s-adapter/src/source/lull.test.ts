import { VirtualClock } from "@ingot/testkit";
import { beforeEach, describe, expect, it } from "vitest";
import { Lull } from "./lull.ts";

let clock: VirtualClock;
let lull: Lull;
let through: string[];

beforeEach(() => {
  clock = new VirtualClock();
  lull = new Lull({ clock, quietMs: 250, mostMs: 5_000, everyMs: 100 });
  through = [];
});

async function take(name: string): Promise<void> {
  await lull.turn();
  through.push(name);
}

/** So many milliseconds later, and what that lets through. */
async function after(delayMs: number): Promise<readonly string[]> {
  await clock.advance(delayMs);
  await Promise.resolve();
  return through;
}

describe("a lull", () => {
  it("holds up nothing before anything has happened", async () => {
    void take("first");
    expect(await after(0)).toEqual(["first"]);
  });

  it("holds up until nothing has happened for a while", async () => {
    lull.stir();
    void take("first");
    await after(200);
    lull.stir();
    void take("second");
    expect(await after(249)).toEqual([]);
    expect(await after(1)).toEqual(["first", "second"]);
    void take("third");
    expect(await after(0)).toEqual(["first", "second", "third"]);
  });

  it("lets one through now and then when there is no quiet for long, until there is", async () => {
    for (let ms = 0; ms < 5_000; ms += 100) {
      lull.stir();
      void take(`${ms}`);
      expect(await after(100)).toHaveLength(ms < 4_900 ? 0 : 1);
    }
    for (let i = 1; i <= 10; i += 1) {
      lull.stir();
      expect(await after(100)).toHaveLength(1 + i);
    }
    expect(await after(150)).toHaveLength(50);
    lull.stir();
    void take("held");
    expect(await after(249)).not.toContain("held");
    expect(await after(1)).toContain("held");
  });

  it("has one timer however many wait, and none when it is quiet", async () => {
    for (let i = 0; i < 10; i += 1) {
      lull.stir();
      void take(`${i}`);
    }
    expect(clock.pending).toBe(1);
    await after(250);
    expect(clock.pending).toBe(0);
  });

  it("lets everything through from its end on", async () => {
    lull.stir();
    void take("first");
    lull.end();
    expect(await after(0)).toEqual(["first"]);
    lull.stir();
    void take("second");
    expect(await after(0)).toEqual(["first", "second"]);
    expect(clock.pending).toBe(0);
  });
});

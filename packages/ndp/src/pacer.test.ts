import { describe, expect, it } from "vitest";
import { TokenBucket } from "./bucket.ts";
import { type Paced, Pacer } from "./pacer.ts";

interface Job extends Paced {
  readonly id: string;
}

const job = (id: string, priority = 0): Job => ({ id, priority });
const pacerOf = (framesPerSecond: number, burst: number) =>
  new Pacer<Job>(new TokenBucket(framesPerSecond, burst));

/** Lets everything go that may go now. */
function drain(pacer: Pacer<Job>, now: number): string[] {
  const ids: string[] = [];
  for (let next = pacer.next(now); next !== undefined; next = pacer.next(now)) {
    pacer.charge(now);
    ids.push(next.id);
  }
  return ids;
}

describe("pacer", () => {
  it("lets a burst go at once, and then one frame an interval", () => {
    const pacer = pacerOf(500, 3);
    for (const id of "abcdef") pacer.put(job(id));
    expect(drain(pacer, 1_000)).toEqual(["a", "b", "c"]);
    expect(pacer.deadline).toBe(1_002);
    expect(drain(pacer, 1_001)).toEqual([]);
    expect(drain(pacer, 1_002)).toEqual(["d"]);
    expect(drain(pacer, 1_006)).toEqual(["e", "f"]);
    expect(pacer.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("lets the urgent go first, and equals in the order they came", () => {
    const pacer = pacerOf(1_000, 2);
    pacer.put(job("late", 2));
    pacer.put(job("soon", 1));
    pacer.put(job("now"));
    pacer.put(job("later", 2));
    expect(drain(pacer, 0)).toEqual(["now", "soon"]);
    pacer.put(job("now too"));
    expect(drain(pacer, 2)).toEqual(["now too", "late"]);
    expect(drain(pacer, 4)).toEqual(["later"]);
  });

  it("is charged only for what goes", () => {
    const pacer = pacerOf(500, 2);
    for (const id of "abc") pacer.put(job(id));
    expect([0, 0, 0].map((now) => pacer.next(now)?.id)).toEqual(["a", "b", "c"]);
    expect(pacer.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("forgets what waits, and not what went", () => {
    const pacer = pacerOf(500, 2);
    pacer.charge(0);
    pacer.charge(0);
    pacer.put(job("a"));
    pacer.clear();
    expect(pacer.deadline).toBe(Number.POSITIVE_INFINITY);
    pacer.put(job("b"));
    expect(pacer.deadline).toBe(2);
  });

  it("waits longer when another empties the bucket meanwhile", () => {
    const bucket = new TokenBucket(500, 2);
    const pacer = new Pacer<Job>(bucket);
    bucket.charge(2, 0);
    pacer.put(job("a"));
    expect(pacer.deadline).toBe(2);
    bucket.charge(1, 2);
    expect(drain(pacer, 2)).toEqual([]);
    expect(pacer.deadline).toBe(4);
    expect(drain(pacer, 4)).toEqual(["a"]);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBucket } from "./bucket.ts";
import { type Paced, Pacer } from "./pacer.ts";

interface Job extends Paced {
  readonly id: string;
}

const job = (id: string, priority = 0, frames = 1): Job => ({ id, priority, frames });

/** Lets everything go that may go now. */
function drain(pacer: Pacer<Job>, now: number): string[] {
  const ids: string[] = [];
  for (let next = pacer.next(now); next !== undefined; next = pacer.next(now)) {
    pacer.charge(next.frames, now);
    ids.push(next.id);
  }
  return ids;
}

describe("pacer", () => {
  it("lets a burst go at once, and then one frame an interval", () => {
    const pacer = new Pacer<Job>(new TokenBucket(500, 3));
    for (const id of "abcdef") pacer.put(job(id));
    expect(drain(pacer, 1_000)).toEqual(["a", "b", "c"]);
    expect(pacer.deadline).toBe(1_002);
    expect(drain(pacer, 1_001)).toEqual([]);
    expect(drain(pacer, 1_002)).toEqual(["d"]);
    expect(drain(pacer, 1_006)).toEqual(["e", "f"]);
    expect(pacer.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("gathers no more than a burst, however long it rests", () => {
    const pacer = new Pacer<Job>(new TokenBucket(500, 3));
    for (const id of "abcd") pacer.put(job(id));
    expect(drain(pacer, 1_000_000)).toEqual(["a", "b", "c"]);
  });

  it("lets the urgent go first, and equals in the order they came", () => {
    const pacer = new Pacer<Job>(new TokenBucket(1_000, 2));
    for (const [id, priority] of [
      ["late", 2],
      ["soon", 1],
      ["now", 0],
      ["later", 2],
    ] as const) {
      pacer.put(job(id, priority));
    }
    expect(drain(pacer, 0)).toEqual(["now", "soon"]);
    pacer.put(job("now too", 0));
    expect(drain(pacer, 2)).toEqual(["now too", "late"]);
    expect(drain(pacer, 4)).toEqual(["later"]);
  });

  it("waits until all frames of a job may go, and lets nothing past it meanwhile", () => {
    const pacer = new Pacer<Job>(new TokenBucket(1_000, 2));
    pacer.charge(2, 0);
    pacer.put(job("round", 0, 2));
    pacer.put(job("repeat", 1, 1));
    expect(pacer.deadline).toBe(2);
    expect(drain(pacer, 1)).toEqual([]);
    expect(drain(pacer, 2)).toEqual(["round"]);
  });

  it("is charged only for what goes", () => {
    const pacer = new Pacer<Job>(new TokenBucket(500, 2));
    for (const id of "abc") pacer.put(job(id));
    expect(pacer.next(0)?.id).toBe("a");
    expect(pacer.next(0)?.id).toBe("b");
    expect(pacer.next(0)?.id).toBe("c");
    expect(pacer.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  it("gets no emptier than empty by frames that did not ask", () => {
    const pacer = new Pacer<Job>(new TokenBucket(500, 10));
    for (let i = 0; i < 1_000; i++) pacer.charge(1, 0);
    pacer.put(job("a"));
    expect(pacer.deadline).toBe(2);
  });

  it("forgets what waits, and not what went", () => {
    const pacer = new Pacer<Job>(new TokenBucket(500, 2));
    pacer.charge(2, 0);
    pacer.put(job("a"));
    pacer.clear();
    expect(pacer.deadline).toBe(Number.POSITIVE_INFINITY);
    pacer.put(job("b"));
    expect(pacer.deadline).toBe(2);
  });

  it("keeps to its rate in any stretch of time, and lets all go that waits long enough", () => {
    const put = fc.record({
      at: fc.nat(3_000),
      priority: fc.nat(3),
      frames: fc.integer({ min: 1, max: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(put, { maxLength: 40 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 2, max: 20 }),
        (puts, rate, burst) => {
          const pacer = new Pacer<Job>(new TokenBucket(rate, burst));
          const sent: { at: number; frames: number }[] = [];
          puts.sort((a, b) => a.at - b.at);
          let put = 0;
          for (let now = 0; put < puts.length || pacer.deadline < Number.POSITIVE_INFINITY; ) {
            now = Math.max(
              now,
              Math.min(puts[put]?.at ?? Number.POSITIVE_INFINITY, pacer.deadline),
            );
            for (let p = puts[put]; p !== undefined && p.at <= now; p = puts[put]) {
              pacer.put(job("", p.priority, p.frames));
              put += 1;
            }
            for (let next = pacer.next(now); next !== undefined; next = pacer.next(now)) {
              pacer.charge(next.frames, now);
              sent.push({ at: now, frames: next.frames });
            }
          }
          expect(sent.length).toBe(puts.length);
          for (const [i, first] of sent.entries()) {
            let frames = 0;
            for (const { at, frames: more } of sent.slice(i)) {
              frames += more;
              expect(frames).toBeLessThanOrEqual(burst + ((at - first.at) / 1_000) * rate + 1e-6);
            }
          }
        },
      ),
    );
  });
});

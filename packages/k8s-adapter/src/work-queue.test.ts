import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { WorkQueue } from "./work-queue.ts";

function queue(work: (key: string) => Promise<void>, concurrency = 1) {
  const clock = new VirtualClock();
  const failures: string[] = [];
  const made = new WorkQueue({
    clock,
    concurrency,
    random: () => 1,
    initialDelayMs: 100,
    maximumDelayMs: 300,
    work,
    failed: (key, error, delayMs) => failures.push(`${key} ${String(error)} ${delayMs}`),
  });
  return { clock, failures, queue: made };
}

/** Work that ends when the test says so. */
function gate() {
  const running = new Map<string, () => void>();
  const started: string[] = [];
  return {
    started,
    work: (key: string) => {
      started.push(key);
      return new Promise<void>((resolve) => running.set(key, resolve));
    },
    end: async (key: string) => {
      running.get(key)?.();
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe("work queue", () => {
  it("works on keys in their order, no more at a time than allowed", async () => {
    const { started, work, end } = gate();
    const { queue: q } = queue(work, 2);
    for (const key of ["a", "b", "c"]) q.add(key);
    expect(started).toEqual(["a", "b"]);
    await end("a");
    expect(started).toEqual(["a", "b", "c"]);
  });

  it("begins nothing while it is paused, and ends what it began", async () => {
    const { started, work, end } = gate();
    const { queue: q } = queue(work);
    q.add("a");
    q.pause();
    q.add("b");
    await end("a");
    expect(started).toEqual(["a"]);
    q.resume();
    expect(started).toEqual(["a", "b"]);
  });

  it("begins nothing while it is held, and looks again once for all that wait", async () => {
    const clock = new VirtualClock();
    const started: string[] = [];
    let asked = 0;
    let holdMs = 50;
    const q = new WorkQueue({
      clock,
      random: () => 1,
      holdMs: () => {
        asked += 1;
        return holdMs;
      },
      work: async (key) => void started.push(key),
      failed: () => {},
    });
    for (const key of ["a", "b", "c"]) q.add(key);
    clock.advance(120);
    expect([started, asked, clock.pending]).toEqual([[], 3, 1]);
    holdMs = 0;
    clock.advance(30);
    expect(started).toEqual(["a", "b", "c"]);
    holdMs = 50;
    q.add("d");
    await q.close();
    clock.advance(100);
    expect([started.length, clock.pending]).toEqual([3, 0]);
  });

  it("works on a key again that was added while it was worked on, and once", async () => {
    const { started, work, end } = gate();
    const { queue: q } = queue(work);
    q.add("a");
    q.add("a");
    q.add("a");
    await end("a");
    await end("a");
    expect(started).toEqual(["a", "a"]);
  });

  it("retries a failure later and later, up to a limit", async () => {
    const { clock, failures, queue: q } = queue(() => Promise.reject(new Error("no")));
    q.add("a");
    await settled();
    for (const ms of [100, 200, 300]) {
      clock.advance(ms);
      await settled();
    }
    expect(failures).toEqual([
      "a Error: no 100",
      "a Error: no 200",
      "a Error: no 300",
      "a Error: no 300",
    ]);
  });

  it("goes on with the others while one waits for its next try", async () => {
    const done: string[] = [];
    const { queue: q } = queue(async (key) => {
      if (key === "a") throw new Error("no");
      done.push(key);
    });
    q.add("a");
    q.add("b");
    await settled();
    expect(done).toEqual(["b"]);
    expect(q.retrying).toBe(1);
  });

  it("tries at once when a waiting key is added again, and counts from the start after a success", async () => {
    let fails = 2;
    const {
      clock,
      failures,
      queue: q,
    } = queue(async () => {
      fails -= 1;
      if (fails >= 0) throw new Error("no");
    });
    q.add("a");
    await settled();
    q.add("a");
    await settled();
    clock.advance(10_000);
    await settled();
    expect(failures).toEqual(["a Error: no 100", "a Error: no 200"]);
    expect(q.retrying).toBe(0);
    fails = 1;
    q.add("a");
    await settled();
    expect(failures.at(-1)).toBe("a Error: no 100");
  });

  it("ends with the work that is under way, and starts none", async () => {
    const { started, work, end } = gate();
    const { queue: q } = queue(work);
    q.add("a");
    q.add("b");
    let closed = false;
    void q.close().then(() => {
      closed = true;
    });
    await settled();
    expect(closed).toBe(false);
    await end("a");
    expect(closed).toBe(true);
    expect(started).toEqual(["a"]);
  });
});

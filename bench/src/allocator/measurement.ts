import { median } from "../statistics.ts";
import { allocate, type Prepared, prepare, type Workload } from "./workload.ts";

/** How long one workload takes in a process that has done it often: medians of `runs` runs. */
export interface WarmTimes {
  /** Measured calls in a run. */
  readonly calls: number;
  /** Runs before those that were measured. */
  readonly warmUpRuns: number;
  readonly runs: number;
  /** All calls of a run. */
  readonly totalMs: number;
  /** One call, on average of the 100 around the 100th (the 51st to the 150th). */
  readonly earlyUs: number;
  /** One call, on average of the last 100. */
  readonly lateUs: number;
}

/** All calls of a run, in milliseconds. In a fresh process little is compiled yet. */
export function timeOnce(workload: Workload, owners: readonly string[]): number {
  return timeRun(prepare(workload, owners), workload).totalMs;
}

/**
 * Times a workload, run after run, each with a new allocator.
 *
 * @param collect collects all garbage; called between runs, so that none pays for the one before.
 */
export function timeWarm(
  workload: Workload,
  owners: readonly string[],
  collect: () => void,
): WarmTimes {
  const run = () => {
    const prepared = prepare(workload, owners);
    collect();
    return timeRun(prepared, workload);
  };
  const { calls } = run();
  const warmUpRuns = Math.ceil(WARM_UP_CALLS / calls);
  for (let i = 1; i < warmUpRuns; i += 1) run();
  const runs = Array.from({ length: RUNS }, run);
  return {
    calls,
    warmUpRuns,
    runs: RUNS,
    totalMs: median(runs.map((timing) => timing.totalMs)),
    earlyUs: median(runs.map((timing) => timing.earlyUs)),
    lateUs: median(runs.map((timing) => timing.lateUs)),
  };
}

/**
 * What an allocator keeps alive after a run, in bytes, beyond the owners' names: the mean of
 * several, as a single one of a thousand addresses is lost among what V8 itself keeps.
 *
 * For a process without optimizing compilers: their code can keep an earlier allocator alive.
 *
 * @param collect collects all garbage.
 */
export function heapOf(workload: Workload, owners: readonly string[], collect: () => void): number {
  const run = () => {
    const prepared = prepare(workload, owners);
    timeRun(prepared, workload);
    return prepared.allocator;
  };
  const used = () => {
    // The second collection waits for the first to be swept.
    collect();
    collect();
    return process.memoryUsage().heapUsed;
  };
  // What a first run leaves behind for good (byte code, flat names) is there before.
  run();
  const before = used();
  const length = Math.ceil(HEAP_ADDRESSES / workload.addresses);
  const kept = Array.from({ length }, run);
  const after = used();
  // Asked after the last look at the heap, or they would not be there to be seen.
  if (!kept.every(({ pools }) => pools.length === 1)) throw new Error("an allocator lost its pool");
  return Math.round((after - before) / kept.length);
}

interface Timing {
  readonly calls: number;
  readonly totalMs: number;
  readonly earlyUs: number;
  readonly lateUs: number;
}

function timeRun({ allocator, owners }: Prepared, { family }: Workload): Timing {
  const slice = (from: number, to: number): number => {
    const start = performance.now();
    for (let i = from; i < to; i += 1) allocate(allocator, owners[i] ?? "", family);
    return performance.now() - start;
  };
  const calls = owners.length;
  const firstMs = slice(0, EARLY_FROM);
  const earlyMs = slice(EARLY_FROM, EARLY_FROM + WINDOW);
  const middleMs = slice(EARLY_FROM + WINDOW, calls - WINDOW);
  const lateMs = slice(calls - WINDOW, calls);
  return {
    calls,
    totalMs: firstMs + earlyMs + middleMs + lateMs,
    earlyUs: (earlyMs * 1_000) / WINDOW,
    lateUs: (lateMs * 1_000) / WINDOW,
  };
}

const HEAP_ADDRESSES = 128_000;
const WARM_UP_CALLS = 200_000;
const RUNS = 15;
const WINDOW = 100;
const EARLY_FROM = 50;

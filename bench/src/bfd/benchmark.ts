import { missing } from "@ingot/testkit";
import type { Benchmark, Findings, Settings } from "../report.ts";
import { median, quantile } from "../statistics.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { Condition } from "./bed.ts";
import { WATCHERS, type Watcher, watchCuts } from "./detection-part.ts";
import { type IntervalResult, type IntervalTask, watchIntervals } from "./interval-part.ts";

/** Whether BFD sends in time and finds no failure where there is none, and how soon it finds one. */
export const bfdBenchmark: Benchmark = { name: "bfd", run };

async function run(say: (progress: string) => void, settings: Settings): Promise<Findings> {
  const obstacle = missing(["netns", "bird", "frr", "tcpdump"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const { rounds = ROUNDS, soakMinutes } = settings;
  const intervals: IntervalResult[] = [];
  for (const task of soakMinutes === undefined ? TASKS : [soak(soakMinutes)]) {
    say(`${taskName(task)}, ${task.seconds} s`);
    intervals.push(await watchIntervals(task));
  }
  const detection: Partial<Record<Condition, Lateness>> = {};
  for (const condition of soakMinutes === undefined ? CONDITIONS : []) {
    detection[condition] = await watchCuts(rounds, condition, say);
  }
  const cuts = CONDITIONS.flatMap((condition) => {
    const late = detection[condition];
    return late === undefined ? [] : [{ condition, late }];
  });
  return {
    notes: [
      "nobody is pinned or SCHED_FIFO; loaded: Ingot's main thread parses 5 MB of JSON every 150 ms",
      intervals.every(({ isPreferred }) => isPreferred)
        ? "Ingot's worker thread has a niceness of -15, as in the product where it has CAP_SYS_NICE; BIRD and FRR have it, too"
        : "nobody has a niceness below 0: CAP_SYS_NICE is missing",
    ],
    tables: [
      intervalTable(intervals),
      ...cuts.map(({ condition, late }) => detectionTable(condition, late)),
    ],
    targets: [
      ...intervals.flatMap(intervalTargets),
      ...cuts.map(({ condition, late }) => detectionTarget(condition, late)),
    ],
    figures: { intervals, detection },
  };
}

type Lateness = Readonly<Record<Watcher, readonly number[]>>;

function intervalTable(results: readonly IntervalResult[]): Table {
  return {
    title: "Gaps between packets sent, ms, and what it costs; the far end is BIRD",
    columns: [
      "sessions, main thread",
      "p50",
      "p99",
      "max",
      "BIRD p99",
      "BIRD max",
      "p99/BIRD",
      "false downs",
      "at BIRD",
      "CPU %",
    ],
    rows: results.map((result) => {
      const { ingot, bird, falseDowns, falseDownsThere, cpuShare } = result;
      return [
        taskName(result),
        ...[ingot.p50Ms, ingot.p99Ms, ingot.maxMs, bird.p99Ms, bird.maxMs].map((ms) =>
          ms.toFixed(1),
        ),
        (ingot.p99Ms / bird.p99Ms).toFixed(2),
        String(falseDowns),
        String(falseDownsThere),
        (100 * cpuShare).toFixed(1),
      ];
    }),
  };
}

function detectionTable(condition: Condition, late: Lateness): Table {
  return {
    title: `Down after the last packet and the detection time of 300 ms, ms; Ingot's main thread ${condition}`,
    columns: ["who watches", "min", "median", "max", "cuts"],
    rows: WATCHERS.map((watcher) => {
      const values = late[watcher];
      return [
        NAMES[watcher],
        ...[Math.min(...values), median(values), Math.max(...values)].map((ms) => ms.toFixed(1)),
        String(values.length),
      ];
    }),
  };
}

function intervalTargets(result: IntervalResult): readonly Target[] {
  const { intervalMs, ingot, falseDowns, falseDownsThere } = result;
  return [
    target(`${taskName(result)}: false downs`, "downs", falseDowns + falseDownsThere, 0),
    target(`${taskName(result)}: longest gap`, "ms", ingot.maxMs, 3 * intervalMs),
  ];
}

function detectionTarget(condition: Condition, late: Lateness): Target {
  const p90 = quantile(late.ingot, 0.9);
  return target(`down after the detection time, p90, main thread ${condition}`, "ms", p90, 10);
}

function taskName({ sessions, intervalMs, condition }: IntervalTask): string {
  return `${sessions} × ${intervalMs} ms, ${condition}`;
}

function soak(minutes: number): IntervalTask {
  return { sessions: 100, intervalMs: 50, condition: "loaded", seconds: 60 * minutes };
}

const CONDITIONS: readonly Condition[] = ["quiet", "loaded"];
const TASKS: readonly IntervalTask[] = [10, 50, 300].flatMap((intervalMs) => [
  { sessions: 1, intervalMs, condition: "quiet", seconds: 5 },
  { sessions: 1, intervalMs, condition: "loaded", seconds: 10 },
  { sessions: 100, intervalMs, condition: "loaded", seconds: 10 },
]);
const ROUNDS = 10;
const NAMES: Readonly<Record<Watcher, string>> = {
  ingot: "Ingot, worker thread",
  bird: "BIRD",
  frr: "FRR bfdd",
};

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Findings } from "../report.ts";
import { median } from "../statistics.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { WarmTimes } from "./measurement.ts";
import type { Mode } from "./program.ts";
import type { Workload } from "./workload.ts";

/** How long it takes to allocate addresses, and how much memory they need. */
export const allocatorBenchmark: Benchmark = { name: "allocator", run };

async function run(say: (progress: string) => void): Promise<Findings> {
  const measured: Measurement[] = [];
  for (const workload of WORKLOADS) {
    say(titleOf(workload));
    measured.push(await measure(workload));
  }
  const first = measured[0];
  return {
    notes: [
      `first run: in a fresh process, the median of ${COLD_PROCESSES} processes`,
      `warm: after warm-up runs, the median of ${first?.runs} runs of one process, ` +
        "each with a new allocator and after a garbage collection",
      "heap: what the allocator keeps alive, the owners' names not counted",
    ],
    tables: [tableOf(measured)],
    targets: measured.filter((each) => each.addresses === PROMISED).flatMap(targetsOf),
    figures: { measurements: measured },
  };
}

/** The figures of one workload. */
interface Measurement extends Workload, WarmTimes {
  /** All calls of the first run of a process: of several processes, in the order made. */
  readonly coldMs: readonly number[];
  /** What the allocator keeps alive in the end, beyond the owners' names. */
  readonly heapBytes: number;
}

async function measure(workload: Workload): Promise<Measurement> {
  const coldMs: number[] = [];
  while (coldMs.length < COLD_PROCESSES) {
    coldMs.push((await runApart([], "cold", workload)) as number);
  }
  const times = (await runApart([], "warm", workload)) as WarmTimes;
  const heapBytes = (await runApart(["--no-opt", "--no-maglev"], "heap", workload)) as number;
  return { ...workload, ...times, coldMs, heapBytes };
}

async function runApart(
  flags: readonly string[],
  mode: Mode,
  workload: Workload,
): Promise<unknown> {
  const args = ["--expose-gc", ...flags, PROGRAM, mode, JSON.stringify(workload)];
  const options = { timeout: LIMIT_MS, killSignal: "SIGKILL" } as const;
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout);
}

function tableOf(measured: readonly Measurement[]): Table {
  return {
    title: "Allocation from one pool",
    columns: [
      "pool",
      "calls",
      "first run ms",
      "warm ms",
      "µs/call",
      "µs at 100th",
      "µs at last",
      "last/100th",
      "heap MB",
      "bytes/address",
    ],
    rows: measured.map((each) => [
      titleOf(each),
      String(each.calls),
      median(each.coldMs).toFixed(1),
      each.totalMs.toFixed(1),
      ((each.totalMs * 1_000) / each.calls).toFixed(2),
      each.earlyUs.toFixed(2),
      each.lateUs.toFixed(2),
      growthOf(each).toFixed(2),
      (each.heapBytes / 1e6).toFixed(2),
      (each.heapBytes / each.addresses).toFixed(0),
    ]),
  };
}

function targetsOf(measured: Measurement): readonly Target[] {
  const title = titleOf(measured);
  const targets = [target(`${title}, its last call to its 100th`, "x", growthOf(measured), 2)];
  if (measured.kind === "fragmented") return targets;
  return [
    target(`${title}, all calls of the first run`, "s", median(measured.coldMs) / 1_000, 0.1),
    ...targets,
  ];
}

function growthOf({ earlyUs, lateUs }: Measurement): number {
  return lateUs / earlyUs;
}

function titleOf({ range, addresses, kind }: Workload): string {
  return `${range}, ${addresses.toLocaleString("en")} ${kind}`;
}

const PROGRAM = fileURLToPath(new URL("./program.js", import.meta.url));
const LIMIT_MS = 120_000;
const COLD_PROCESSES = 5;
/** The number of addresses that the targets are about. */
const PROMISED = 16_000;
const WORKLOADS: readonly Workload[] = [
  { range: "198.18.0.0/16", family: 4, kind: "filled" } as const,
  { range: "198.18.0.0/16", family: 4, kind: "fragmented" } as const,
  { range: "2001:db8::/64", family: 6, kind: "filled" } as const,
].flatMap((workload) => [1_000, PROMISED, 64_000].map((addresses) => ({ ...workload, addresses })));

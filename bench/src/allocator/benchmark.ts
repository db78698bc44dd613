import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { Times } from "./measurement.ts";
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
      "time, a fresh process a row: a first run, warm-up runs, then the median of " +
        `${first?.runs} runs, each with a new allocator and after a garbage collection`,
      "heap, another fresh process: what the allocator keeps alive, owners' names not counted",
    ],
    tables: [tableOf(measured)],
    targets: measured.filter((each) => each.addresses === PROMISED).flatMap(targetsOf),
    figures: { measurements: measured },
  };
}

/** The figures of one workload. */
interface Measurement extends Workload, Times {
  /** What the allocator keeps alive in the end, beyond the owners' names. */
  readonly heapBytes: number;
}

async function measure(workload: Workload): Promise<Measurement> {
  const times = (await runApart([], "time", workload)) as Times;
  const heapBytes = (await runApart(["--no-opt", "--no-maglev"], "heap", workload)) as number;
  return { ...workload, ...times, heapBytes };
}

async function runApart(
  flags: readonly string[],
  mode: "time" | "heap",
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
      each.coldMs.toFixed(1),
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
    target(`${title}, all calls of the first run`, "s", measured.coldMs / 1_000, 0.1),
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
/** The number of addresses that the targets are about. */
const PROMISED = 16_000;
const WORKLOADS: readonly Workload[] = [
  { range: "198.18.0.0/16", family: 4, kind: "filled" } as const,
  { range: "198.18.0.0/16", family: 4, kind: "fragmented" } as const,
  { range: "2001:db8::/64", family: 6, kind: "filled" } as const,
].flatMap((workload) => [1_000, PROMISED, 64_000].map((addresses) => ({ ...workload, addresses })));

import { fileURLToPath } from "node:url";
import { allocatorBenchmark } from "./allocator/benchmark.ts";
import { type BenchArguments, parseArguments } from "./arguments.ts";
import { arpBenchmark } from "./arp/benchmark.ts";
import { bfdBenchmark } from "./bfd/benchmark.ts";
import { decodeBenchmark } from "./bgp/decode-benchmark.ts";
import { packBenchmark } from "./bgp/pack-benchmark.ts";
import { peersBenchmark } from "./bgp/peers-benchmark.ts";
import { routesBenchmark } from "./bgp/routes-benchmark.ts";
import { controllerBenchmark } from "./controller/benchmark.ts";
import { failoverBenchmark } from "./failover/benchmark.ts";
import { floodBenchmark } from "./flood/benchmark.ts";
import { ndpBenchmark } from "./ndp/benchmark.ts";
import {
  type Benchmark,
  measure,
  type Report,
  renderReport,
  type Settings,
  writeReport,
} from "./report.ts";
import { servicesBenchmark } from "./services/benchmark.ts";
import { takeoverBenchmark } from "./takeover/benchmark.ts";
import { USAGE } from "./usage.ts";

const BENCHMARKS: readonly Benchmark[] = [
  arpBenchmark,
  ndpBenchmark,
  floodBenchmark,
  takeoverBenchmark,
  decodeBenchmark,
  packBenchmark,
  routesBenchmark,
  peersBenchmark,
  bfdBenchmark,
  allocatorBenchmark,
  servicesBenchmark,
  controllerBenchmark,
  failoverBenchmark,
];
const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let asked: BenchArguments;
  try {
    asked = parseArguments(
      argv,
      BENCHMARKS.map(({ name }) => name),
    );
    checkScenarios(asked);
  } catch (error) {
    process.stderr.write(`${textOf(error)}; see npm run bench -- --help\n`);
    return 2;
  }
  if (asked.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const chosen = BENCHMARKS.filter(({ name }) => asked.benchmarks.includes(name));
  const reports: Report[] = [];
  for (const benchmark of chosen) {
    const report = await attempt(benchmark, asked);
    if (report === undefined) continue;
    reports.push(report);
    if (!asked.json) process.stdout.write(`${renderReport(report)}\n`);
  }
  if (asked.json) process.stdout.write(`${JSON.stringify(reports, undefined, 2)}\n`);
  return reports.length === chosen.length ? 0 : 1;
}

/** A part has to be one of a benchmark that is to run. */
function checkScenarios({ benchmarks, scenarios }: BenchArguments): void {
  const chosen = BENCHMARKS.filter(({ name }) => benchmarks.includes(name));
  const known = chosen.flatMap((benchmark) => benchmark.scenarios ?? []);
  for (const name of scenarios) {
    if (known.includes(name)) continue;
    throw new Error(`--scenario must be one of ${known.join(", ") || "none"}, got ${name}`);
  }
}

/** One that cannot run here does not keep the others from running. */
async function attempt(benchmark: Benchmark, settings: Settings): Promise<Report | undefined> {
  try {
    const report = await measure(benchmark, say, settings);
    say(`${benchmark.name}: written to ${writeReport(RESULTS, report)}`);
    return report;
  } catch (error) {
    say(`${benchmark.name}: ${textOf(error)}`);
    return undefined;
  }
}

/** Results go to standard output; everything else here. */
function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

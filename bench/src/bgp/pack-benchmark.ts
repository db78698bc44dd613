import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { PackFigures, PackWorkload } from "./pack-measurement.ts";

/** How long it takes to pack routes into UPDATEs, how well they are packed, and the memory of both. */
export const packBenchmark: Benchmark = { name: "bgp-pack", run };

type Measurement = PackWorkload & PackFigures;

async function run(say: (progress: string) => void): Promise<Findings> {
  const measured: Measurement[] = [];
  for (const workload of WORKLOADS) {
    say(titleOf(workload));
    measured.push({ ...workload, ...(await measure(workload)) });
  }
  return {
    notes: [
      "each workload in a process of its own; medians of five runs after a first one",
      "naive: a loop that only writes the same messages from an array of addresses",
      "bytes/route: heap and external memory of the table and all outboxes, all up to date",
    ],
    tables: [tableOf(measured)],
    targets: targetsOf(measured),
    figures: { measurements: measured },
  };
}

async function measure(workload: PackWorkload): Promise<PackFigures> {
  const args = ["--expose-gc", PROGRAM, JSON.stringify(workload)];
  const options = { timeout: LIMIT_MS, killSignal: "SIGKILL" } as const;
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return JSON.parse(stdout) as PackFigures;
}

function tableOf(measured: readonly Measurement[]): Table {
  return {
    title: "Adj-RIB-Out to UPDATEs",
    columns: [
      "routes",
      "announce ns",
      "first pack ns",
      "pack ns",
      "naive ns",
      "longest pull ms",
      "withdraw ns",
      "octets/route",
      "bytes/route",
    ],
    rows: measured.map((each) => {
      const perRoute = (ms: number, sends = 1): string =>
        ((ms * 1e6) / (each.routes * sends)).toFixed(1);
      return [
        titleOf(each),
        perRoute(each.announceMs),
        perRoute(each.firstPackMs, each.peers),
        perRoute(each.packMs, each.peers),
        perRoute(each.naiveMs),
        each.longestPullMs.toFixed(2),
        perRoute(each.withdrawMs),
        (each.octets / each.routes).toFixed(3),
        (each.bytes / each.routes).toFixed(1),
      ];
    }),
  };
}

function targetsOf(measured: readonly Measurement[]): readonly Target[] {
  const [ipv4, ipv6, hundred] = measured;
  if (ipv4 === undefined || ipv6 === undefined || hundred === undefined) return [];
  return [
    target("octets of 1M /32, to the least there can be", "x", ipv4.octets / 1e6 / 5.053, 1.01),
    target("octets of 1M /128, to the least there can be", "x", ipv6.octets / 1e6 / 17.25, 1.01),
    target("memory of a /32 route, to 120 octets", "x", ipv4.bytes / ipv4.routes / 120, 1),
    target("memory of a /128 route, to 120 octets", "x", ipv6.bytes / ipv6.routes / 120, 1),
    target("memory for 100 peers, to that for one", "x", hundred.bytes / ipv4.bytes, 1.2),
    target("longest pull of 64 KB", "ms", ipv4.longestPullMs, 1),
  ];
}

function titleOf({ family, routes, sets, peers, maxMessageLength }: PackWorkload): string {
  const parts = [`${routes.toLocaleString("en")} ${family === 4 ? "/32" : "/128"}`];
  if (sets > 1) parts.push(`${sets} sets`);
  if (peers > 1) parts.push(`${peers} peers`);
  if (maxMessageLength > 4_096) parts.push("extended");
  return parts.join(", ");
}

const PROGRAM = fileURLToPath(new URL("./pack-program.js", import.meta.url));
const LIMIT_MS = 300_000;
const PLAIN = { family: 4, routes: 1_000_000, sets: 1, peers: 1, maxMessageLength: 4_096 } as const;
/** The first three are what the targets are about. */
const WORKLOADS: readonly PackWorkload[] = [
  PLAIN,
  { ...PLAIN, family: 6 },
  { ...PLAIN, peers: 100 },
  { ...PLAIN, routes: 100_000, sets: 1_000 },
  { ...PLAIN, routes: 100_000 },
  { ...PLAIN, maxMessageLength: 65_535 },
];

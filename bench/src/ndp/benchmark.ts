import { Lab, type LabProcess, missing } from "@ingot/testkit";
import { compilerVersion } from "../arp/compile.ts";
import { describeMeans } from "../arp/placement.ts";
import { combine, type Summary, summarize } from "../arp/samples.ts";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import { Bed, type Pace, RESPONDERS, type Responder } from "./bed.ts";

/** How long a Neighbor Solicitation takes to be answered: by the kernel, a C program, and Ingot. */
export const ndpBenchmark: Benchmark = { name: "ndp", run };

async function run(say: (progress: string) => void): Promise<Findings> {
  const obstacle = missing(["netns", "gcc"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const compiler = await compilerVersion();
  const lab = await Lab.create({ name: `b4n${process.pid}` });
  try {
    const bed = await Bed.make(lab);
    const parts: Part[] = [];
    for (const count of COUNTS) parts.push(await runPart(bed, count, say));
    return {
      notes: [
        `${ROUNDS} rounds of ${PACE.requests} solicitations to each in turn, one every ${PACE.intervalUs} µs, ` +
          `after ${PACE.warmUp} to each that are not counted; C by ${compiler}`,
        describeMeans(bed.means),
      ],
      tables: parts.map(tableOf),
      targets: parts.flatMap(targetsOf),
      figures: { rounds: ROUNDS, pace: PACE, compiler, means: bed.means, parts },
    };
  } finally {
    await lab.close();
  }
}

/** What was measured with so many addresses announced. */
interface Part {
  readonly count: number;
  readonly summary: Readonly<Record<Responder, Summary>>;
  readonly rounds: readonly Readonly<Record<Responder, Summary>>[];
}

async function runPart(bed: Bed, count: number, say: (progress: string) => void): Promise<Part> {
  say(`${count} addresses`);
  const running = await bed.start(count);
  const rounds: Readonly<Record<Responder, Summary>>[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`${count} addresses, round ${round} of ${ROUNDS}`);
    const samples = await bed.ask(count, PACE).finally(() => checkRunning(running));
    rounds.push(forEach((responder) => summarize(samples[responder])));
  }
  await Promise.all(running.map((responder) => responder.stop()));
  const summary = forEach((responder) => combine(rounds.map((round) => round[responder])));
  return { count, summary, rounds };
}

/** @throws {Error} when one has ended, with what it said. */
function checkRunning(responders: readonly LabProcess[]): void {
  for (const { running, title, lines } of responders) {
    if (!running) throw new Error(`${title} has ended: ${lines.join("\n")}`);
  }
}

function forEach<T>(make: (responder: Responder) => T): Readonly<Record<Responder, T>> {
  return { kernel: make("kernel"), c: make("c"), ingot: make("ingot") };
}

function tableOf({ count, summary }: Part): Table {
  return {
    title: `NDP round trip, ${count.toLocaleString("en")} addresses announced, µs`,
    columns: [
      "responder",
      "p50",
      "p90",
      "p99",
      "p99.9",
      "max",
      "p99/kernel",
      "p50/C",
      "p99/C",
      "unanswered",
    ],
    rows: RESPONDERS.map((responder) => {
      const { p50Us, p90Us, p99Us, p999Us, maxUs, requests, unanswered } = summary[responder];
      return [
        NAMES[responder],
        ...[p50Us, p90Us, p99Us, p999Us, maxUs].map((us) => us.toFixed(1)),
        (p99Us / summary.kernel.p99Us).toFixed(2),
        (p50Us / summary.c.p50Us).toFixed(2),
        (p99Us / summary.c.p99Us).toFixed(2),
        `${unanswered} of ${requests}`,
      ];
    }),
  };
}

/**
 * The kernel wakes nobody: a thread that has to be woken is given 100 µs for that. Where C needs more
 * than these, waking takes longer here, and what is left to look at is Ingot's own share.
 */
function targetsOf({ count, summary: { kernel, c, ingot } }: Part): readonly Target[] {
  const limit = Number((1.5 * kernel.p99Us + 100).toFixed(1));
  const what = `NDP p99, ${count.toLocaleString("en")} addresses`;
  return [
    target(what, "µs", ingot.p99Us, limit),
    target(`${what}, C's for comparison`, "µs", c.p99Us, limit),
    target(`${what}, Ingot's to the C responder's`, "x", ingot.p99Us / c.p99Us, 1.5),
  ];
}

const NAMES: Readonly<Record<Responder, string>> = {
  kernel: "kernel, own address",
  c: "C, poll loop",
  ingot: "Ingot, worker thread",
};
const COUNTS = [200, 5_000];
const ROUNDS = 5;
const PACE: Pace = { requests: 3_000, warmUp: 5_000, intervalUs: 500, timeoutMs: 250 };

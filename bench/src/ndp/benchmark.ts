import { Lab, missing } from "@ingot/testkit";
import { compilerVersion } from "../arp/compile.ts";
import { describeMeans } from "../arp/placement.ts";
import { combine, type Summary, summarize } from "../arp/samples.ts";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import { Bed, type Pace, RESPONDERS, type Responder } from "./bed.ts";

/** How long a Neighbor Solicitation takes to be answered: by the kernel, and by Ingot. */
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
      targets: parts.map(targetOf),
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
  const responder = await bed.start(count);
  const rounds: Readonly<Record<Responder, Summary>>[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`${count} addresses, round ${round} of ${ROUNDS}`);
    const { kernel, ingot } = await bed.ask(count, PACE);
    rounds.push({ kernel: summarize(kernel), ingot: summarize(ingot) });
  }
  await responder.stop();
  const summary = {
    kernel: combine(rounds.map((round) => round.kernel)),
    ingot: combine(rounds.map((round) => round.ingot)),
  };
  return { count, summary, rounds };
}

function tableOf({ count, summary }: Part): Table {
  return {
    title: `NDP round trip, ${count.toLocaleString("en")} addresses announced, µs`,
    columns: ["responder", "p50", "p90", "p99", "p99.9", "max", "p99/kernel", "unanswered"],
    rows: RESPONDERS.map((responder) => {
      const { p50Us, p90Us, p99Us, p999Us, maxUs, requests, unanswered } = summary[responder];
      return [
        NAMES[responder],
        ...[p50Us, p90Us, p99Us, p999Us, maxUs].map((us) => us.toFixed(1)),
        (p99Us / summary.kernel.p99Us).toFixed(2),
        `${unanswered} of ${requests}`,
      ];
    }),
  };
}

/** The kernel wakes nobody: a thread that has to be woken is given 100 µs for that. */
function targetOf({ count, summary: { kernel, ingot } }: Part): Target {
  const limit = Number((1.5 * kernel.p99Us + 100).toFixed(1));
  return target(`NDP p99, ${count.toLocaleString("en")} addresses`, "µs", ingot.p99Us, limit);
}

const NAMES: Readonly<Record<Responder, string>> = {
  kernel: "kernel, own address",
  ingot: "Ingot, worker thread",
};
const COUNTS = [200, 5_000];
const ROUNDS = 5;
const PACE: Pace = { requests: 3_000, warmUp: 5_000, intervalUs: 500, timeoutMs: 250 };

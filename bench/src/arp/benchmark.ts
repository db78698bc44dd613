import { Lab, missing } from "@ingot/testkit";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import { Bed, type Condition, type Pace, RESPONDERS, type Responder } from "./bed.ts";
import { compilerVersion } from "./compile.ts";
import type { JsonLoadStats } from "./json-load.ts";
import { describeMeans } from "./placement.ts";
import { combine, type Summary, summarize } from "./samples.ts";

/** How long an ARP request takes to be answered: by the kernel, by a C program, and by Ingot. */
export const arpBenchmark: Benchmark = { name: "arp", run };

async function run(say: (progress: string) => void): Promise<Findings> {
  const obstacle = missing(["netns", "gcc"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const compiler = await compilerVersion();
  const lab = await Lab.create({ name: `bn${process.pid}` });
  try {
    const bed = await Bed.make(lab);
    const quiet = await runPart(bed, "quiet", say);
    const loaded = await runPart(bed, "loaded", say);
    return {
      notes: [
        `${ROUNDS} rounds of ${PACE.requests} requests to each in turn, one every ${PACE.intervalUs} µs, ` +
          `after ${PACE.warmUp} to each that are not counted; C by ${compiler}`,
        describeMeans(bed.means),
        describeLoad(loaded.load),
      ],
      tables: [quiet, loaded].map(tableOf),
      targets: targetsOf(quiet, loaded),
      figures: { rounds: ROUNDS, pace: PACE, compiler, means: bed.means, parts: [quiet, loaded] },
    };
  } finally {
    await lab.close();
  }
}

/** What was measured under one condition. */
interface Part {
  readonly condition: Condition;
  readonly summary: Readonly<Record<Responder, Summary>>;
  readonly rounds: readonly Readonly<Record<Responder, Summary>>[];
  readonly load: JsonLoadStats | undefined;
}

async function runPart(
  bed: Bed,
  condition: Condition,
  say: (progress: string) => void,
): Promise<Part> {
  const running = await bed.start(condition);
  const rounds: Readonly<Record<Responder, Summary>>[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`${condition}, round ${round} of ${ROUNDS}`);
    const samples = await bed.ask(PACE).finally(() => running.check());
    rounds.push(forEach((responder) => summarize(samples[responder])));
  }
  const load = await running.stop();
  const summary = forEach((responder) => combine(rounds.map((round) => round[responder])));
  return { condition, summary, rounds, load };
}

function forEach<T>(make: (responder: Responder) => T): Readonly<Record<Responder, T>> {
  return { kernel: make("kernel"), c: make("c"), ingot: make("ingot") };
}

function tableOf({ condition, summary }: Part): Table {
  return {
    title: `ARP round trip, ${condition}, µs`,
    columns: ["responder", "p50", "p90", "p99", "p99.9", "max", "p50/C", "p99/C", "unanswered"],
    rows: RESPONDERS.map((responder) => {
      const { p50Us, p90Us, p99Us, p999Us, maxUs, requests, unanswered } = summary[responder];
      return [
        NAMES[responder],
        ...[p50Us, p90Us, p99Us, p999Us, maxUs].map((us) => us.toFixed(1)),
        (p50Us / summary.c.p50Us).toFixed(2),
        (p99Us / summary.c.p99Us).toFixed(2),
        `${unanswered} of ${requests}`,
      ];
    }),
  };
}

function targetsOf(quiet: Part, loaded: Part): readonly Target[] {
  const ratio = quiet.summary.ingot.p99Us / quiet.summary.c.p99Us;
  return [
    target("ARP p99 quiet, Ingot's to the C responder's", "x", ratio, 1.5),
    target("ARP p99 under load, Ingot's", "ms", loaded.summary.ingot.p99Us / 1_000, 10),
  ];
}

function describeLoad(load: JsonLoadStats | undefined): string {
  if (load === undefined) throw new Error("the responder did not say what its load was");
  const { documentBytes, parses, medianMs, maxMs } = load;
  return (
    `loaded: Ingot's main thread parsed ${(documentBytes / 1e6).toFixed(1)} MB of JSON ${parses} times, ` +
    `${medianMs.toFixed(0)} ms on the median, ${maxMs.toFixed(0)} ms at most; neither responder is pinned or SCHED_RR`
  );
}

const NAMES: Readonly<Record<Responder, string>> = {
  kernel: "kernel, own address",
  c: "C, blocking loop",
  ingot: "Ingot, worker thread",
};
const ROUNDS = 5;
const PACE: Pace = { requests: 3_000, warmUp: 5_000, intervalUs: 500, timeoutMs: 250 };

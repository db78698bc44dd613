import { Lab, missing } from "@ingot/testkit";
import { compilerVersion } from "../arp/compile.ts";
import { describeMeans, type Means } from "../arp/placement.ts";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import { FloodBed, type Protocol, RESPONDERS, type Responder } from "./bed.ts";
import { type FloodRound, type FloodSummary, summarizeFlood } from "./outcome.ts";

/** How many of 50,000 requests a second are answered, by ARP and by NDP, and what CPU time that takes. */
export const floodBenchmark: Benchmark = { name: "flood", run };

async function run(say: (progress: string) => void): Promise<Findings> {
  const obstacle = missing(["netns", "gcc"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const compiler = await compilerVersion();
  const arp = await runPart("arp", say);
  const ndp = await runPart("ndp", say);
  const parts = [arp, ndp];
  return {
    notes: [
      `${ROUNDS} floods of ${SECONDS} s to each in turn, ${RATE} requests a second, ` +
        `after one of ${WARM_UP_SECONDS} s to each that is not counted; C by ${compiler}`,
      describeMeans(arp.means),
    ],
    tables: parts.map(tableOf),
    targets: parts.map(targetOf),
    figures: { rate: RATE, seconds: SECONDS, compiler, parts },
  };
}

/** What was measured of one protocol. */
interface Part {
  readonly protocol: Protocol;
  readonly means: Means;
  readonly summary: Readonly<Record<Responder, FloodSummary>>;
  readonly rounds: Readonly<Record<Responder, readonly FloodRound[]>>;
}

async function runPart(protocol: Protocol, say: (progress: string) => void): Promise<Part> {
  const lab = await Lab.create({ name: `b4f${process.pid}` });
  try {
    const bed = await FloodBed.make(lab, protocol);
    const rounds: Readonly<Record<Responder, FloodRound[]>> = { c: [], ingot: [] };
    for (const responder of RESPONDERS) await bed.flood(responder, RATE, WARM_UP_SECONDS);
    for (let round = 1; round <= ROUNDS; round += 1) {
      // Who is first changes, as whatever else the machine does comes and goes.
      for (const responder of round % 2 === 0 ? RESPONDERS.toReversed() : RESPONDERS) {
        say(`${protocol}, ${NAMES[responder]}, round ${round} of ${ROUNDS}`);
        rounds[responder].push(await bed.flood(responder, RATE, SECONDS));
      }
    }
    const summary = { c: summarizeFlood(rounds.c), ingot: summarizeFlood(rounds.ingot) };
    return { protocol, means: bed.means, summary, rounds };
  } finally {
    await lab.close();
  }
}

function tableOf({ protocol, summary }: Part): Table {
  return {
    title: `${protocol.toUpperCase()} flood`,
    columns: [
      "responder",
      "sent/s",
      "answered %",
      "worst round %",
      "lost",
      "CPU s",
      "CPU %",
      "µs/request",
      "CPU/C",
    ],
    rows: RESPONDERS.map((responder) => {
      const row = summary[responder];
      return [
        NAMES[responder],
        row.requestsPerSecond.toFixed(0),
        (100 - row.unansweredPercent).toFixed(3),
        (100 - row.worstUnansweredPercent).toFixed(3),
        String(row.lost),
        row.cpuSeconds.toFixed(2),
        (100 * row.cpuShare).toFixed(1),
        row.cpuUsPerRequest.toFixed(2),
        (row.cpuUsPerRequest / summary.c.cpuUsPerRequest).toFixed(2),
      ];
    }),
  };
}

/** Where the C responder leaves more than that unanswered, no more than it does is asked for. */
function targetOf({ protocol, summary: { c, ingot } }: Part): Target {
  const limit = Number(Math.max(UNANSWERED_PERCENT, c.unansweredPercent).toFixed(3));
  const what = `${protocol.toUpperCase()} requests that Ingot left unanswered`;
  return target(what, "%", ingot.unansweredPercent, limit);
}

const NAMES: Readonly<Record<Responder, string>> = {
  c: "C",
  ingot: "Ingot, worker thread",
};
const RATE = 50_000;
const SECONDS = 5;
const WARM_UP_SECONDS = 2;
const ROUNDS = 4;
const UNANSWERED_PERCENT = 1;

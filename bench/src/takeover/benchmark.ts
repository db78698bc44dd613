import { fileURLToPath } from "node:url";
import { Lab, missing } from "@ingot/testkit";
import { compile, compilerVersion } from "../arp/compile.ts";
import { describeMeans, findMeans, placed } from "../arp/placement.ts";
import type { Benchmark, Findings } from "../report.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { AnnouncerTask } from "./announcer-worker.ts";
import { type Density, density, type Milestone, milestone, parseSightings } from "./timeline.ts";

/** What a segment sees when one node takes over 5,000 addresses at once. */
export const takeoverBenchmark: Benchmark = { name: "takeover", run };

async function run(say: (progress: string) => void): Promise<Findings> {
  const obstacle = missing(["netns", "gcc"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const compiler = await compilerVersion();
  const lab = await Lab.create({ name: `b4t${process.pid}` });
  try {
    const watcher = await lab.namespace("watcher");
    const node = await lab.namespace("node");
    await lab.link({ ns: watcher, name: "segment" }, { ns: node, name: "segment" });
    const means = await findMeans(node);
    const watching = placed(means, "generator", [
      await compile("arp-watcher", lab.directory),
      ...["segment", TASK.first, String(TASK.count), WATCHER_ADDRESS, String(SECONDS)],
    ]);
    const announcing = placed(means, "responders", [process.execPath, ...ANNOUNCER]);
    say(`${TASK.count} addresses, watched for ${SECONDS} s`);
    const [[program = "", ...args], [nodeProgram = "", ...nodeArgs]] = [watching, announcing];
    const seen = watcher.exec(program, args, { timeoutMs: SECONDS * 1_000 + GRACE_MS });
    const announcer = node.spawn(nodeProgram, nodeArgs);
    const [said, { stdout }] = await Promise.all([
      announcer.waitForLine(/^announced \d+ \d+$/, SECONDS * 1_000),
      seen,
    ]);
    const [beganMs = 0, doneMs = 0] = said
      .split(" ")
      .slice(1)
      .map((ns) => Number(ns) / 1e6);
    const took = takeoverOf(stdout, beganMs, doneMs);
    return {
      notes: [
        `${TASK.count} IPv4 addresses, the options that @ingot/arp has by default; C by ${compiler}`,
        `it took ${took.callsMs.toFixed(0)} ms to ask the responder for all of them`,
        describeMeans(means),
      ],
      tables: [milestonesTable(took), densityTable(took)],
      targets: [rateTarget(took)],
      figures: { task: TASK, watchedSeconds: SECONDS, compiler, means, ...took },
    };
  } finally {
    await lab.close();
  }
}

interface Takeover {
  /** From the first call of `announce` to the end of the last. */
  readonly callsMs: number;
  readonly answers: Milestone;
  readonly requests: Milestone;
  readonly replies: Milestone;
  readonly density: Density;
}

function takeoverOf(text: string, beganMs: number, doneMs: number): Takeover {
  const sightings = parseSightings(text);
  const gratuitous = sightings.filter(({ what }) => what !== "answer");
  return {
    callsMs: doneMs - beganMs,
    answers: milestone(sightings, ["answer"], beganMs),
    requests: milestone(sightings, ["request"], beganMs),
    replies: milestone(sightings, ["reply"], beganMs),
    density: density(gratuitous.map(({ atMs }) => atMs)),
  };
}

function milestonesTable({ answers, requests, replies }: Takeover): Table {
  const row = (name: string, { addresses, firstMs, medianMs, lastMs }: Milestone) => [
    name,
    String(addresses),
    ...[firstMs, medianMs, lastMs].map((ms) => ms.toFixed(0)),
  ];
  return {
    title: "Take-over, ms since it began",
    columns: ["of each address", "addresses", "first", "median", "last"],
    rows: [
      row("answer to who asks", answers),
      row("gratuitous request", requests),
      row("gratuitous reply", replies),
    ],
  };
}

function densityTable({ density }: Takeover): Table {
  const { frames, seconds, most100MsPerSecond, mostPerSecond } = density;
  return {
    title: "Gratuitous packets on the wire",
    columns: ["", "frames", "in s", "mean/s", "busiest 100 ms, ×10", "busiest second"],
    rows: [
      [
        "Ingot",
        String(frames),
        seconds.toFixed(1),
        (frames / Math.max(seconds, 0.001)).toFixed(0),
        String(most100MsPerSecond),
        String(mostPerSecond),
      ],
    ],
  };
}

/** A second may begin with a burst of a tenth of its frames, and frames that were late come together. */
function rateTarget({ density }: Takeover): Target {
  const ratio = density.mostPerSecond / FRAMES_PER_SECOND;
  return target("busiest second of gratuitous packets, to the rate asked for", "x", ratio, 1.12);
}

/** What `@ingot/arp` has by default. */
const FRAMES_PER_SECOND = 500;
/** Of the range for benchmarks (RFC 2544). */
const TASK: AnnouncerTask = { interface: "segment", first: "198.18.64.0", count: 5_000 };
const WATCHER_ADDRESS = "198.18.1.1";
const ANNOUNCER: readonly string[] = [
  fileURLToPath(new URL("../worker-program.js", import.meta.url)),
  fileURLToPath(new URL("./announcer-worker.js", import.meta.url)),
  JSON.stringify(TASK),
];
/** As long as a schedule of two rounds at 500 frames a second, and half as long again. */
const SECONDS = 30;
const GRACE_MS = 10_000;

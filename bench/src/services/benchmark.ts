import { type LabProcess, missing, until } from "@ingot/testkit";
import { countWrites } from "../controller/writes.ts";
import type { Benchmark, Findings, Settings } from "../report.ts";
import { quantile } from "../statistics.ts";
import { target } from "../target.ts";
import { ServiceLab } from "./lab.ts";
import { ServiceLoad, WRITERS } from "./load.ts";
import { type Delays, oneByOne } from "./one-by-one.ts";

/** Services from their creation to an address and a route, with a real API server and BIRD. */
export const servicesBenchmark: Benchmark = { name: "services", run };

async function run(say: (progress: string) => void, { driver }: Settings): Promise<Findings> {
  const obstacle = missing(["netns", "testbed", "nft", "curl", "bird"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  say("a cluster of three nodes, with BIRD as its router");
  const lab = await ServiceLab.create(driver);
  const load = await ServiceLoad.watch(lab.cluster.api);
  try {
    say(`${QUIET} Services half a second apart, and ${QUIET} in a row, in an empty cluster`);
    const programs = [await lab.startController()];
    for (const node of lab.cluster.nodes) programs.push(await lab.startSpeaker(node));
    await established(lab);
    await oneByOne(lab, "first", FIRST, QUIET_GAP_MS);
    const quiet = await oneByOne(lab, "quiet", QUIET, QUIET_GAP_MS);
    const row = await oneByOne(lab, "row", QUIET, ROW_GAP_MS);
    for (const program of programs) await program.stop();
    const early = [names("first", FIRST), names("quiet", QUIET), names("row", QUIET)].flat();
    await load.delete(early, WRITERS);
    say(`${WAITING} Services wait for a controller`);
    await load.create(names("waiting", WAITING), WRITERS);
    const cold = await coldStart(lab, load);
    say("the controller starts over them again");
    const restart = await restartOver(lab, load, cold.controller);
    say("three speakers start");
    const speakers = await speakersStart(lab);
    say(`${BURST} Services at full speed`);
    const burst = await fullSpeed(lab, load);
    return findings(driver ?? "ingot", {
      ...cold,
      ...restart,
      ...speakers,
      quiet,
      row,
      ...burst,
    });
  } finally {
    load.close();
    await lab.close();
  }
}

const WAITING = 1_000;
const QUIET = 100;
const BURST = 1_000;
/** Not measured: the first of everything. */
const FIRST = 5;
const QUIET_GAP_MS = 500;
const ROW_GAP_MS = 10;

function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

async function established({ cluster, bird }: ServiceLab): Promise<void> {
  const sessions = async () =>
    (await Promise.all(cluster.nodes.map(({ name }) => bird.established(name)))).every(Boolean);
  await until(sessions, { timeoutMs: 30_000, intervalMs: 100, what: "a session with each node" });
}

/** From the start of the process to the last of the waiting Services' addresses. */
async function coldStart(lab: ServiceLab, load: ServiceLoad) {
  const waiting = names("waiting", WAITING);
  const began = performance.now();
  const starting = lab.startController();
  await until(() => load.given(waiting) === waiting.length, {
    timeoutMs: 120_000,
    intervalMs: 20,
    what: "an address for each waiting Service",
  });
  return { coldStartMs: load.lastAt(waiting) - began, controller: await starting };
}

/** What a start over assigned Services writes, and how soon it serves a new one. */
async function restartOver(lab: ServiceLab, load: ServiceLoad, running: LabProcess) {
  await running.stop();
  const before = await statusWrites(lab);
  const began = performance.now();
  const starting = lab.startController();
  await load.create(["after-restart"], 1);
  await until(() => load.given(["after-restart"]) === 1, {
    timeoutMs: 60_000,
    intervalMs: 5,
    what: "an address for a Service created as the controller starts",
  });
  const firstServedMs = load.lastAt(["after-restart"]) - began;
  await starting;
  // One is that of the new Service.
  return { restartWrites: (await statusWrites(lab)) - before - 1, firstServedMs };
}

/** From the start of a speaker to BIRD having all its routes. */
async function speakersStart(lab: ServiceLab) {
  const { nodes } = lab.cluster;
  const [first] = nodes;
  if (first === undefined) throw new Error("a node is needed");
  const began = performance.now();
  const starting = lab.startSpeaker(first);
  await until(async () => (await lab.bird.imported(first.name)) >= WAITING + 1, {
    timeoutMs: 60_000,
    intervalMs: 5,
    what: "all routes in BIRD",
  });
  const allRoutesMs = performance.now() - began;
  await starting;
  await Promise.all(nodes.slice(1).map((node) => lab.startSpeaker(node)));
  return { allRoutesMs };
}

async function fullSpeed(lab: ServiceLab, load: ServiceLoad) {
  const burst = names("burst", BURST);
  const before = await statusWrites(lab);
  const began = performance.now();
  await load.create(burst, WRITERS);
  const createdMs = performance.now() - began;
  await until(() => load.given(burst) === burst.length, {
    timeoutMs: 120_000,
    intervalMs: 20,
    what: "an address for each Service",
  });
  const doneMs = load.lastAt(burst) - began;
  const writesEach = ((await statusWrites(lab)) - before) / BURST;
  return { burstMs: load.delaysMs(burst), createdMs, doneMs, writesEach };
}

async function statusWrites({ cluster }: ServiceLab): Promise<number> {
  return countWrites(await cluster.api.metrics()).status;
}

type Measured = Awaited<ReturnType<typeof coldStart>> &
  Awaited<ReturnType<typeof restartOver>> &
  Awaited<ReturnType<typeof speakersStart>> & {
    readonly quiet: Delays;
    readonly row: Delays;
  } & Awaited<ReturnType<typeof fullSpeed>>;

function findings(product: string, { controller: _, ...measured }: Measured): Findings {
  const { restartWrites, firstServedMs, allRoutesMs } = measured;
  const { quiet, row, burstMs, coldStartMs, createdMs, doneMs, writesEach } = measured;
  const line = (what: string, values: readonly number[]) => [
    what,
    ...[0.5, 0.9, 0.99, 1].map((part) => quantile(values, part).toFixed(1)),
  ];
  return {
    notes: [
      `${product}: etcd, the API server, three nodes with kube-proxy and BIRD on the same two cores`,
      `the controller started over ${WAITING} that waited, and had served all after ${coldStartMs.toFixed(0)} ms`,
      `${BURST} Services were created in ${createdMs.toFixed(0)} ms, the last had its address after ${doneMs.toFixed(0)} ms`,
      `${writesEach.toFixed(2)} writes of a Service's status each`,
      "without nodes and routes beside it, the controller's bench measures the controller",
    ],
    tables: [
      {
        title: "From the request to create a Service, ms",
        columns: ["", "p50", "p90", "p99", "max"],
        rows: [
          line("created, half a second apart", quiet.createdMs),
          line("address, half a second apart", quiet.addressMs),
          line("route in BIRD, half a second apart", quiet.routeMs),
          line("address, in a row", row.addressMs),
          line("route in BIRD, in a row", row.routeMs),
          line("address, at full speed", burstMs),
        ],
      },
    ],
    targets: [
      target("route in BIRD, quiet, p50", "ms", quantile(quiet.routeMs, 0.5), 15),
      target("route in BIRD, quiet, p99", "ms", quantile(quiet.routeMs, 0.99), 60),
      target(`${WAITING} routes from the start of a speaker`, "s", allRoutesMs / 1_000, 1.5),
      target("a new Service from the start over assigned ones", "s", firstServedMs / 1_000, 1.5),
      target("status writes of a start over assigned ones", "x", restartWrites, 0),
    ],
    figures: measured,
  };
}

import { type Cluster, missing } from "@ingot/testkit";
import { compilerVersion } from "../arp/compile.ts";
import type { Benchmark, Findings, Settings } from "../report.ts";
import { type Target, target } from "../target.ts";
import { type Driver, ingotDriver, programDriver } from "./driver.ts";
import { type HostileFound, measureHostile } from "./hostile.ts";
import { type Addresses, FailoverLab } from "./lab.ts";
import { answersTable, outageTable, returnTable, type Told, targetsOf } from "./outcome.ts";
import { playRound, type Round } from "./round.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import {
  type FailoverSettings,
  type Part,
  planOf,
  readFailoverSettings,
  SCENARIO_NAMES,
} from "./settings.ts";
import { measureSpread, type SpreadFound, unevenness } from "./spread.ts";

/** Crashes, stops, moves and partitions, seen by a client every millisecond. */
export const failoverBenchmark: Benchmark = {
  name: "failover",
  scenarios: SCENARIO_NAMES,
  run,
};

async function run(say: (progress: string) => void, settings: Settings): Promise<Findings> {
  const obstacle = missing(["netns", "testbed", "nft", "curl", "gcc"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const asked: Asked = {
    ...(settings.failover ?? readFailoverSettings({})),
    driver: settings.driver,
  };
  const found: Found = { told: [], spreads: [], floods: [], troubles: [], drivers: new Set() };
  const plan = planOf({
    ...asked,
    scenarios: settings.scenarios?.filter((name) => SCENARIO_NAMES.includes(name)) ?? [],
    rounds: settings.rounds,
    isForeign: asked.driver !== undefined,
  });
  for (const part of plan) await playPart(part, asked, found, say);
  return findingsOf(found, await compilerVersion());
}

/** Of the settings, what a lab is to know. */
interface Asked extends FailoverSettings {
  readonly driver: string | undefined;
}

interface Found {
  readonly told: Told[];
  readonly spreads: { readonly part: Part; readonly spread: SpreadFound }[];
  readonly floods: { readonly part: Part; readonly flood: HostileFound }[];
  readonly troubles: string[];
  readonly drivers: Set<string>;
}

async function playPart(
  part: Part,
  asked: Asked,
  found: Found,
  say: (progress: string) => void,
): Promise<void> {
  say(`a cluster of ${part.nodes} nodes`);
  const lab = await FailoverLab.create(part.nodes, (cluster) => {
    const driver = driverOf(cluster, part, asked);
    found.drivers.add(driver.name);
    return driver;
  });
  try {
    const [addresses] = await lab.services(["probed"]);
    if (addresses === undefined) throw new Error("the Service has no addresses");
    for (const scenario of SCENARIOS.filter(({ name }) => part.scenarios.includes(name))) {
      const told = await tell(lab, { part, scenario, addresses, asked }, say);
      found.told.push(told);
      if (told.brokenBy === undefined) continue;
      found.troubles.push(`${scenario.name}, round ${told.rounds.length + 1}: ${told.brokenBy}`);
      // The stage is not as the next one needs it.
      return;
    }
    await tellExtras(lab, part, addresses, asked, found, say);
  } finally {
    await lab.close();
  }
}

function driverOf(cluster: Cluster, part: Part, { driver }: Asked): Driver {
  if (driver !== undefined) return programDriver(cluster, driver);
  const { helloIntervalMs } = part;
  return ingotDriver(
    cluster,
    helloIntervalMs === undefined ? [] : ["--hello-interval", `${helloIntervalMs}`],
  );
}

async function tell(
  lab: FailoverLab,
  { part, scenario, addresses, asked }: Telling,
  say: (progress: string) => void,
): Promise<Told> {
  const rounds: Round[] = [];
  const count = part.rounds ?? scenario.rounds;
  say(`${scenario.name}: ${scenario.what}; ${count} rounds`);
  const families = asked.family === undefined ? (["ipv4", "ipv6"] as const) : [asked.family];
  const windowMs = asked.windowMs ?? WINDOW_MS;
  try {
    if (scenario.withoutApi) await lab.cluster.stopApiServer({ crash: true });
    while (rounds.length < count) {
      const round = await playRound(lab, scenario, { addresses, families, windowMs });
      rounds.push(round);
      say(`${scenario.name} ${rounds.length}: ${summaryOf(round)}`);
    }
    if (scenario.withoutApi) await lab.cluster.startApiServer();
    return { part, scenario, rounds, brokenBy: undefined };
  } catch (error) {
    const brokenBy = error instanceof Error ? error.message : String(error);
    say(`${scenario.name}: ${brokenBy}`);
    return { part, scenario, rounds, brokenBy };
  }
}

interface Telling {
  readonly part: Part;
  readonly scenario: Scenario;
  readonly addresses: Addresses;
  readonly asked: Asked;
}

function summaryOf({ owner, phases }: Round): string {
  const each = Object.entries(phases).map(([family, all]) => {
    const steps = all.map(
      ({ lost, outageMs, silenceMs, overlapMs, failedConnections, holders }) =>
        `lost ${lost} (${outageMs.toFixed(0)} ms), silence ${silenceMs.toFixed(0)}, two ${overlapMs.toFixed(0)}, failed ${failedConnections}, ${holders.join(">")}`,
    );
    return `${family} ${steps.join(" | ")}`;
  });
  return `${owner}; ${each.join("; ")}`;
}

async function tellExtras(
  lab: FailoverLab,
  part: Part,
  addresses: Addresses,
  asked: Asked,
  found: Found,
  say: (progress: string) => void,
): Promise<void> {
  const attempt = async (name: string, extra: () => Promise<void>) => {
    if (!part.scenarios.includes(name)) return;
    say(name);
    try {
      await extra();
    } catch (error) {
      found.troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  await attempt("hostile", async () => {
    const flood = await measureHostile(lab, addresses);
    say(`hostile: ${JSON.stringify(flood)}`);
    found.floods.push({ part, flood });
  });
  await attempt("spread", async () => {
    // Of 100, one node would have 34.
    await lab.cluster.deleteService("probed");
    const spread = await measureSpread(lab, asked.windowMs ?? WINDOW_MS);
    say(`spread: ${JSON.stringify(spread)}`);
    found.spreads.push({ part, spread });
  });
}

function findingsOf(found: Found, compiler: string): Findings {
  const { told, spreads, floods, troubles, drivers } = found;
  return {
    notes: [
      `in the lab: ${[...drivers].join("; ")}`,
      `etcd, the API server, kube-proxies and speakers on the same cores; C by ${compiler}`,
      ...troubles.map((trouble) => `BROKE OFF: ${trouble}`),
    ],
    tables: [
      ...(told.length === 0 ? [] : [outageTable(told), answersTable(told), returnTable(told)]),
      ...spreads.map(({ part, spread }) => ({
        title: `99 addresses on ${part.nodes} nodes`,
        columns: ["", ...Object.keys(spread.before)],
        rows: (["before", "after", "returned"] as const).map((when) => [
          when === "after" ? `${spread.dead} is dead` : when,
          ...Object.keys(spread.before).map((name) => String(spread[when][name] ?? "")),
        ]),
      })),
      ...floods.map(({ flood }) => ({
        title: `${flood.perSecond} hellos a second that are none: of a core, %`,
        columns: ["", ...Object.keys(flood.idle)],
        rows: (["idle", "flooded"] as const).map((when) => [
          when,
          ...Object.values(flood[when]).map((share) => (share * 100).toFixed(1)),
        ]),
      })),
      ...floods.map(({ flood }) => ({
        title: `Of ${flood.sent} that were sent, what the first node counted as rejected`,
        columns: ["reason", "hellos"],
        rows: Object.entries(flood.rejected).map(([reason, count]) => [reason, String(count)]),
      })),
    ],
    targets: [
      ...targetsOf(told),
      ...spreads.flatMap(({ spread }) => spreadTargets(spread)),
      ...floods.flatMap(({ flood }) => floodTargets(flood)),
    ],
    figures: { told, spreads, floods, troubles },
  };
}

function spreadTargets({ before, after }: SpreadFound): readonly Target[] {
  return [
    target("99 addresses: most less least", "addresses", unevenness(before), 0),
    target("after a death: most less least", "addresses", unevenness(after), 1),
  ];
}

function floodTargets({ idle, flooded, phase }: HostileFound): readonly Target[] {
  const cost = Object.entries(flooded).map(([name, share]) => share - (idle[name] ?? 0));
  return [
    target("flood of hellos: of a core, the most a speaker took", "%", Math.max(...cost) * 100, 20),
    target("flood of hellos: changes of the holder", "changes", phase.holders.length - 1, 0),
    target("flood of hellos: lost", "datagrams", phase.lost, 0),
  ];
}

/** Long enough for a takeover that is late by a second. */
const WINDOW_MS = 1_500;

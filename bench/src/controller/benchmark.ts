import { missing } from "@ingot/testkit";
import type { Benchmark, Findings, Settings } from "../report.ts";
import { burst } from "./burst.ts";
import { chaos } from "./chaos.ts";
import { freed } from "./freed.ts";
import { joined, type Scenario } from "./scenario.ts";
import { size } from "./size.ts";
import { start } from "./start.ts";

const SCENARIOS: readonly Scenario[] = [burst, start, freed, size, chaos];

/** The controller at a real API server: how soon, how many writes, how much memory. */
export const controllerBenchmark: Benchmark = {
  name: "controller",
  scenarios: SCENARIOS.map(({ name }) => name),
  run,
};

async function run(say: (progress: string) => void, settings: Settings): Promise<Findings> {
  const { scenarios: asked = [], driver, rounds } = settings;
  const named = SCENARIOS.filter(({ name }) => asked.includes(name));
  const chosen = named.length > 0 ? named : SCENARIOS.filter(({ onRequest }) => !onRequest);
  const obstacle = missing(["netns", "testbed", "curl"]);
  if (obstacle !== undefined) throw new Error(obstacle);
  const parts = new Map<string, Findings>();
  for (const { name, run: runPart } of chosen) {
    parts.set(name, await runPart({ say, driver, rounds }));
  }
  const { notes, ...found } = joined(parts);
  const conditions =
    "etcd and the API server on the same cores as the controller; no node, no traffic";
  return { ...found, notes: [`${driver ?? "ingot"}: ${conditions}`, ...notes] };
}

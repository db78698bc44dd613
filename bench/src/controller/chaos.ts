import {
  type ClusterNode,
  type LabProcess,
  ServiceChurn,
  seededRandom,
  until,
} from "@ingot/testkit";
import type { Findings } from "../report.ts";
import { quantile } from "../statistics.ts";
import { target } from "../target.ts";
import { ControllerLab, LARGE_RANGE } from "./lab.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

/**
 * Two controllers, of which the one that acts is killed in the middle of creations and deletions; in each
 * fifth round the API server is killed as well.
 */
export const chaos: Scenario = { name: "chaos", onRequest: true, run };

const ROUNDS = 50;
const OPERATIONS = 2_000;
const AT_A_TIME = 4;
const API_ROUND = 5;

/** What one round found. */
interface Round {
  /** Before which operation the controller was killed, and before which the API server, if it was. */
  readonly killedAt: number;
  readonly apiKilledAt: number | undefined;
  /** From the last operation until every Service had an address. */
  readonly settledMs: number;
  readonly faults: readonly string[];
}

async function run({ say, driver, rounds = ROUNDS }: ScenarioContext): Promise<Findings> {
  const lab = await ControllerLab.create(driver, 2);
  const random = seededRandom(Date.now());
  const churn = new ServiceChurn(lab.cluster.api, random);
  try {
    await lab.driver.pool(LARGE_RANGE);
    const replicas = new Map<ClusterNode, LabProcess>();
    for (const node of lab.cluster.nodes) replicas.set(node, await lab.start(node.netns));
    const found: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const result = await roundOf(lab, churn, replicas, random, round % API_ROUND === 0);
      const { killedAt, apiKilledAt, settledMs, faults } = result;
      const api = apiKilledAt === undefined ? "" : `, the API server before ${apiKilledAt}`;
      say(
        `round ${round}: killed before operation ${killedAt}${api}; settled ${settledMs.toFixed(0)} ms after the last; ${faults.length} faults`,
      );
      for (const fault of faults) say(fault);
      found.push(result);
    }
    return findings(found);
  } finally {
    await churn.close();
    await lab.close();
  }
}

async function roundOf(
  lab: ControllerLab,
  churn: ServiceChurn,
  replicas: Map<ClusterNode, LabProcess>,
  random: () => number,
  withApi: boolean,
): Promise<Round> {
  const known = churn.record.faults.length;
  const killedAt = Math.floor(random() * OPERATIONS);
  const apiKilledAt = withApi ? Math.floor(random() * OPERATIONS) : undefined;
  const victim = await leaderOf(lab, [...replicas.keys()]);
  let outage = Promise.resolve();
  await churn.run(OPERATIONS, AT_A_TIME, (operation) => {
    if (operation === killedAt) replicas.get(victim)?.kill("SIGKILL");
    if (operation === apiKilledAt) outage = crashApiServer(lab);
  });
  await outage;
  const ended = performance.now();
  await until(() => churn.isSettled, {
    timeoutMs: 60_000,
    what: "every Service to have an address",
  }).catch((error: unknown) => {
    throw new Error(`${error}: ${churn.state}`);
  });
  const settledMs = performance.now() - ended;
  await replicas.get(victim)?.exited;
  replicas.set(victim, await lab.start(victim.netns));
  return { killedAt, apiKilledAt, settledMs, faults: churn.record.faults.slice(known) };
}

async function crashApiServer({ cluster }: ControllerLab): Promise<void> {
  await cluster.stopApiServer({ crash: true });
  await cluster.startApiServer();
}

/** The node whose controller acts; of a product that does not say so, the first. */
async function leaderOf(
  { driver }: ControllerLab,
  nodes: readonly ClusterNode[],
): Promise<ClusterNode> {
  const [first] = nodes;
  if (first === undefined) throw new Error("a node is needed");
  const { leads } = driver;
  if (leads === undefined) return first;
  return until(
    async () => {
      for (const node of nodes) if (await leads(node.netns)) return node;
      return undefined;
    },
    { timeoutMs: 30_000, what: "one controller to lead" },
  );
}

function findings(rounds: readonly Round[]): Findings {
  const faults = rounds.flatMap((round) => round.faults);
  const settledMs = rounds.map((round) => round.settledMs);
  const withApi = rounds.filter(({ apiKilledAt }) => apiKilledAt !== undefined).length;
  return {
    notes: faults.slice(0, 20),
    tables: [
      {
        title: `Two controllers, kill -9 within ${OPERATIONS} creations and deletions`,
        columns: ["rounds", "with the API server", "faults", "settled p50 ms", "settled max ms"],
        rows: [
          [
            `${rounds.length}`,
            `${withApi}`,
            `${faults.length}`,
            quantile(settledMs, 0.5).toFixed(0),
            quantile(settledMs, 1).toFixed(0),
          ],
        ],
      },
    ],
    targets: [target("addresses on two Services, lost or changed", "faults", faults.length, 0)],
    figures: { rounds },
  };
}

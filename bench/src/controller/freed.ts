import { until } from "@ingot/testkit";
import type { Findings } from "../report.ts";
import { WRITERS } from "../services/load.ts";
import { quantile } from "../statistics.ts";
import { target } from "../target.ts";
import { ControllerLab, names } from "./lab.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

/** A pool with as many addresses as Services that have one, and others that wait for one to come free. */
export const freed: Scenario = { name: "freed", onRequest: false, run };

const HOLDERS = 1_000;
const ROUNDS = 20;
/** A thousand addresses. */
const RANGE = "198.18.0.0-198.18.3.231";

async function run({ say, driver, rounds = ROUNDS }: ScenarioContext): Promise<Findings> {
  const lab = await ControllerLab.create(driver);
  try {
    const { load } = lab;
    await lab.driver.pool(RANGE);
    const holders = names("holder", HOLDERS);
    const waiters = names("waiter", rounds);
    say(`a pool of ${HOLDERS} is filled`);
    await load.create(holders, WRITERS);
    await lab.start();
    await lab.served(holders);
    await load.create(waiters, 1);
    await lab.settled();
    const delaysMs: number[] = [];
    for (const [round, holder] of holders.slice(0, rounds).entries()) {
      const began = performance.now();
      const deleting = load.delete([holder], 1);
      await until(() => load.given(waiters) > round, {
        timeoutMs: 30_000,
        intervalMs: 1,
        what: "the freed address to reach one that waits",
      });
      delaysMs.push(load.lastAt(waiters.filter((name) => load.given([name]) === 1)) - began);
      await deleting;
    }
    return {
      notes: [],
      tables: [
        {
          title: `An address of a full pool of ${HOLDERS} is freed: until another Service has it, ms`,
          columns: ["deletions", "p50", "p99", "max"],
          rows: [
            [`${rounds}`, ...[0.5, 0.99, 1].map((part) => quantile(delaysMs, part).toFixed(1))],
          ],
        },
      ],
      targets: [
        target("a freed address is given again, at most", "ms", quantile(delaysMs, 1), 100),
      ],
      figures: { delaysMs },
    };
  } finally {
    await lab.close();
  }
}

import type { Findings } from "../report.ts";
import { WRITERS } from "../services/load.ts";
import { quantile } from "../statistics.ts";
import { target } from "../target.ts";
import { ControllerLab, LARGE_RANGE, names } from "./lab.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";
import { type Writes, writesSince } from "./writes.ts";

/** Services created as fast as the API server takes them, while the controller runs. */
export const burst: Scenario = { name: "burst", onRequest: false, run };

const COUNTS = [100, 1_000, 5_000] as const;

/** What one burst found. */
interface Burst {
  readonly count: number;
  /** From asking for a Service to seeing its address. */
  readonly delaysMs: readonly number[];
  /** From asking for a Service to the API server's answer. */
  readonly creationsMs: readonly number[];
  readonly createdMs: number;
  readonly lastMs: number;
  readonly writes: Writes;
  readonly events: number;
  /** From the first creation to the last write. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

async function run({ say, driver }: ScenarioContext): Promise<Findings> {
  const lab = await ControllerLab.create(driver);
  try {
    await lab.driver.pool(LARGE_RANGE);
    await lab.start();
    await lab.warm();
    const bursts: Burst[] = [];
    for (const count of COUNTS) {
      say(`${count} Services at full speed`);
      bursts.push(await burstOf(lab, count));
    }
    return findings(bursts);
  } finally {
    await lab.close();
  }
}

async function burstOf(lab: ControllerLab, count: number): Promise<Burst> {
  const { load } = lab;
  const services = names(`burst-${count}`, count);
  const before = await lab.settled();
  const eventsBefore = await lab.events();
  const { cpuSeconds: usedBefore } = lab.usage();
  const began = performance.now();
  await load.create(services, WRITERS);
  const createdMs = performance.now() - began;
  await lab.served(services);
  const after = await lab.settled();
  const seconds = (performance.now() - began) / 1_000 - QUIET_SECONDS;
  const { cpuSeconds, rssMb } = lab.usage();
  const events = (await lab.events()) - eventsBefore;
  return {
    count,
    delaysMs: load.delaysMs(services),
    creationsMs: load.creationsMs(services),
    createdMs,
    lastMs: load.lastAt(services) - began,
    writes: writesSince(before, after),
    events,
    seconds,
    cpuSeconds: cpuSeconds - usedBefore,
    rssMb,
  };
}

/** For so long nothing is written before a burst counts as over. */
const QUIET_SECONDS = 2;

function findings(bursts: readonly Burst[]): Findings {
  const rows = bursts.map(
    ({ count, delaysMs, creationsMs, createdMs, lastMs, writes, events, cpuSeconds, rssMb }) => [
      `${count}`,
      ...[0.5, 0.99, 1].map((part) => quantile(delaysMs, part).toFixed(1)),
      quantile(creationsMs, 0.5).toFixed(1),
      (count / (createdMs / 1_000)).toFixed(0),
      (lastMs - createdMs).toFixed(0),
      (writes.status / count).toFixed(3),
      (events / count).toFixed(3),
      `${writes.pool}`,
      cpuSeconds.toFixed(2),
      rssMb.toFixed(0),
    ],
  );
  return {
    notes: [],
    tables: [
      {
        title: "Services created at full speed",
        columns: [
          ...[
            "Services",
            "p50 ms",
            "p99 ms",
            "max ms",
            "creation p50 ms",
            "created/s",
            "last after ms",
          ],
          ...["status writes each", "events each", "pool writes", "CPU s", "RSS MB"],
        ],
        rows,
      },
    ],
    targets: bursts.flatMap(({ count, delaysMs, writes, events, seconds }) => [
      ...(count === 1_000
        ? [
            target(`${count} at full speed, p50`, "ms", quantile(delaysMs, 0.5), 50),
            target(`${count} at full speed, p99`, "ms", quantile(delaysMs, 0.99), 200),
          ]
        : []),
      target(`${count} at full speed, status writes each`, "writes", writes.status / count, 1),
      target(`${count} at full speed, events each`, "writes", events / count, 1),
      // One may fall on each end of the time.
      target(`${count} at full speed, pool writes`, "writes", writes.pool, Math.floor(seconds) + 1),
    ]),
    figures: { bursts },
  };
}

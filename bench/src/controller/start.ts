import type { Findings } from "../report.ts";
import { WRITERS } from "../services/load.ts";
import { target } from "../target.ts";
import { ControllerLab, LARGE_RANGE, names } from "./lab.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";
import type { Usage } from "./usage.ts";
import { sumOf, type Writes, writesSince } from "./writes.ts";

/** A controller that starts over Services: first while all of them wait, then when all have addresses. */
export const start: Scenario = { name: "start", onRequest: false, run };

const COUNTS = [1_000, 5_000] as const;
const MOST_SECONDS = { 1000: 2.5, 5000: 13 } as const;

/** What the starts over so many Services found. */
interface Starts {
  readonly count: keyof typeof MOST_SECONDS;
  /** From the start of the process to the last address. */
  readonly coldMs: number;
  readonly coldUsage: Usage;
  readonly coldWrites: Writes;
  /** From the start over assigned Services to the address of one that is created at that moment. */
  readonly firstMs: number;
  readonly assignedUsage: Usage;
  /** What a start over assigned Services writes, but for the one that is new. */
  readonly assignedWrites: Writes;
}

async function run({ say, driver }: ScenarioContext): Promise<Findings> {
  const starts: Starts[] = [];
  for (const count of COUNTS) {
    say(`start over ${count} Services`);
    starts.push(await startsOver(count, driver));
  }
  return findings(starts);
}

async function startsOver(count: Starts["count"], driver: string | undefined): Promise<Starts> {
  const lab = await ControllerLab.create(driver);
  try {
    const { load } = lab;
    await lab.driver.pool(LARGE_RANGE);
    const services = names("waiting", count);
    await load.create(services, WRITERS);
    const unassigned = await lab.writes();
    const coldBegan = performance.now();
    await lab.start();
    await lab.served(services);
    const coldMs = load.lastAt(services) - coldBegan;
    const coldWrites = writesSince(unassigned, await lab.settled());
    const coldUsage = lab.usage();
    await lab.stop();

    const assigned = await lab.settled();
    const began = performance.now();
    await lab.start();
    await load.create(["new"], 1);
    await lab.served(["new"], 60_000);
    const firstMs = load.lastAt(["new"]) - began;
    const { status, event, ...rest } = writesSince(assigned, await lab.settled());
    // The pool's counters change by the new one, and that is written once.
    const pool = Math.max(0, rest.pool - 1);
    const assignedWrites = { ...rest, pool, status: status - 1, event: Math.max(0, event - 1) };
    const assignedUsage = lab.usage();
    return { count, coldMs, coldUsage, coldWrites, firstMs, assignedUsage, assignedWrites };
  } finally {
    await lab.close();
  }
}

function findings(starts: readonly Starts[]): Findings {
  return {
    notes: [],
    tables: [
      {
        title: "Starts over Services that wait",
        columns: [
          "Services",
          "all served s",
          "status writes each",
          "events each",
          "CPU s",
          "RSS MB",
        ],
        rows: starts.map(({ count, coldMs, coldWrites, coldUsage }) => [
          `${count}`,
          (coldMs / 1_000).toFixed(2),
          (coldWrites.status / count).toFixed(3),
          (coldWrites.event / count).toFixed(3),
          coldUsage.cpuSeconds.toFixed(2),
          coldUsage.rssMb.toFixed(0),
        ]),
      },
      {
        title: "Starts over Services that have addresses",
        columns: ["Services", "new one served s", "status writes", "all writes", "CPU s", "RSS MB"],
        rows: starts.map(({ count, firstMs, assignedWrites, assignedUsage }) => [
          `${count}`,
          (firstMs / 1_000).toFixed(2),
          `${assignedWrites.status}`,
          `${sumOf(assignedWrites)}`,
          assignedUsage.cpuSeconds.toFixed(2),
          assignedUsage.rssMb.toFixed(0),
        ]),
      },
    ],
    targets: starts.flatMap(({ count, coldMs, coldWrites, firstMs, assignedWrites }) => [
      target(`start over ${count} waiting`, "s", coldMs / 1_000, MOST_SECONDS[count]),
      target(
        `start over ${count} waiting, status writes each`,
        "writes",
        coldWrites.status / count,
        1,
      ),
      ...(count === 1_000
        ? [target(`start over ${count} assigned, a new one is served`, "s", firstMs / 1_000, 1.5)]
        : []),
      target(`start over ${count} assigned, writes`, "writes", sumOf(assignedWrites), 0),
    ]),
    figures: { starts },
  };
}

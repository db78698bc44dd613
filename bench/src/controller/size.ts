import type { Findings } from "../report.ts";
import { WRITERS } from "../services/load.ts";
import { target } from "../target.ts";
import { ControllerLab, LARGE_RANGE, names } from "./lab.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";
import { sumOf, writesSince } from "./writes.ts";

/** What a controller with many Services takes, in memory and while nothing happens. */
export const size: Scenario = { name: "size", onRequest: false, run };

const COUNT = 10_000;
const IDLE_MS = 10_000;

async function run({ say, driver }: ScenarioContext): Promise<Findings> {
  const lab = await ControllerLab.create(driver);
  try {
    await lab.driver.pool(LARGE_RANGE);
    await lab.start();
    await lab.warm();
    say(`${COUNT} Services`);
    const services = names("many", COUNT);
    await lab.load.create(services, WRITERS);
    await lab.served(services);
    const before = await lab.settled();
    const grown = lab.usage();
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const idle = lab.usage();
    const idleWrites = sumOf(writesSince(before, await lab.writes()));
    await lab.stop();
    await lab.start();
    await lab.load.create(["after"], 1);
    await lab.served(["after"]);
    await lab.settled();
    const started = lab.usage();
    const row = (what: string, { rssMb, peakRssMb, cpuSeconds }: typeof grown) => [
      what,
      rssMb.toFixed(0),
      peakRssMb.toFixed(0),
      cpuSeconds.toFixed(2),
    ];
    const idleCpuPercent = ((idle.cpuSeconds - grown.cpuSeconds) / (IDLE_MS / 1_000)) * 100;
    return {
      notes: [
        `${idleCpuPercent.toFixed(1)} % of a CPU with ${COUNT} Services when nothing happens`,
      ],
      tables: [
        {
          title: `A controller with ${COUNT} Services`,
          columns: ["", "RSS MB", "peak MB", "CPU s"],
          rows: [row("all came while it ran", idle), row("started over them", started)],
        },
      ],
      targets: [
        target(`RSS, ${COUNT} Services came`, "MB", idle.rssMb, 150),
        target(`RSS, started over ${COUNT} Services`, "MB", started.rssMb, 150),
        target(`writes in ${IDLE_MS / 1_000} s of a steady state`, "writes", idleWrites, 0),
      ],
      figures: { grown, idle, started, idleWrites, idleCpuPercent },
    };
  } finally {
    await lab.close();
  }
}

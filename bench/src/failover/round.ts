import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterNode } from "@ingot/testkit";
import type { Addresses, FailoverLab } from "./lab.ts";
import { parseClientLog, parseSightings } from "./log.ts";
import { type Phase, phasesOf } from "./phase.ts";
import type { Scenario } from "./scenarios.ts";
import type { Family } from "./settings.ts";

/** One telling of a scenario. */
export interface Round {
  readonly owner: string;
  /** Of the machine, when it began. */
  readonly loadAverage: number;
  /** Of each family that was looked at: before, and from each step on. */
  readonly phases: Readonly<Partial<Record<Family, readonly Phase[]>>>;
}

/** Which addresses a round looks at, and for how long after each step. */
export interface Look {
  readonly addresses: Addresses;
  readonly families: readonly Family[];
  readonly windowMs: number;
}

/**
 * Tells a scenario once, watched by a client and by somebody who asks who has the address.
 *
 * @throws {Error} when a step cannot be done, or nobody answers before the first.
 */
export async function playRound(lab: FailoverLab, scenario: Scenario, look: Look): Promise<Round> {
  const { addresses, families, windowMs } = look;
  const owner = await holderOf(lab, addresses.ipv4);
  const { nodes } = lab.cluster;
  const other = nodes[(nodes.indexOf(owner) + 1) % nodes.length] ?? owner;
  const watched = families.map((family) => ({
    family,
    client: lab.client(addresses[family]),
    watcher: lab.watcher(addresses[family]),
  }));
  const loadAverage = loadavg()[0] ?? 0;
  for (const { client, watcher } of watched) {
    await Promise.all([client.ready(READY_MS), watcher.ready(READY_MS)]);
  }
  await sleep(BEFORE_MS);
  const marksMs: number[] = [];
  for (const step of scenario.steps) {
    marksMs.push(nowMs());
    await step.act({ lab, owner, other });
    await sleep(windowMs);
  }
  const phases: Partial<Record<Family, readonly Phase[]>> = {};
  for (const { family, client, watcher } of watched) {
    const [said, seen] = await Promise.all([client.end(), watcher.end()]);
    phases[family] = phasesOf(parseClientLog(said), parseSightings(seen, lab.names), marksMs);
  }
  return { owner: owner.name, loadAverage, phases };
}

/** The node that says that it has an address. @throws {Error} when none does. */
async function holderOf(lab: FailoverLab, address: string): Promise<ClusterNode> {
  const watcher = lab.watcher(address);
  await watcher.ready(READY_MS);
  const last = parseSightings(await watcher.end(), lab.names).at(-1);
  return lab.node(last?.node ?? "");
}

/** The clock that the programs in C read. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const READY_MS = 20_000;
/** A controller may follow what the round before led to. */
const BEFORE_MS = 1_500;

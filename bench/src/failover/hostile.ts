import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterNode, parseMetrics, type Sample } from "@ingot/testkit";
import type { Addresses, FailoverLab } from "./lab.ts";
import { parseClientLog, parseSightings } from "./log.ts";
import { type Phase, phasesOf } from "./phase.ts";

/** What a flood of hellos that are none did. */
export interface HostileFound {
  readonly perSecond: number;
  /** Hellos that were sent. */
  readonly sent: number;
  readonly seconds: number;
  /** Of a core, what each speaker took in the seconds before, and during the flood. */
  readonly idle: Readonly<Record<string, number>>;
  readonly flooded: Readonly<Record<string, number>>;
  /** Of them, those that the first speaker counted as rejected, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** What a client and a neighbour saw of an address during the flood. */
  readonly phase: Phase;
}

/** Floods the LAN for some seconds. @throws {Error} when there are no hellos to begin with. */
export async function measureHostile(
  lab: FailoverLab,
  addresses: Addresses,
): Promise<HostileFound> {
  const client = lab.client(addresses.ipv4);
  const watcher = lab.watcher(addresses.ipv4);
  await Promise.all([client.ready(READY_MS), watcher.ready(READY_MS)]);
  const idle = await sharesDuring(lab, () => sleep(IDLE_MS));
  const [first] = lab.cluster.nodes;
  if (first === undefined) throw new Error("a node is needed");
  const before = await rejectedBy(first);
  const flood = lab.flood(SECONDS, PER_SECOND);
  await flood.waitForLine(/^flooding$/, READY_MS);
  const began = Number(process.hrtime.bigint()) / 1e6;
  const flooded = await sharesDuring(lab, () => flood.exited);
  // Whoever was thought dead would be found so by now.
  await sleep(AFTER_MS);
  const [said, seen] = await Promise.all([client.end(), watcher.end()]);
  const log = parseClientLog(said);
  const [, phase] = phasesOf(log, parseSightings(seen, lab.names), [began]);
  if (phase === undefined) throw new Error("a flood has a beginning");
  const rejected = Object.fromEntries(
    Object.entries(await rejectedBy(first)).map(([reason, count]) => {
      return [reason, count - (before[reason] ?? 0)];
    }),
  );
  const sent = Number(flood.lines.at(-1));
  return { perSecond: PER_SECOND, sent, seconds: SECONDS, idle, flooded, rejected, phase };
}

const PER_SECOND = 10_000;
const SECONDS = 20;
const IDLE_MS = 10_000;
const AFTER_MS = 1_000;
const READY_MS = 20_000;
/** Of `/proc/PID/stat`: the kernel's USER_HZ, which is 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

async function rejectedBy({ netns }: ClusterNode): Promise<Readonly<Record<string, number>>> {
  const { stdout } = await netns.exec("curl", ["-sf", "--max-time", "2", METRICS]);
  const samples = parseMetrics(stdout).filter(({ name }) => name === REJECTED);
  return Object.fromEntries(samples.map(({ labels, value }: Sample) => [labels["reason"], value]));
}

const METRICS = "http://127.0.0.1:9120/metrics";
const REJECTED = "ingot_ownership_hellos_rejected_total";

async function sharesDuring(
  lab: FailoverLab,
  wait: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const look = () => lab.cluster.nodes.map((node) => cpuSeconds(lab.speaker(node).pid));
  const before = look();
  const began = performance.now();
  await wait();
  const seconds = (performance.now() - began) / 1_000;
  const after = look();
  return Object.fromEntries(
    lab.cluster.nodes.map(({ name }, index) => {
      return [name, ((after[index] ?? 0) - (before[index] ?? 0)) / seconds];
    }),
  );
}

/** What all threads of a process were given so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

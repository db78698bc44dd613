import { setTimeout as sleep } from "node:timers/promises";
import { Bird, Lab } from "@ingot/testkit";
import { quantile } from "../statistics.ts";
import { birdConfig, Capture, type Condition, IngotSessions } from "./bed.ts";
import { gapsOf } from "./capture.ts";
import { preferProcess } from "./preference.ts";

/** What to watch for how long. */
export interface IntervalTask {
  readonly sessions: number;
  readonly intervalMs: number;
  readonly condition: Condition;
  readonly seconds: number;
}

/** The gaps between the packets that one end has sent, in ms. */
export interface Gaps {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly packets: number;
}

/** How sessions with BIRD went. */
export interface IntervalResult extends IntervalTask {
  readonly ingot: Gaps;
  readonly bird: Gaps;
  /** How often Ingot found BIRD gone that was not. */
  readonly falseDowns: number;
  /** How often BIRD found Ingot gone that was not. */
  readonly falseDownsThere: number;
  /** CPU seconds of Ingot's worker thread a second. */
  readonly cpuShare: number;
  /** Whether that thread could be preferred to others. */
  readonly isPreferred: boolean;
}

/**
 * Has Ingot and BIRD hold sessions over one cable, and captures what both send.
 *
 * @throws {Error} when the sessions do not come up, or packets are lost on their way into the capture.
 */
export async function watchIntervals(task: IntervalTask): Promise<IntervalResult> {
  const { sessions, intervalMs, condition, seconds } = task;
  const lab = await Lab.create({ name: `b6i${process.pid}` });
  try {
    const node = await lab.namespace("node");
    const router = await lab.namespace("router");
    const numbers = Array.from({ length: sessions }, (_, number) => number);
    const addresses = (end: End) => numbers.map((number) => `${addressOf(number, end)}/24`);
    await lab.link(
      { ns: node, name: "eth0", addresses: addresses("node") },
      { ns: router, name: "eth0", addresses: addresses("router") },
    );
    const pairs = numbers.map((n) => [addressOf(n, "router"), addressOf(n, "node")] as const);
    const config = birdConfig(pairs, intervalMs);
    const bird = await Bird.start(router, { directory: lab.directory, name: "bird", config });
    preferProcess(bird.process.pid);
    const paths = pairs.map(([remoteAddress, localAddress]) => ({ localAddress, remoteAddress }));
    const ingot = await IngotSessions.start(node, { paths, intervalMs }, condition);
    await ingot.up(sessions);
    // Until the rates are agreed on, and the code is compiled.
    await sleep(WARM_UP_MS);
    const before = await ingot.report();
    const capture = await Capture.start(lab, router);
    const start = performance.now();
    await sleep(1_000 * seconds);
    const after = await ingot.report();
    const elapsedS = (performance.now() - start) / 1_000;
    const packets = await capture.stop();
    const own = new Set(paths.map(({ localAddress }) => localAddress));
    await ingot.stop();
    return {
      ...task,
      ingot: summarize(gapsOf(packets.filter(({ source }) => own.has(source)))),
      bird: summarize(gapsOf(packets.filter(({ source }) => !own.has(source)))),
      falseDowns: after.unheard,
      falseDownsThere: after.unheardThere,
      cpuShare: (after.cpuSeconds - before.cpuSeconds) / elapsedS,
      isPreferred: after.isPreferred,
    };
  } finally {
    await lab.close();
  }
}

function summarize(gaps: readonly number[]): Gaps {
  return {
    p50Ms: quantile(gaps, 0.5),
    p99Ms: quantile(gaps, 0.99),
    maxMs: quantile(gaps, 1),
    packets: gaps.length,
  };
}

type End = "node" | "router";

/** Of the range for benchmarks (RFC 2544), a network a session. */
function addressOf(session: number, end: End): string {
  return `198.18.${session}.${end === "node" ? 1 : 2}`;
}

const WARM_UP_MS = 3_000;

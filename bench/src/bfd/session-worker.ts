import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { BfdSpeaker } from "@ingot/bfd";
import { bfdSockets, LinkMonitor, monotonicClock } from "@ingot/linux";
import { preferThread } from "./preference.ts";

/** What this thread is started with. */
export interface SessionTask {
  readonly paths: readonly { readonly localAddress: string; readonly remoteAddress: string }[];
  /** Between packets, both ways. */
  readonly intervalMs: number;
}

/** What the sessions came to since they were opened. */
export interface SessionReport {
  readonly up: number;
  /** How often one of them went from up because nothing was heard for the detection time. */
  readonly unheard: number;
  /** How often one of them went from up because the neighbour had heard nothing for so long. */
  readonly unheardThere: number;
  /** What this thread was given of a CPU. */
  readonly cpuSeconds: number;
  /** Whether the thread could be preferred to others that wait for a CPU. */
  readonly isPreferred: boolean;
}

// The thread that BFD runs in, as in the product. It reports each time it is asked to.
// To the system, process 0 is the calling thread.
const isPreferred = preferThread(0);
const { paths, intervalMs } = workerData as SessionTask;
const links = await LinkMonitor.open();
const speaker = new BfdSpeaker(bfdSockets(links), monotonicClock);
const timing = { transmitIntervalMs: intervalMs, receiveIntervalMs: intervalMs };
let unheard = 0;
let unheardThere = 0;
const sessions = paths.map((path) => {
  const session = speaker.open({ ...path, ...timing });
  session.on("down", ({ reason }) => {
    if (reason === "detectionTimeExpired") unheard += 1;
    else unheardThere += 1;
  });
  return session;
});
parentPort?.on("message", () => {
  const report: SessionReport = {
    up: sessions.filter(({ state }) => state === "up").length,
    unheard,
    unheardThere,
    // Its first number is nanoseconds on a CPU.
    cpuSeconds: Number.parseInt(readFileSync("/proc/thread-self/schedstat", "utf8"), 10) / 1e9,
    isPreferred,
  };
  parentPort?.postMessage(report);
});

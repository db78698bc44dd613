import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Lab, type LabNamespace, type LabProcess, until } from "@ingot/testkit";
import { type CapturedPacket, parseCapture } from "./capture.ts";
import type { SessionReport, SessionTask } from "./session-worker.ts";

/** What Ingot's main thread does meanwhile. */
export type Condition = "quiet" | "loaded";

/** A process of Ingot's with sessions in a worker thread. */
export class IngotSessions {
  readonly #process: LabProcess;

  private constructor(process: LabProcess) {
    this.#process = process;
  }

  static async start(
    ns: LabNamespace,
    task: SessionTask,
    condition: Condition,
  ): Promise<IngotSessions> {
    const started = ns.spawn(process.execPath, [PROGRAM, JSON.stringify(task), condition]);
    await started.waitForLine(/^started$/, START_MS);
    return new IngotSessions(started);
  }

  /** Asks for a report; a main thread that is busy takes its time. */
  async report(): Promise<SessionReport> {
    const before = this.#process.lines.length;
    this.#process.kill("SIGUSR1");
    const line = await until(() => this.#process.lines[before], {
      timeoutMs: 10_000,
      what: "a report of the sessions",
    });
    return JSON.parse(line) as SessionReport;
  }

  /** Waits until that many sessions are up. */
  async up(count: number): Promise<void> {
    const look = async () => (await this.report()).up === count;
    await until(look, { timeoutMs: 30_000, intervalMs: 200, what: `${count} sessions to be up` });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

/** Captures BFD's control packets on an interface until it is stopped. */
export class Capture {
  readonly #process: LabProcess;
  readonly #file: string;

  private constructor(process: LabProcess, file: string) {
    this.#process = process;
    this.#file = file;
  }

  static async start(lab: Lab, ns: LabNamespace): Promise<Capture> {
    count += 1;
    const file = `${lab.directory}/bfd-${count}.pcap`;
    const args = ["-i", "eth0", "-s", "64", "-B", "16384", "-Z", "root", "-w", file];
    const process = ns.spawn("tcpdump", [...args, "udp port 3784 and ip"]);
    await process.waitForLine(/listening on/, START_MS);
    return new Capture(process, file);
  }

  /** @throws {Error} when the kernel dropped any: what is missing would be a gap. */
  async stop(): Promise<readonly CapturedPacket[]> {
    // It takes packets from the kernel by the block.
    await sleep(1_200);
    await this.#process.stop("SIGINT", 10_000);
    const dropped = this.#process.lines.find((line) => /^[1-9]\d* packets dropped/.test(line));
    if (dropped !== undefined) throw new Error(`tcpdump: ${dropped}`);
    const packets = parseCapture(readFileSync(this.#file));
    rmSync(this.#file);
    return packets;
  }
}

/** BIRD's configuration of sessions; each is its address and ours. */
export function birdConfig(
  sessions: readonly (readonly [own: string, other: string])[],
  intervalMs: number,
): string {
  const neighbors = sessions.map(([own, other]) => `  neighbor ${other} dev "eth0" local ${own};`);
  return `router id 198.18.255.1;
protocol device {}
protocol bfd {
  interface "eth0" { interval ${intervalMs} ms; multiplier 3; };
${neighbors.join("\n")}
}
`;
}

const PROGRAM = fileURLToPath(new URL("./session-program.js", import.meta.url));
const START_MS = 15_000;
let count = 0;

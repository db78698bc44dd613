import { readFileSync } from "node:fs";
import type { LabNamespace } from "../lab/namespace.ts";
import type { LabProcess } from "../lab/process.ts";
import { until } from "../poll.ts";

/** A process that serves: what to start, and how to see that it does. */
export interface LaunchOptions {
  /** For messages and the name of its log file. */
  readonly name: string;
  /** Where its log file goes, which is added to if it is there. */
  readonly directory: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Looks whether it serves; what it throws counts as "not yet". */
  readonly ready: (process: LabProcess) => unknown;
  readonly timeoutMs: number;
}

/**
 * Starts a process in a namespace and waits until it serves.
 *
 * @throws {Error} when it ends or the time is over before that, with the end of its log; it does not
 *   run any more then.
 */
export async function launch(netns: LabNamespace, options: LaunchOptions): Promise<LabProcess> {
  const { name, directory, command, args, ready, timeoutMs } = options;
  const logFile = `${directory}/${name}.log`;
  const process = netns.spawn(command, args, { logFile });
  try {
    await until(async () => !process.running || (await ready(process)), {
      timeoutMs,
      what: `${name} to serve`,
    });
    if (process.running) return process;
    const { code, signal } = await process.exited;
    throw new Error(`${name} ended with ${signal ?? `code ${code}`}`);
  } catch (error) {
    await process.stop("SIGKILL");
    const tail = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-LINES_SHOWN);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\nthe end of its log:\n${tail.join("\n")}`, { cause: error });
  }
}

const LINES_SHOWN = 30;

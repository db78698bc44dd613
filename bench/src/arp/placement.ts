import type { LabNamespace } from "@ingot/testkit";
import { allowedCpus } from "../machine.ts";

/** What this machine permits to keep others out of the way of a measurement. */
export interface Means {
  /** Two CPUs to pin to; undefined when there is one, or no `taskset`. */
  readonly cpus: { readonly generator: number; readonly responders: number } | undefined;
  /** Whether the real-time class SCHED_FIFO is permitted (`chrt -f`). */
  readonly fifo: boolean;
}

/** Tries out what is permitted. */
export async function findMeans(ns: LabNamespace): Promise<Means> {
  const [generator, responders] = allowedCpus();
  const two = generator !== undefined && responders !== undefined;
  const pins = two && (await works(ns, pinned(generator, ["true"])));
  return {
    cpus: pins ? { generator, responders } : undefined,
    fifo: await works(ns, realTime(["true"])),
  };
}

/** The command line that runs a command on one CPU and in real time, as far as that is permitted. */
export function placed(
  means: Means,
  role: "generator" | "responders",
  command: readonly string[],
): readonly string[] {
  const inTime = means.fifo ? realTime(command) : command;
  return means.cpus === undefined ? inTime : pinned(means.cpus[role], inTime);
}

/** What is permitted, in words. */
export function describeMeans({ cpus, fifo }: Means): string {
  const where =
    cpus === undefined
      ? "not pinned (one CPU only, or no taskset)"
      : `generator pinned to CPU ${cpus.generator}, quiet responders to CPU ${cpus.responders}`;
  const when = fifo
    ? "all of them SCHED_FIFO"
    : "not SCHED_FIFO: chrt -f is not permitted here, so expect longer tails";
  return `${where}, ${when}`;
}

function pinned(cpu: number, command: readonly string[]): readonly string[] {
  return ["taskset", "-c", String(cpu), ...command];
}

function realTime(command: readonly string[]): readonly string[] {
  return ["chrt", "-f", PRIORITY, ...command];
}

async function works(ns: LabNamespace, command: readonly string[]): Promise<boolean> {
  const [program = "", ...args] = command;
  const { code } = await ns.exec(program, args, { allowFailure: true });
  return code === 0;
}

const PRIORITY = "10";

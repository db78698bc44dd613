import type { LabNamespace } from "@ingot/testkit";
import { allowedCpus } from "../machine.ts";

/** What this machine permits to keep others out of the way of a measurement. */
export interface Means {
  /** Two CPUs to pin to; undefined when there is one, or no `taskset`. */
  readonly cpus: { readonly generator: number; readonly responders: number } | undefined;
  /**
   * Whether the real-time class SCHED_RR is permitted (`chrt -r`). Under SCHED_FIFO, threads of Node that
   * spin for each other on one CPU would never take turns.
   */
  readonly realTime: boolean;
}

/** Tries out what is permitted. */
export async function findMeans(ns: LabNamespace): Promise<Means> {
  const [generator, responders] = allowedCpus();
  const two = generator !== undefined && responders !== undefined;
  const pins = two && (await works(ns, pinned(generator, ["true"])));
  return {
    cpus: pins ? { generator, responders } : undefined,
    realTime: await works(ns, realTime(["true"])),
  };
}

/** The command line that runs a command on one CPU and in real time, as far as that is permitted. */
export function placed(
  means: Means,
  role: "generator" | "responders",
  command: readonly string[],
): readonly string[] {
  const inTime = means.realTime ? realTime(command) : command;
  return means.cpus === undefined ? inTime : pinned(means.cpus[role], inTime);
}

/** What is permitted, in words. */
export function describeMeans({ cpus, realTime: isPermitted }: Means): string {
  const where =
    cpus === undefined
      ? "not pinned (one CPU only, or no taskset)"
      : `generator pinned to CPU ${cpus.generator}, quiet responders to CPU ${cpus.responders}`;
  const when = isPermitted
    ? "all of them SCHED_RR"
    : "not SCHED_RR: chrt -r is not permitted here, so expect longer tails";
  return `${where}, ${when}`;
}

function pinned(cpu: number, command: readonly string[]): readonly string[] {
  return ["taskset", "-c", String(cpu), ...command];
}

function realTime(command: readonly string[]): readonly string[] {
  return ["chrt", "-r", PRIORITY, ...command];
}

async function works(ns: LabNamespace, command: readonly string[]): Promise<boolean> {
  const [program = "", ...args] = command;
  const { code } = await ns.exec(program, args, { allowFailure: true });
  return code === 0;
}

const PRIORITY = "10";

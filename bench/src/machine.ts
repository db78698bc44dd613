import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** What figures depend on besides the code. */
export interface Machine {
  readonly cpuModel: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly architecture: string;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
}

/** Describes the machine that this runs on. */
export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpuModel: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    architecture: arch(),
    kernel: release(),
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** The machine in a line. */
export function renderMachine(machine: Machine): string {
  const { cpuModel, cores, architecture, kernel, node } = machine;
  return `${cpuModel}, ${cores} cores, ${architecture}, Linux ${kernel}, Node ${node}`;
}

/** How busy the machine is. */
export interface Load {
  /** Of all CPUs' time during one second, the share that was not idle: 0 to 1. */
  readonly busy: number;
  /** Load average of the last minute. */
  readonly average: number;
}

/** Watches for a second how busy others keep the machine. */
export async function observeLoad(): Promise<Load> {
  const before = cpuTimes();
  await sleep(1_000);
  const after = cpuTimes();
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
  return { busy, average: loadavg()[0] ?? 0 };
}

function cpuTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return {
    idle: sum(times.map(({ idle }) => idle)),
    all: sum(times.flatMap((each) => Object.values(each))),
  };
}

/** The numbers of the CPUs that this process may run on. */
export function allowedCpus(): readonly number[] {
  const status = readFileSync("/proc/self/status", "utf8");
  return parseCpuList(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "");
}

/** Reads a list as the kernel writes it: `0-3,8`. */
export function parseCpuList(text: string): readonly number[] {
  return text
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first = 0, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}

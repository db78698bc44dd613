import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem } from "node:os";

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

/** The load average of the last minute: how busy others keep the machine. */
export function loadOfLastMinute(): number {
  return loadavg()[0] ?? 0;
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

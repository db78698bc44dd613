import { readFileSync } from "node:fs";
import { parseCpuSeconds } from "../flood/outcome.ts";

/** What a process has used. */
export interface Usage {
  readonly cpuSeconds: number;
  /** Resident now, and at most; 10^6 octets. */
  readonly rssMb: number;
  readonly peakRssMb: number;
}

/** Looks at a process that runs. @throws {Error} when it does not. */
export function usageOf(pid: number): Usage {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    cpuSeconds: parseCpuSeconds(readFileSync(`/proc/${pid}/stat`, "utf8")),
    rssMb: megabytes(status, "VmRSS"),
    peakRssMb: megabytes(status, "VmHWM"),
  };
}

function megabytes(status: string, field: string): number {
  const [, kibibytes] = new RegExp(`^${field}:\\s*(\\d+) kB$`, "m").exec(status) ?? [];
  if (kibibytes === undefined) throw new Error(`no ${field} in the status of a process`);
  return (Number(kibibytes) * 1_024) / 1e6;
}

import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

/** Lets a thread run before others, as the product does with its dataplane; false: it may not. */
export function preferThread(id: number): boolean {
  try {
    setPriority(id, NICENESS);
    return true;
  } catch {
    return false;
  }
}

/** The same for all threads of a process. */
export function preferProcess(pid: number): void {
  for (const id of readdirSync(`/proc/${pid}/task`)) preferThread(Number(id));
}

const NICENESS = -15;

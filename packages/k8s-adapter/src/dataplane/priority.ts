import { setPriority } from "node:os";

/**
 * Lets the calling thread run before others that wait for a CPU: what a neighbour counts in
 * milliseconds must not wait for a build on the same node. False where that is not permitted, which
 * takes CAP_SYS_NICE.
 */
export function preferThisThread(): boolean {
  try {
    // To Linux, process 0 is the calling thread.
    setPriority(0, NICENESS);
    return true;
  } catch {
    return false;
  }
}

/** Short of what the kernel's own threads have. */
const NICENESS = -15;

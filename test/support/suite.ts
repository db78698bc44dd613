import { missing, type Need } from "@ingot/testkit";
import { describe } from "vitest";
import { markSkipped } from "./skip-mark.ts";

/**
 * A `describe` whose tests run where everything they need is there. Elsewhere they are skipped, and
 * the suite's name says for want of what, and which command brings it.
 */
export function suite(name: string, needs: readonly Need[], body: () => void): void {
  endWithRunner();
  const reason = missing(needs);
  if (reason === undefined) describe(name, body);
  else describe.skip(markSkipped(name, reason), body);
}

/**
 * A worker outlives a runner that was killed, and its labs with it. It notices by the channel between
 * them, and ends itself; the labs' reapers do the rest. Not by `process.exit`, which the runner
 * replaces with one that throws.
 */
function endWithRunner(): void {
  if (watching || process.channel === undefined) return;
  watching = true;
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
}

let watching = false;

import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { skipReason, withoutMark } from "./skip-mark.ts";

/**
 * Prints, after everything else, which tests were skipped and why, and as the very last line
 * `N passed, N failed, N skipped`. Failed are tests, suites and files whose set-up or loading
 * failed, and errors outside of any test. With INGOT_NO_SKIPS=1 in the environment a skipped test
 * makes the run fail.
 */
export class SummaryReporter implements Reporter {
  #watching = false;
  #printAtExit: (() => void) | undefined;

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const { lines, skipped } = summarize(modules, unhandledErrors.length);
    const { INGOT_NO_SKIPS } = process.env;
    const refused = skipped > 0 && INGOT_NO_SKIPS === "1";
    if (refused) {
      process.exitCode = 1;
      lines.splice(-1, 0, "This run fails: tests were skipped, and INGOT_NO_SKIPS=1 forbids it.");
    }
    const text = `\n${lines.join("\n")}\n`;
    if (this.#watching) process.stdout.write(text);
    else this.#atExit(() => process.stdout.write(text));
  }

  /** Coverage tables and complaints of the runner come after the end of the run. */
  #atExit(print: () => void): void {
    if (this.#printAtExit === undefined) process.once("exit", () => this.#printAtExit?.());
    this.#printAtExit = print;
  }
}

function summarize(
  modules: readonly TestModule[],
  unhandledErrors: number,
): { lines: string[]; skipped: number } {
  const count = { passed: 0, failed: unhandledErrors, skipped: 0 };
  const skippedByReason = new Map<string, string[]>();
  for (const module of modules) {
    for (const group of [module, ...module.children.allSuites()]) {
      if (group.errors().length > 0) count.failed += 1;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that is pending at the end never ran: the run was interrupted.
      const outcome = state === "pending" ? "skipped" : state;
      count[outcome] += 1;
      if (outcome !== "skipped") continue;
      const reason = whySkipped(test);
      skippedByReason.set(reason, [...(skippedByReason.get(reason) ?? []), title(test)]);
    }
  }
  const lines = [...skippedByReason]
    .sort()
    .flatMap(([reason, titles]) => [
      `Skipped, ${reason}`,
      ...titles.slice(0, MOST_TITLES).map((line) => `  ${line}`),
      ...(titles.length > MOST_TITLES ? [`  and ${titles.length - MOST_TITLES} more`] : []),
      "",
    ]);
  lines.push(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  return { lines, skipped: count.skipped };
}

/** Of one reason; running a single test by its name leaves out hundreds. */
const MOST_TITLES = 25;

function whySkipped(test: TestCase): string {
  const result = test.result();
  if (result.state === "pending") return "the run was interrupted";
  if (result.state === "skipped" && result.note !== undefined) return result.note;
  if (test.options.mode === "todo") return "to be written";
  for (const group of groupsOf(test)) {
    const reason = group.type === "suite" ? skipReason(group.name) : undefined;
    if (reason !== undefined) return reason;
    if (group.errors().length > 0) return "its set-up failed";
  }
  return "left out by name, or by .skip or .only in its file";
}

function title(test: TestCase): string {
  const names = groupsOf(test).flatMap((group) =>
    group.type === "suite" ? [withoutMark(group.name)] : [group.relativeModuleId],
  );
  return [...names.reverse(), test.name].join(" > ");
}

/** From the innermost suite to the file. */
function groupsOf(test: TestCase): readonly (TestSuite | TestModule)[] {
  const groups: (TestSuite | TestModule)[] = [test.parent];
  for (let group = groups[0]; group?.type === "suite"; group = group.parent)
    groups.push(group.parent);
  return groups;
}

import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { vitestRun } from "../support/vitest-run.ts";

/** Runs the fixtures whose name has the word in it, and returns the lines that are printed. */
function run(word: string, env: Record<string, string>) {
  const { PATH } = process.env;
  const { status, stdout } = spawnSync(process.execPath, [...vitestRun, word], {
    encoding: "utf8",
    env: { PATH, ...env },
  });
  return { status, lines: stdout.trimEnd().split("\n") };
}

describe("summary reporter", () => {
  it("ends with the three counts, after the skipped tests by reason", () => {
    const { status, lines } = run("fixture", {});
    expect(status).toBe(1);
    expect(lines.slice(lines.findIndex((line) => line.startsWith("Skipped")))).toEqual([
      "Skipped, its set-up failed",
      "  mixed.fixture.ts > without a floor > never starts",
      "",
      "Skipped, left out by name, or by .skip or .only in its file",
      "  mixed.fixture.ts > is left out",
      "",
      "Skipped, needs arping: npm run setup:peers",
      "  mixed.fixture.ts > far away > is skipped",
      "  mixed.fixture.ts > far away > inside > is skipped as well",
      "",
      "Skipped, needs gcc: npm run setup:peers",
      "  skipped.fixture.ts > alone > is skipped",
      "",
      "Skipped, needs the moon: wait for the night",
      "  mixed.fixture.ts > has a reason of its own",
      "",
      "Skipped, to be written",
      "  mixed.fixture.ts > is not there yet",
      "",
      "2 passed, 4 failed, 7 skipped",
    ]);
  });

  it("makes skipped tests a failure when it is told to", () => {
    const { status, lines } = run("skipped", { INGOT_NO_SKIPS: "1" });
    expect(status).toBe(1);
    expect(lines.slice(-2)).toEqual([
      "This run fails: tests were skipped, and INGOT_NO_SKIPS=1 forbids it.",
      "0 passed, 0 failed, 1 skipped",
    ]);
    expect(run("skipped", {})).toMatchObject({ status: 0 });
  });
});

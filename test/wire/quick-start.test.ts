import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { suite } from "../support/suite.ts";

const program = fileURLToPath(new URL("../../quickstart/dist/main.js", import.meta.url));
const run = promisify(execFile);

/** What `npm start -- --json` prints. */
interface Outcome {
  readonly ok: boolean;
  readonly tookMs: number;
  readonly address: string;
  readonly answeredBy: string;
  readonly response: string;
  readonly routed: {
    readonly address: string;
    readonly nextHops: readonly string[];
    readonly takenBy: readonly string[];
    readonly afterStop: readonly string[];
  };
  readonly cablePulled: Takeover;
  readonly powerLost: Takeover;
}

interface Takeover {
  readonly owner: string;
  readonly takenOverBy: string;
  readonly withoutAnswerMs: number;
}

function expectStory(outcome: Outcome): void {
  expect(outcome.ok).toBe(true);
  expect(outcome.address).toBe("10.77.0.64");
  expect(outcome.answeredBy).toMatch(/^n[123]$/);
  expect(outcome.response).toMatch(/^hello from the backend on n[123]$/);
  expect(outcome.routed).toEqual({
    address: "192.0.2.64",
    nextHops: ["10.77.0.11", "10.77.0.12", "10.77.0.13"],
    takenBy: ["n1", "n2", "n3"],
    afterStop: ["10.77.0.11", "10.77.0.12"],
  });
  const { cablePulled, powerLost } = outcome;
  expect(cablePulled.owner).toBe(outcome.answeredBy);
  // A node that returns takes nothing back, so the next one to lose its power is another.
  expect(powerLost.owner).toBe(cablePulled.takenOverBy);
  for (const { owner, takenOverBy, withoutAnswerMs } of [cablePulled, powerLost]) {
    expect(["n1", "n2", "n3"]).toContain(takenOverBy);
    expect(takenOverBy).not.toBe(owner);
    expect(withoutAnswerMs).toBeLessThan(1_000);
  }
  expect(outcome.tookMs).toBeLessThan(60_000);
}

suite("the quick start", ["netns"], () => {
  it("tells its story from the first address to a survived power failure", async () => {
    const { stdout } = await run(process.execPath, [program, "--json"], { timeout: 60_000 });
    expectStory(JSON.parse(stdout) as Outcome);
  }, 70_000);

  it("names an option that it does not know", async () => {
    await expect(run(process.execPath, [program, "--jsno"])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--jsno"),
    });
  });
});

suite("the quick start of an ordinary user", ["netns", "userns", "setpriv"], () => {
  it("runs in a user namespace of its own", async () => {
    const args = [
      "--reuid",
      "65534",
      "--regid",
      "65534",
      "--clear-groups",
      process.execPath,
      program,
    ];
    const { stdout } = await run("setpriv", [...args, "--json"], { timeout: 60_000, cwd: "/" });
    expectStory(JSON.parse(stdout) as Outcome);
  }, 70_000);
});

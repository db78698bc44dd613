import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Lab, until } from "@ingot/testkit";
import { afterEach, expect, it } from "vitest";
import { isRunning } from "../support/processes.ts";
import { suite } from "../support/suite.ts";
import { vitestRun } from "../support/vitest-run.ts";

const program = fileURLToPath(new URL("../support/lab-program.mjs", import.meta.url));
let owner: ChildProcess | undefined;

afterEach(() => owner?.kill("SIGKILL"));

suite("lab whose owner dies", ["netns"], () => {
  it.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("is taken down after %s", async (signal) => {
    const lab = await start([process.execPath, program]);
    expect(lab.pids.map(isRunning)).toEqual([true, true]);
    expect([lab.path, lab.directory].map(existsSync)).toEqual([true, true]);
    owner?.kill(signal);
    await gone(lab);
  });

  it("is taken down when the test runner is killed, whose worker would live on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lab-test-"));
    const report = join(folder, "report.json");
    try {
      owner = spawn(process.execPath, [...vitestRun, "endless"], {
        stdio: "ignore",
        env: { ...process.env, REPORT: report },
      });
      await until(() => existsSync(report), { timeoutMs: 20_000, what: "the endless test" });
      const lab = JSON.parse(readFileSync(report, "utf8")) as Report;
      expect(lab.pids.map(isRunning)).toEqual([true]);
      owner.kill("SIGKILL");
      await gone(lab);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

suite("lab that is kept", ["netns"], () => {
  it("outlives its owner until it is destroyed", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lab-test-"));
    const stateFile = join(folder, "state.json");
    try {
      const lab = await start([process.execPath, program, stateFile]);
      await until(() => owner?.exitCode === 0, { timeoutMs: 10_000, what: "its owner's end" });
      expect(lab.pids.map(isRunning)).toEqual([true, true]);
      expect(existsSync(lab.path)).toBe(true);
      await Lab.destroy(stateFile);
      expect(lab.pids.filter(isRunning)).toEqual([]);
      expect([lab.path, lab.directory, stateFile].filter(existsSync)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("must not have processes that write to its owner", async () => {
    const lab = await Lab.create();
    try {
      const host = await lab.namespace("host");
      host.spawn("sleep", ["300"]);
      await expect(lab.keep("/nonexistent")).rejects.toThrow(/no logFile: \[host\] sleep 300/);
    } finally {
      await lab.close();
    }
  });
});

suite("lab in a user namespace", ["userns", "setpriv"], () => {
  it("works without root, and is taken down with its owner", async () => {
    const lab = await start([...anyone(), "unshare", "-Urnm", process.execPath, program]);
    expect(lab.said).toMatch(/eth0@\S+ +UP .*192\.0\.2\.2\/24 2001:db8::2\/64/);
    expect(lab.path).toMatch(/^\/proc\/\d+\/ns\/net$/);
    expect(lab.pids.map(isRunning)).toEqual([true, true]);
    owner?.kill("SIGKILL");
    await gone(lab);
  });

  it("says what it needs where there is none", () => {
    const code = "import { Lab } from '@ingot/testkit'; await Lab.create()";
    const [command = "", ...args] = [...anyone(), process.execPath, "--input-type=module"];
    const cwd = fileURLToPath(new URL("..", import.meta.url));
    const attempt = () => execFileSync(command, [...args, "-e", code], { cwd, stdio: "pipe" });
    expect(attempt).toThrow(/the network lab needs root or a user namespace: unshare -Urnm /);
  });
});

interface Report {
  readonly path: string;
  readonly directory: string;
  readonly pids: readonly number[];
  readonly said: string;
}

/** Starts a program that runs a lab and returns what it reports. */
async function start([command = "", ...args]: readonly string[]): Promise<Report> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  owner = child;
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line);
  throw new Error(`${command} ${args.join(" ")} reported nothing`);
}

async function gone({ path, directory, pids }: Report): Promise<void> {
  const left = () => [...pids.filter(isRunning), ...[path, directory].filter(existsSync)];
  await until(() => left().length === 0, { timeoutMs: 10_000, what: "the lab to be taken down" });
}

/** Sheds root: whoever runs this has a plain user's rights. */
function anyone(): readonly string[] {
  if (process.geteuid?.() !== 0) return [];
  return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
}

import { spawn } from "node:child_process";
import { constants } from "node:os";
import { searchPath } from "../programs.ts";

/** How a program is run to its end. */
export interface RunOptions {
  /** What it reads; without it, its input is empty. */
  readonly input?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** When it is killed and the call fails; defaults to 30,000. */
  readonly timeoutMs?: number;
  /** Return the code of a program that failed instead of throwing. */
  readonly allowFailure?: boolean;
}

/** What a program that has ended left behind. */
export interface RunResult {
  /** As a shell gives it: 128 and the signal's number when it died of one. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end. The error of one that fails carries `title` and what it said.
 *
 * @throws {Error} when it cannot be started, runs out of time, or (unless allowed) fails.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
  title: string = [command, ...args].join(" "),
): Promise<RunResult> {
  const { input = "", timeoutMs = 30_000, allowFailure = false } = options;
  const child = spawn(command, args, { env: environment(options.env), stdio: "pipe" });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
    });
  }
  // It may end without having read its input.
  child.stdin.on("error", () => {});
  child.stdin.end(input);

  const said = () => `${title}: ${(output.stderr || output.stdout).trim()}`;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
    // What it started may hold its streams open for longer than anyone wants to wait.
    child.stdout.destroy();
    child.stderr.destroy();
  }, timeoutMs);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]);
      });
    });
    if (late) throw new Error(`not done after ${timeoutMs} ms: ${said()}`);
    if (code !== 0 && !allowFailure) throw new Error(`failed with code ${code}: ${said()}`);
    return { code, ...output };
  } finally {
    clearTimeout(timer);
  }
}

/** This process's environment, with the sbin folders on its path and `extra` on top. */
export function environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, PATH: searchPath(), ...extra };
}

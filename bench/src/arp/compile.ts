import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The programs in C, each the name of its source. */
export type CProgram =
  | "arp-flood"
  | "arp-generator"
  | "arp-responder"
  | "arp-watcher"
  | "failover-client"
  | "failover-pod"
  | "hello-flood"
  | "ndp-flood"
  | "ndp-generator"
  | "ndp-responder"
  | "neighbour-watcher";

/**
 * Compiles a program into the folder and returns its path.
 *
 * @throws {Error} with what the compiler said.
 */
export async function compile(program: CProgram, folder: string): Promise<string> {
  const path = join(folder, program);
  const args = [...FLAGS, "-o", path, join(SOURCES, `${program}.c`)];
  await promisify(execFile)(COMPILER, args, { timeout: LIMIT_MS });
  return path;
}

/** The compiler's name and version. */
export async function compilerVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(COMPILER, ["--version"], { timeout: LIMIT_MS });
  return stdout.split("\n")[0] ?? "";
}

const COMPILER = "gcc";
const FLAGS = ["-O2", "-Wall", "-Wextra"];
const LIMIT_MS = 60_000;
/** Not compiled with the rest, so they are beside the sources whichever form of this file runs. */
const SOURCES = fileURLToPath(new URL("../../src/c/", import.meta.url));

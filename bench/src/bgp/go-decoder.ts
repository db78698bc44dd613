import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findProgram } from "@ingot/testkit";

/**
 * Builds the program around GoBGP's parser into a folder, and returns its path.
 *
 * @throws {Error} when there is no Go, or with what it said.
 */
export async function buildGoDecoder(folder: string): Promise<string> {
  const go = findProgram("go");
  if (go === undefined) throw new Error("needs go: install it from Debian or go.dev");
  const path = join(folder, "decode");
  await promisify(execFile)(go, ["build", "-o", path, "."], { cwd: SOURCES, timeout: LIMIT_MS });
  return path;
}

/** The release of GoBGP that its parser is of. */
export function goBgpVersion(): string {
  const module = readFileSync(join(SOURCES, "go.mod"), "utf8");
  return /gobgp\/v3 v(\S+)/.exec(module)?.[1] ?? "of an unknown release";
}

/** Beside the sources, whichever form of this file runs. */
const SOURCES = fileURLToPath(new URL("../../go/", import.meta.url));
const LIMIT_MS = 300_000;

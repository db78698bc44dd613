import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { searchPath } from "../programs.ts";

/** One thing that has to be taken down; `reaper.mjs` says what the fields mean. */
export type ReaperEntry =
  | { readonly process: number; readonly startTime: string }
  | { readonly claim: string }
  | { readonly disclaim: string }
  | { readonly namespace: string; readonly inode: number; readonly name?: string }
  | { readonly directory: string };

/**
 * This end of the pipe to a lab's reaper. The reaper is a process of its own that takes down
 * everything it was told as soon as the pipe closes: by `sweep`, or because this process died.
 */
export class Reaper {
  readonly #child: ChildProcess;
  readonly #pipe: Writable;
  readonly #told: ReaperEntry[] = [];
  readonly #ended: Promise<string>;

  /** @throws {Error} when it cannot be started. */
  constructor() {
    this.#child = spawn(process.execPath, [PROGRAM], {
      stdio: ["pipe", "ignore", "pipe"],
      cwd: "/",
      detached: true,
      // Nothing else of this environment (coverage, conditions, …) is meant for it.
      env: { PATH: searchPath() },
    });
    const { stdin, stderr } = this.#child;
    if (stdin === null || stderr === null || this.#child.pid === undefined) {
      throw new Error(`cannot start the lab's reaper: ${process.execPath} ${PROGRAM}`);
    }
    this.#pipe = stdin;
    let complaints = "";
    stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints += text;
    });
    stdin.on("error", (error) => {
      complaints += `its pipe broke: ${error.message}\n`;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(error.message));
      this.#child.once("close", (code, signal) => {
        resolve(code === 0 ? "" : `${complaints.trim()} (${signal ?? `code ${code}`})`);
      });
    });
  }

  /** What it was told so far; telling it all to another reaper hands everything over. */
  get told(): readonly ReaperEntry[] {
    return this.#told;
  }

  tell(entry: ReaperEntry): void {
    this.#told.push(entry);
    this.#pipe.write(`${JSON.stringify(entry)}\n`);
  }

  /** Tells it a process that was started in this very turn, so that its pid cannot be another's. */
  tellProcess(pid: number): void {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    this.tell({ process: pid, startTime: fields[19] ?? "" });
  }

  /** Tells it a namespace that now exists. */
  tellNamespace(path: string, name?: string): void {
    const entry = { namespace: path, inode: statSync(path).ino };
    this.tell(name === undefined ? entry : { ...entry, name });
  }

  /**
   * Takes everything down and returns when that is done.
   *
   * @throws {Error} when something withstood, saying what.
   */
  async sweep(): Promise<void> {
    this.#pipe.end();
    const complaint = await this.#ended;
    if (complaint !== "") throw new Error(`the lab could not be taken down: ${complaint}`);
  }

  /** Dismisses it: everything stays as it is. */
  async dismiss(): Promise<void> {
    this.#pipe.end('{"keep":true}\n');
    const complaint = await this.#ended;
    if (complaint !== "") throw new Error(`the lab's reaper failed: ${complaint}`);
  }
}

/** Beside the sources: it is not compiled, and serves the compiled package as well. */
const PROGRAM = fileURLToPath(new URL("../../src/lab/reaper.mjs", import.meta.url));

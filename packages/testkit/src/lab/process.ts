import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import type { Readable } from "node:stream";
import { LineSplitter, LogFollower } from "./lines.ts";
import { environment } from "./run.ts";

/** How a process is started. */
export interface SpawnOptions {
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with each line it prints, without the line's end. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /**
   * Its output goes to the end of this file, both streams as one (every line counts as `stdout`),
   * and is read from there. Only then can it outlive this process, as {@link Lab.keep} wants.
   */
  readonly logFile?: string;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A process of the lab. It has a session of its own: an interrupt at the terminal goes to the
 * program that runs the lab, which stops the lab in its own order.
 */
export class LabProcess {
  readonly pid: number;
  /** The command line, for messages. */
  readonly title: string;
  /** Settles when it has ended and its last line was read; never rejects. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcess;
  readonly #onLine: SpawnOptions["onLine"];
  readonly #lines: string[] = [];
  readonly #waiting = new Set<(line: string) => void>();
  #follower: LogFollower | undefined;
  #running = true;

  /** @throws {Error} when it cannot be started. */
  constructor(command: string, args: readonly string[], options: SpawnOptions, title: string) {
    const { cwd, env, logFile } = options;
    this.title = title;
    this.#onLine = options.onLine;
    const log = logFile === undefined ? undefined : openSync(logFile, "a");
    // Looked at before the start: it may print at once.
    const logStart = log === undefined ? 0 : fstatSync(log).size;
    this.#child = spawn(command, args, {
      stdio: ["ignore", log ?? "pipe", log ?? "pipe"],
      env: environment(env),
      detached: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    if (log !== undefined) closeSync(log);
    this.exited = this.#watch();
    if (this.#child.pid === undefined) {
      throw new Error(`cannot start ${command}${cwd === undefined ? "" : ` in ${cwd}`}: ${title}`);
    }
    this.pid = this.#child.pid;
    if (logFile !== undefined) {
      this.#follower = new LogFollower(logFile, logStart, (line) => this.#receive(line, "stdout"));
    }
  }

  get running(): boolean {
    return this.#running;
  }

  /** What it printed, both streams in order of arrival; the last 1,000 lines. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /**
   * The first line that matches, among those kept and those to come.
   *
   * @throws {Error} with its last lines, when it ends or the time is over before that.
   */
  async waitForLine(pattern: RegExp, timeoutMs: number): Promise<string> {
    const kept = this.#lines.find((line) => line.search(pattern) >= 0);
    if (kept !== undefined) return kept;
    const { promise, resolve, reject } = deferred<string>();
    const fail = (what: string) => {
      const tail = this.#lines.slice(-20).join("\n");
      reject(new Error(`${this.title} ${what} before it printed ${pattern}; it said:\n${tail}`));
    };
    const look = (line: string) => {
      if (line.search(pattern) >= 0) resolve(line);
    };
    this.#waiting.add(look);
    const timer = setTimeout(() => fail(`ran for ${timeoutMs} ms`), timeoutMs);
    this.exited.then(({ code, signal }) => fail(`ended (${signal ?? `code ${code}`})`), fail);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** Sends a signal; does nothing once it has ended. */
  kill(signal: NodeJS.Signals): void {
    if (this.#running) this.#child.kill(signal);
  }

  /** Asks it to end, kills it after `graceMs` (default 2,000), and returns when it has ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM", graceMs = 2_000): Promise<void> {
    this.kill(signal);
    const timer = setTimeout(() => this.kill("SIGKILL"), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  /** @internal Whether it can outlive this process: nothing of it is piped here. */
  get selfContained(): boolean {
    return this.#child.stdout === null;
  }

  /** @internal Stops waiting for it and reading from it, so that this process can end. */
  release(): void {
    this.#child.unref();
    this.#follower?.close();
  }

  #watch(): Promise<Exit> {
    const { promise, resolve } = deferred<Exit>();
    const { stdout, stderr } = this.#child;
    if (stdout !== null) eachLine(stdout, (line) => this.#receive(line, "stdout"));
    if (stderr !== null) eachLine(stderr, (line) => this.#receive(line, "stderr"));
    // It could not be started at all: the constructor says so.
    this.#child.once("error", () => resolve({ code: null, signal: null }));
    this.#child.once("exit", (code, signal) => {
      this.#running = false;
      const done = () => {
        clearTimeout(timer);
        this.#follower?.close();
        resolve({ code, signal });
      };
      // Its streams close when their last holder is gone, and what it started may live on.
      const timer = setTimeout(done, LINGER_MS);
      this.#child.once("close", done);
    });
    return promise;
  }

  #receive(line: string, stream: "stdout" | "stderr"): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
    for (const look of this.#waiting) look(line);
    this.#onLine?.(line, stream);
  }
}

const LINES_KEPT = 1_000;
const LINGER_MS = 200;

function eachLine(stream: Readable, receive: (line: string) => void): void {
  const splitter = new LineSplitter(receive);
  stream.on("data", (bytes: Buffer) => splitter.push(bytes));
  stream.on("end", () => splitter.end());
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

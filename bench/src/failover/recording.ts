import type { LabNamespace, LabProcess } from "@ingot/testkit";

/** A program that watches until it is told to end, and says then what it saw. */
export class Recording {
  readonly #process: LabProcess;
  readonly #lines: readonly string[];

  private constructor(process: LabProcess, lines: readonly string[]) {
    this.#process = process;
    this.#lines = lines;
  }

  static start(netns: LabNamespace, commandLine: readonly string[]): Recording {
    const [command = "", ...args] = commandLine;
    const lines: string[] = [];
    const onLine = (line: string) => lines.push(line);
    return new Recording(netns.spawn(command, args, { onLine }), lines);
  }

  /** Waits until it says that it sees something. @throws {Error} when it does not in time. */
  async ready(timeoutMs: number): Promise<void> {
    await this.#process.waitForLine(/^ready$/, timeoutMs);
  }

  /** Ends it, and returns all it said. @throws {Error} when it failed. */
  async end(): Promise<string> {
    await this.#process.stop("SIGTERM", GRACE_MS);
    const { code, signal } = await this.#process.exited;
    const text = this.#lines.join("\n");
    if (code === 0) return text;
    const how = signal ?? `code ${code}`;
    throw new Error(`${this.#process.title} ended with ${how}: ${text.slice(-200)}`);
  }
}

const GRACE_MS = 10_000;

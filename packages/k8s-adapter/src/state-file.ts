import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { textOf } from "./error-text.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import type { Snapshot } from "./reconcile/world.ts";

/** What a {@link StateFile} works with. */
export interface StateFileOptions {
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  readonly wallClock: WallClock;
}

/** A world that was kept. */
export interface KeptState {
  /** When, in milliseconds since 1970. */
  readonly keptMs: number;
  readonly snapshot: Snapshot;
}

/**
 * The last good world on disk, so that a speaker can start while the API server is away. Written
 * at most once in two seconds, and whole: a crash leaves the old file or the new one.
 */
export class StateFile {
  readonly #options: StateFileOptions;
  readonly #path: string;
  #cancelWrite: (() => void) | undefined;
  #latest: (() => Snapshot) | undefined;
  #written = "";

  /** @throws {Error} when the directory cannot be made; the message names it. */
  constructor(options: StateFileOptions) {
    this.#options = options;
    this.#path = join(options.directory, "speaker-state.json");
    try {
      mkdirSync(options.directory, { recursive: true });
    } catch (error) {
      throw new Error(`--state-dir ${options.directory} cannot be used: ${textOf(error)}`);
    }
  }

  /** What was kept; undefined when there is nothing, or nothing that can be read. */
  read(): KeptState | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch {
      return undefined;
    }
    try {
      const { version, keptMs, snapshot } = JSON.parse(text) as KeptState & { version: number };
      if (version !== VERSION) throw new Error(`its version is ${version}, not ${VERSION}`);
      return { keptMs, snapshot };
    } catch (error) {
      this.#options.logger.warn(
        { file: this.#path, error: textOf(error) },
        "the kept state cannot be read and is ignored",
      );
      return undefined;
    }
  }

  /** Keeps what `snapshot` gives when it is written, some time after the call. */
  keep(snapshot: () => Snapshot): void {
    this.#latest = snapshot;
    this.#cancelWrite ??= this.#options.clock.setTimer(WRITE_AFTER_MS, () => this.flush());
  }

  /** Writes now what is still to be written. */
  flush(): void {
    this.#cancelWrite?.();
    this.#cancelWrite = undefined;
    if (this.#latest === undefined) return;
    const snapshot = JSON.stringify(this.#latest());
    this.#latest = undefined;
    if (snapshot === this.#written) return;
    const text = `{"version":${VERSION},"keptMs":${this.#options.wallClock()},"snapshot":${snapshot}}`;
    try {
      writeFileSync(`${this.#path}.new`, text, { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      this.#written = snapshot;
    } catch (error) {
      this.#options.logger.warn(
        { file: this.#path, error: textOf(error) },
        "the state could not be kept",
      );
    }
  }
}

const VERSION = 1;
const WRITE_AFTER_MS = 2_000;

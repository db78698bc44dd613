import { type FSWatcher, statSync, watch } from "node:fs";
import { basename } from "node:path";
import { textOf } from "../error-text.ts";
import type { Logger } from "../observe/log.ts";

/** Begins to watch a folder; what ends it. @throws {Error} when it cannot be watched. */
export type WatchFolder = (
  directory: string,
  /** A file came, went or changed; undefined: some file. */
  changed: (name: string | undefined) => void,
  /** It stopped working. */
  failed: (error: Error) => void,
) => () => void;

/** Watches by `fs.watch`. */
export const watchFolder: WatchFolder = (directory, changed, failed) => {
  const watcher: FSWatcher = watch(directory, (_, name) => changed(name ?? undefined));
  watcher.on("error", failed);
  return () => watcher.close();
};

/** What a {@link FolderWatch} works with. */
export interface FolderWatchOptions {
  readonly directory: string;
  readonly watch: WatchFolder;
  readonly logger: Logger;
  readonly changed: (name: string | undefined) => void;
}

/** The watch of one folder, which may not be there yet, or be replaced by another of its name. */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  #close: (() => void) | undefined;
  /** Which folder is watched; the name alone does not tell. */
  #watched = "";
  #failing = false;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  /** False while changes are only seen by looking. */
  get isWatching(): boolean {
    return this.#close !== undefined;
  }

  /** Sees to it that the folder of that name is watched, if it is there and can be. */
  ensure(): void {
    const { directory, watch, logger } = this.#options;
    const identity = identityOf(directory);
    if (this.#close !== undefined && identity === this.#watched) return;
    this.close();
    if (identity === "") return;
    try {
      this.#close = watch(
        directory,
        (name) => this.#changed(name),
        (error) => this.#failed(error),
      );
      this.#watched = identity;
      if (this.#failing) logger.info({ directory }, "folder is watched again");
      this.#failing = false;
    } catch (error) {
      this.#failed(error);
    }
  }

  close(): void {
    this.#close?.();
    this.#close = undefined;
  }

  #changed(name: string | undefined): void {
    // The folder itself was moved or removed: it is told under its own name.
    if (name === basename(this.#options.directory)) this.close();
    this.#options.changed(name);
  }

  #failed(error: unknown): void {
    this.close();
    if (this.#failing) return;
    this.#failing = true;
    const { directory, logger } = this.#options;
    logger.warn(
      { directory, error: textOf(error) },
      `${whyOf(error)}; looking at it every now and then instead`,
    );
  }
}

function identityOf(directory: string): string {
  try {
    const { dev, ino } = statSync(directory, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return "";
  }
}

function whyOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "ENOSPC" || code === "EMFILE"
    ? "folder cannot be watched: the limit on inotify watches is reached (sysctl fs.inotify)"
    : "folder cannot be watched";
}

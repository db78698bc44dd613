import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { textOf } from "../error-text.ts";

/** A file that changed. */
export type FileChange =
  | { readonly type: "text"; readonly name: string; readonly text: string }
  | { readonly type: "gone"; readonly name: string }
  | { readonly type: "unreadable"; readonly name: string; readonly reason: string };

/** What a look at a folder found. */
export interface Look {
  readonly changes: readonly FileChange[];
  /** When to look again at the files that have not settled; infinite when all have. */
  readonly settledInMs: number;
  /** Why the folder cannot be looked at; what is known of its files stays. */
  readonly unreachable: string | undefined;
}

/** How the files of a folder are looked at. */
export interface FolderFilesOptions {
  readonly directory: string;
  /** Which files count, by their name. */
  readonly isOfInterest: (name: string) => boolean;
  /**
   * How long the folder has to be quiet before its changes are believed: longer than an editor
   * leaves a file away or half written. 0 for files that are only ever replaced whole.
   */
  readonly settleMs: number;
}

/** Whether a file of this name can hold manifests; hidden ones are editors' and ours. */
export function isManifestName(name: string): boolean {
  return /^[^.].*\.(yaml|yml|json)$/.test(name);
}

/**
 * The files of one folder as they were when last believed; reads only what changed since. What
 * changes together is believed together, so that a copy of several files is never seen half done.
 */
export class FolderFiles {
  readonly #options: FolderFilesOptions;
  /** What each file looked like when it was read. */
  readonly #read = new Map<string, string>();
  /** What those that changed look like, and since when. */
  readonly #unsettled = new Map<string, { readonly seen: string; readonly since: number }>();
  #waitingSince = 0;
  #looked = false;

  constructor(options: FolderFilesOptions) {
    this.#options = options;
  }

  /** Looks at some files, or at all. What the very first look finds is believed at once. */
  look(now: number, only?: readonly string[]): Look {
    const trusting = !this.#looked;
    this.#looked = true;
    const { directory, isOfInterest } = this.#options;
    try {
      // When the folder is not there, its files have not gone one by one.
      if (only !== undefined) statSync(directory);
      const names = only ?? [...readdirSync(directory), ...this.#read.keys()];
      for (const name of new Set([...names, ...this.#unsettled.keys()])) {
        if (isOfInterest(name)) this.#notice(name, now);
      }
    } catch (error) {
      const unreachable = reasonOf(directory, error);
      return { changes: [], settledInMs: Number.POSITIVE_INFINITY, unreachable };
    }
    const { settleMs } = this.#options;
    const changes: FileChange[] = [];
    if (trusting || now >= this.#settledAt()) {
      for (const [name, { seen, since }] of [...this.#unsettled].sort(byName)) {
        // After a long wait there may be one that never comes to rest; it is not for the others to wait.
        if (trusting || now >= since + settleMs) changes.push(this.#believe(name, seen));
      }
      this.#waitingSince = now;
    }
    return { changes, settledInMs: Math.max(0, this.#settledAt() - now), unreachable: undefined };
  }

  #notice(name: string, now: number): void {
    const seen = appearance(join(this.#options.directory, name));
    if (seen === (this.#read.get(name) ?? GONE)) {
      this.#unsettled.delete(name);
      return;
    }
    if (this.#unsettled.size === 0) this.#waitingSince = now;
    if (this.#unsettled.get(name)?.seen !== seen) this.#unsettled.set(name, { seen, since: now });
  }

  /** When the changes can be believed; infinite when there are none. */
  #settledAt(): number {
    if (this.#unsettled.size === 0) return Number.POSITIVE_INFINITY;
    const { settleMs } = this.#options;
    let quietSince = Number.NEGATIVE_INFINITY;
    for (const { since } of this.#unsettled.values()) quietSince = Math.max(quietSince, since);
    return Math.min(quietSince + settleMs, this.#waitingSince + LONGEST_WAIT * settleMs);
  }

  #believe(name: string, seen: string): FileChange {
    this.#unsettled.delete(name);
    if (seen === GONE) {
      this.#read.delete(name);
      return { type: "gone", name };
    }
    this.#read.set(name, seen);
    try {
      return {
        type: "text",
        name,
        text: readFileSync(join(this.#options.directory, name), "utf8"),
      };
    } catch (error) {
      return { type: "unreadable", name, reason: textOf(error) };
    }
  }
}

/** In times the wait for quiet. */
const LONGEST_WAIT = 20;
const GONE = "gone";

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Differs when the file's content can differ. Never throws. */
function appearance(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch {
    return GONE;
  }
}

function reasonOf(directory: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT") return `folder ${directory} does not exist`;
  if (code === "ENOTDIR") return `${directory} is not a folder`;
  if (code === "EACCES") return `folder ${directory} must not be read by this user`;
  return `folder ${directory} cannot be read: ${textOf(error)}`;
}

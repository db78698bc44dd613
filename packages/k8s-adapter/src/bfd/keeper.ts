import type { BfdSession, BfdSessionOptions, DownReason } from "@ingot/bfd";
import type { Clock } from "../clock.ts";
import { textOf } from "../error-text.ts";
import {
  type PathChange,
  type PathCounters,
  type PathState,
  pathKey,
  sessionOptions,
  type WatchedPath,
} from "./path.ts";

/** What a {@link BfdKeeper} works with. */
export interface BfdKeeperOptions {
  /** Opens a session; throws when that cannot be. */
  readonly open: (options: BfdSessionOptions) => BfdSession;
  readonly clock: Clock;
  /** A path has come to another state. */
  readonly changed: (change: PathChange) => void;
  /** There is no session for now; told again when the reason is another. */
  readonly failed: (fields: object, message: string) => void;
}

/**
 * Keeps a BFD session for each path that is to be watched; belongs to the dataplane worker. Sessions
 * of paths that stay as they were are left alone, and new intervals are agreed on without a flap.
 */
export class BfdKeeper {
  readonly #options: BfdKeeperOptions;
  readonly #kept = new Map<string, KeptPath>();
  #cancelRetry: () => void = () => {};

  constructor(options: BfdKeeperOptions) {
    this.#options = options;
  }

  /** Replaces what is watched. */
  setPaths(paths: readonly WatchedPath[]): void {
    const wanted = new Map(paths.map((path) => [pathKey(path), path]));
    // All that has to go goes first: new sessions may need what the old ones hold.
    for (const [key, kept] of this.#kept) {
      const path = wanted.get(key);
      if (path === undefined) this.#drop(key, kept);
      else if (needsAnother(kept.path, path)) this.#end(key, kept, "configuration changed");
    }
    for (const [key, path] of wanted) {
      const kept = this.#kept.get(key);
      if (kept === undefined) {
        this.#kept.set(key, { path, session: undefined, trouble: "" });
        continue;
      }
      if (JSON.stringify(kept.path) !== JSON.stringify(path)) kept.session?.configure(path.timing);
      kept.path = path;
    }
    this.#openMissing();
  }

  /** What the sessions that there are have counted. */
  counters(): readonly PathCounters[] {
    return Array.from(this.#kept).flatMap(([key, { session }]) => {
      if (session === undefined) return [];
      const { controlReceived, controlSent, echoReceived, echoSent } = session.counters;
      const { ups, downs } = session.counters;
      return [{ key, controlReceived, controlSent, echoReceived, echoSent, ups, downs }];
    });
  }

  /** Takes leave of every neighbour: this is no failure. */
  close(): void {
    this.setPaths([]);
  }

  /** Tries each second, as what is in the way may go: an address that is not there yet, a clash. */
  #openMissing(): void {
    this.#cancelRetry();
    let isComplete = true;
    for (const [key, kept] of this.#kept) {
      if (kept.session === undefined) this.#open(key, kept);
      isComplete &&= kept.session !== undefined;
    }
    if (isComplete) return;
    this.#cancelRetry = this.#options.clock.setTimer(RETRY_MS, () => this.#openMissing());
  }

  #open(key: string, kept: KeptPath): void {
    try {
      const session = this.#options.open(sessionOptions(kept.path));
      session.on("up", () => this.#tell(key, "up", ""));
      session.on("down", ({ reason, isFailure }) => {
        this.#tell(key, isFailure ? "failed" : "off", REASONS[reason]);
      });
      kept.session = session;
      kept.trouble = "";
    } catch (error) {
      const trouble = textOf(error);
      if (trouble === kept.trouble) return;
      kept.trouble = trouble;
      const { localAddress, remoteAddress } = kept.path;
      const fields = { peer: remoteAddress, localAddress, error: trouble };
      this.#options.failed(fields, "no BFD session yet, will try again");
    }
  }

  #drop(key: string, kept: KeptPath): void {
    this.#kept.delete(key);
    kept.session?.close();
  }

  #end(key: string, kept: KeptPath, reason: string): void {
    if (kept.session === undefined) return;
    const wasUp = kept.session.state === "up";
    kept.session.close();
    kept.session = undefined;
    if (wasUp) this.#tell(key, "off", reason);
  }

  #tell(key: string, state: PathState, reason: string): void {
    this.#options.changed({ key, state, reason });
  }
}

interface KeptPath {
  path: WatchedPath;
  session: BfdSession | undefined;
  /** Why there is no session. */
  trouble: string;
}

/** Whether more has changed than a running session can take. */
function needsAnother({ timing: a }: WatchedPath, { timing: b }: WatchedPath): boolean {
  return (
    a.passive !== b.passive ||
    a.echo !== b.echo ||
    a.echoIntervalMs !== b.echoIntervalMs ||
    a.minTtl !== b.minTtl
  );
}

const RETRY_MS = 1_000;

const REASONS: Readonly<Record<DownReason, string>> = {
  detectionTimeExpired: "nothing heard for the detection time",
  echoFailed: "echo packets do not come back",
  neighborDown: "the peer does not hear us",
  neighborAdminDown: "the peer has switched it off",
  adminDown: "switched off here",
};

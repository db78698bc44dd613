import type { Clock } from "../clock.ts";
import type { BfdTiming } from "../domain.ts";
import type { Logger } from "../observe/log.ts";
import {
  type BfdPath,
  type PathChange,
  type PathCounters,
  type PathState,
  pathKey,
  type WatchedPath,
} from "./path.ts";

/** Somebody's interest in a path, until it is stopped. */
export interface PathWatch {
  /** Watches on with other intervals. */
  setTiming(timing: BfdTiming): void;
  stop(): void;
}

/** A path as it is measured. */
export interface MeasuredPath {
  /** Differs for different paths. */
  readonly key: string;
  /** Address of the peer. */
  readonly peer: string;
  readonly isUp: boolean;
  /** Undefined until something was counted. */
  readonly counters: PathCounters | undefined;
}

/** What {@link BfdWatches} works with. */
export interface BfdWatchesOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Hands all paths to the dataplane. */
  readonly hand: (paths: readonly WatchedPath[]) => void;
}

/** Called when a path has come to another state. */
export type PathListener = (state: PathState, reason: string) => void;

/**
 * The main thread's end of BFD: knows who wants which path to be watched, has the dataplane do it, and
 * passes on what it finds. One path is watched once, whoever asks for it: the first to ask settles how.
 */
export class BfdWatches {
  readonly #options: BfdWatchesOptions;
  readonly #paths = new Map<string, Watched>();
  #isHandingSoon = false;

  constructor(options: BfdWatchesOptions) {
    this.#options = options;
  }

  /** Watches a path; tells at once if it is up already. */
  watch(path: BfdPath, timing: BfdTiming, listener: PathListener): PathWatch {
    const key = pathKey(path);
    const watched = this.#paths.get(key) ?? { path, interests: [], state: "off" };
    this.#paths.set(key, watched);
    const interest: Interest = { timing, listener };
    watched.interests.push(interest);
    this.#warnOfClash(watched, interest);
    this.#handSoon();
    if (watched.state === "up") listener("up", "");
    return {
      setTiming: (other) => {
        interest.timing = other;
        this.#warnOfClash(watched, interest);
        this.#handSoon();
      },
      stop: () => {
        watched.interests = watched.interests.filter((one) => one !== interest);
        // Somebody may want it again in the same breath, which the dataplane never hears of.
        this.#handSoon();
      },
    };
  }

  /** Takes in what the dataplane has found. */
  report({ key, state, reason }: PathChange): void {
    const watched = this.#paths.get(key);
    if (watched !== undefined) this.#become(watched, state, reason);
  }

  /** Takes in what the dataplane has counted. */
  count(counters: readonly PathCounters[]): void {
    for (const counted of counters) {
      const watched = this.#paths.get(counted.key);
      if (watched !== undefined) watched.counters = counted;
    }
  }

  /** Nobody watches any more, for now: what was up is not known to have failed. */
  lost(): void {
    for (const watched of this.#paths.values()) {
      this.#become(watched, "off", "the dataplane worker has ended");
    }
  }

  measure(): readonly MeasuredPath[] {
    return Array.from(this.#paths, ([key, { path, state, counters }]) => ({
      key,
      peer: path.remoteAddress,
      isUp: state === "up",
      counters,
    }));
  }

  /** Hands over what there is without waiting for more. */
  flush(): void {
    this.#isHandingSoon = false;
    for (const [key, { interests }] of this.#paths) {
      if (interests.length === 0) this.#paths.delete(key);
    }
    const paths = Array.from(this.#paths.values(), ({ path, interests: [first] }) =>
      first === undefined ? [] : [{ ...path, timing: first.timing }],
    );
    this.#options.hand(paths.flat());
  }

  #become(watched: Watched, state: PathState, reason: string): void {
    if (watched.state === state) return;
    watched.state = state;
    for (const { listener } of watched.interests) listener(state, reason);
  }

  #handSoon(): void {
    if (this.#isHandingSoon) return;
    this.#isHandingSoon = true;
    this.#options.clock.setTimer(0, () => {
      if (this.#isHandingSoon) this.flush();
    });
  }

  #warnOfClash({ path, interests: [first] }: Watched, { timing }: Interest): void {
    if (first === undefined || JSON.stringify(first.timing) === JSON.stringify(timing)) return;
    this.#options.logger.warn(
      { ...path, inForce: first.timing, ignored: timing },
      "two BGPPeers at one address differ in their BFDProfiles; that of the first is in force",
    );
  }
}

interface Interest {
  timing: BfdTiming;
  readonly listener: PathListener;
}

interface Watched {
  readonly path: BfdPath;
  /** Those who want it, the first first. */
  interests: Interest[];
  state: PathState;
  counters?: PathCounters;
}

import type { Key } from "../domain.ts";
import type { Holds } from "./holds.ts";

/**
 * Addresses that another host claims as well, as the speakers report, and that are therefore given to
 * nobody anew. Only who answers for an address notices such a host, so that one which is reported no
 * longer is kept for a while yet. Holds no timer: tick it at its deadline. It is not stored.
 */
export class Quarantine {
  readonly #holds: Holds;
  /** Whether an address is of a pool that wants this. */
  readonly #isGuarded: (address: string) => boolean;
  readonly #reports = new Map<Key, readonly string[]>();
  /** Until when each is kept that was reported: for ever while it is. */
  readonly #until = new Map<string, number>();
  readonly #kept = new Set<string>();
  #deadline = Number.POSITIVE_INFINITY;

  constructor(holds: Holds, isGuarded: (address: string) => boolean) {
    this.#holds = holds;
    this.#isGuarded = isGuarded;
  }

  /** When to tick next; infinite while nothing ends. It may come early, never late. */
  get deadline(): number {
    return this.#deadline;
  }

  /** What a speaker reports from now on. Returns what is kept no longer. */
  report(speaker: Key, addresses: readonly string[], now: number): readonly string[] {
    const before = this.#reports.get(speaker) ?? [];
    if (before.join() === addresses.join()) return [];
    if (addresses.length > 0) this.#reports.set(speaker, addresses);
    else this.#reports.delete(speaker);
    const reported = new Set([...this.#reports.values()].flat());
    for (const address of reported) this.#until.set(address, Number.POSITIVE_INFINITY);
    for (const address of before) {
      if (!reported.has(address)) this.#until.set(address, now + AFTERWARDS_MS);
    }
    return this.tick(now);
  }

  /** Its time is over, or the pools have changed. Returns what is kept no longer. */
  tick(now: number): readonly string[] {
    const dropped: string[] = [];
    this.#deadline = Number.POSITIVE_INFINITY;
    for (const [address, until] of this.#until) {
      const isOver = until <= now;
      if (isOver) this.#until.delete(address);
      else this.#deadline = Math.min(this.#deadline, until);
      if (!isOver && this.#isGuarded(address)) {
        this.#kept.add(address);
        this.#holds.put(address, "in conflict", STRANGER);
      } else if (this.#kept.delete(address)) {
        if (this.#holds.drop(address, "in conflict", STRANGER)) dropped.push(address);
      }
    }
    return dropped;
  }
}

/** No Service has a blank in its name. */
const STRANGER = "another host";
/** Longer than it takes an operator to look, and a Service to be made anew. */
const AFTERWARDS_MS = 600_000;

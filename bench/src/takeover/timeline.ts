import { quantile } from "../statistics.ts";

/** A frame that the watcher saw. */
export interface Sighting {
  /** On the machine's monotonic clock. */
  readonly atMs: number;
  /** Of the address, from 0 on. */
  readonly number: number;
  /** A gratuitous request or reply, or the first answer to what the watcher asked. */
  readonly what: "request" | "reply" | "answer";
}

/** When something happened to each address for the first time, from the start on. */
export interface Milestone {
  /** How many it happened to. */
  readonly addresses: number;
  readonly firstMs: number;
  readonly medianMs: number;
  readonly lastMs: number;
}

/** How many gratuitous packets there were, and how densely. */
export interface Density {
  readonly frames: number;
  /** From the first to the last. */
  readonly seconds: number;
  /** In the fullest of all windows of 100 ms, times ten. */
  readonly most100MsPerSecond: number;
  /** In the fullest of all windows of a second. */
  readonly mostPerSecond: number;
}

/** Reads what the watcher prints. @throws {Error} on a line that is no sighting. */
export function parseSightings(text: string): readonly Sighting[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [, ns, number, what] = /^(\d+) (\d+) (request|reply|answer)$/.exec(line) ?? [];
    if (what === undefined) throw new Error(`not a sighting: ${line}`);
    return { atMs: Number(ns) / 1e6, number: Number(number), what: what as Sighting["what"] };
  });
}

/**
 * When each address was first seen in a sighting of one of these kinds.
 *
 * @throws {RangeError} when none was.
 */
export function milestone(
  sightings: readonly Sighting[],
  kinds: readonly Sighting["what"][],
  startMs: number,
): Milestone {
  const firsts = new Map<number, number>();
  for (const { atMs, number, what } of sightings) {
    if (kinds.includes(what) && !firsts.has(number)) firsts.set(number, atMs - startMs);
  }
  const times = [...firsts.values()];
  return {
    addresses: firsts.size,
    firstMs: Math.min(...times),
    medianMs: quantile(times, 0.5),
    lastMs: quantile(times, 1),
  };
}

/** How densely these frames followed each other; they are in the order of time. */
export function density(timesMs: readonly number[]): Density {
  return {
    frames: timesMs.length,
    seconds: ((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)) / 1_000,
    most100MsPerSecond: 10 * fullestWindow(timesMs, 100),
    mostPerSecond: fullestWindow(timesMs, 1_000),
  };
}

/** How many at most are less than `windowMs` apart. */
function fullestWindow(timesMs: readonly number[], windowMs: number): number {
  let oldest = 0;
  let most = 0;
  for (const [i, time] of timesMs.entries()) {
    while (time - (timesMs[oldest] ?? time) >= windowMs) oldest += 1;
    most = Math.max(most, i - oldest + 1);
  }
  return most;
}

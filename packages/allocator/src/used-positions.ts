import { OrderedMap } from "./ordered-map.ts";

/**
 * A set of positions that knows the lowest one it lacks.
 *
 * It keeps runs, not members: a pool filled from its start is a single run, and an IPv6 prefix
 * costs what is used of it. Every operation is O(log r) for r runs.
 */
export class UsedPositions {
  /** From the start of each run. Two runs never touch. */
  readonly #runs = new OrderedMap<Run>();

  get lowestFree(): bigint {
    const first = this.#runs.first;
    return first?.key === 0n ? first.value.end : 0n;
  }

  /** Does nothing when it is there. */
  add(position: bigint): void {
    const near = this.#runs.floor(position + 1n);
    const after = near?.key === position + 1n ? near : undefined;
    const before = after === undefined ? near : this.#runs.floor(position);
    if (before !== undefined && position < before.value.end) return;
    const end = after?.value.end ?? position + 1n;
    if (after !== undefined) this.#runs.delete(after.key);
    if (before?.value.end === position) before.value.end = end;
    else this.#runs.set(position, { end });
  }

  /** Does nothing when it is not there. */
  delete(position: bigint): void {
    const run = this.#runs.floor(position);
    if (run === undefined || position >= run.value.end) return;
    const { end } = run.value;
    if (run.key === position) this.#runs.delete(position);
    else run.value.end = position;
    if (position + 1n < end) this.#runs.set(position + 1n, { end });
  }
}

/** The positions from its key up to `end`, which is not in it. */
interface Run {
  end: bigint;
}

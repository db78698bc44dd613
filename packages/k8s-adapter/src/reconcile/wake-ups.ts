import { familyOf } from "../address.ts";
import type { Family, Key } from "../domain.ts";
import type { Assignments } from "./assignments.ts";
import { Turns } from "./turns.ts";
import { addressTopic, poolTopic, quotaTopic, Waiting } from "./waiting.ts";

/** What {@link WakeUps} work with. */
export interface WakeUpsOptions {
  readonly assignments: Assignments;
  /** Has a Service decided anew. */
  readonly add: (key: Key) => void;
}

/** Has those decided anew that what came free may help, and nobody else. */
export class WakeUps {
  readonly #options: WakeUpsOptions;
  readonly #waiting = new Waiting();
  readonly #turns: Turns;

  constructor(options: WakeUpsOptions) {
    this.#options = options;
    this.#turns = new Turns(this.#waiting, (pool, family) => this.#isLeft(pool, family));
  }

  /** What would help a Service; nothing when it does not wait. */
  set(key: Key, topics: readonly string[]): void {
    this.#waiting.set(key, topics);
  }

  /** An address came free, or can be shared on other terms now. Answers its pool. */
  freed(address: string): string | undefined {
    const { assignments, add } = this.#options;
    for (const key of this.#waiting.waitersOf([addressTopic(address)])) add(key);
    const pool = assignments.poolOf(address);
    if (pool === undefined) return undefined;
    // Who could share it is not known; of those that could have a free one the first is enough.
    const shared = assignments.isHeld(address);
    const first = shared ? undefined : this.#turns.begin(pool, familyOf(address));
    const keys = shared ? this.#waiting.waitersOf([poolTopic(pool)]) : [first];
    for (const key of keys) if (key !== undefined) add(key);
    return pool;
  }

  /** A namespace may have more addresses than before. */
  roomIn(namespace: string): void {
    for (const key of this.#waiting.waitersOf([quotaTopic(namespace)])) this.#options.add(key);
  }

  /** A Service has been decided; the next one may try. */
  tried(key: Key): void {
    for (const next of this.#turns.tried(key)) this.#options.add(next);
  }

  #isLeft(pool: string, family: Family): boolean {
    const stats = this.#options.assignments.stats(pool);
    if (stats === undefined) return false;
    return (family === 4 ? stats.availableIPv4 : stats.availableIPv6) > 0n;
  }
}

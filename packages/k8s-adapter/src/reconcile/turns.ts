import type { Family, Key } from "../domain.ts";
import { poolTopic, type Waiting } from "./waiting.ts";

/**
 * Whose turn it is to try for what came free of a pool: those that wait try one after another, longest
 * waiting first, and only while something is left. So one address costs one try, however many wait.
 */
export class Turns {
  readonly #waiting: Waiting;
  readonly #isLeft: (pool: string, family: Family) => boolean;
  readonly #turns = new Map<string, Turn>();

  /** @param isLeft Whether a pool has a free address of a family. */
  constructor(waiting: Waiting, isLeft: (pool: string, family: Family) => boolean) {
    this.#waiting = waiting;
    this.#isLeft = isLeft;
  }

  /** An address came free: who tries first; undefined when nobody waits. */
  begin(pool: string, family: Family): Key | undefined {
    const rest = this.#waiting.inOrder(poolTopic(pool));
    const turn: Turn = { pool, family, key: "", rest };
    this.#turns.set(`${family} ${pool}`, turn);
    return this.#pass(turn);
  }

  /** Somebody has tried: who tries next. */
  tried(key: Key): readonly Key[] {
    const next: Key[] = [];
    for (const turn of this.#turns.values()) {
      const other = turn.key === key ? this.#pass(turn) : undefined;
      if (other !== undefined) next.push(other);
    }
    return next;
  }

  #pass(turn: Turn): Key | undefined {
    const { value } = this.#isLeft(turn.pool, turn.family) ? turn.rest.next() : NOBODY;
    if (value === undefined) this.#turns.delete(`${turn.family} ${turn.pool}`);
    else turn.key = value;
    return value;
  }
}

const NOBODY = { value: undefined };

interface Turn {
  readonly pool: string;
  readonly family: Family;
  /** Who is trying. */
  key: Key;
  readonly rest: Iterator<Key, undefined>;
}

/**
 * How fast tables are written that come with no address: so many a second, since each is told to
 * every watcher of the cluster; and of those that make an address move so many at a time, each until
 * the new node is seen to answer, or for a while.
 *
 *   asks            | the rate allows it   | it does not
 *   a table         | goes                 | waits its turn
 *   a move          | goes if a slot is free, and takes it | waits its turn
 *
 * Holds no timer: ask it at its deadline, and ask for each key again that it gives.
 */
export class WritePace {
  readonly #limits: PaceLimits;
  /** Each with the moment in which it is no longer waited for. */
  readonly #moving = new Map<string, number>();
  readonly #waiting = new Set<string>();
  readonly #waitingMoves = new Set<string>();
  #tokens: number;
  #since = 0;

  constructor(limits: PaceLimits) {
    this.#limits = limits;
    this.#tokens = limits.burst;
  }

  get deadline(): number {
    const { perSecond } = this.#limits;
    const token = this.#since + Math.ceil(((1 - this.#tokens) * 1_000) / perSecond);
    if (this.#waiting.size > 0) return token;
    if (this.#waitingMoves.size === 0) return Number.POSITIVE_INFINITY;
    return this.#moving.size < this.#limits.moves ? token : Math.min(...this.#moving.values());
  }

  /** Whether it may be written now. If not, it comes in its turn. */
  ask(key: string, isMove: boolean, now: number): boolean {
    this.#refill(now);
    const isMoving = this.#moving.has(key);
    if (this.#tokens < 1 || (isMove && !isMoving && this.#moving.size >= this.#limits.moves)) {
      (isMove ? this.#waitingMoves : this.#waiting).add(key);
      return false;
    }
    this.#waiting.delete(key);
    this.#waitingMoves.delete(key);
    this.#tokens -= 1;
    if (isMove) this.#moving.set(key, now + this.#limits.proofMs);
    return true;
  }

  /** It has moved, or is no more. */
  done(key: string): void {
    this.#moving.delete(key);
    this.#waiting.delete(key);
    this.#waitingMoves.delete(key);
  }

  /** Those whose turn it is. */
  take(now: number): readonly string[] {
    this.#refill(now);
    for (const [key, until] of this.#moving) if (until <= now) this.#moving.delete(key);
    const free = Math.floor(this.#tokens);
    const slots = this.#limits.moves - this.#moving.size;
    const keys = [...first(this.#waitingMoves, Math.min(free, slots))];
    keys.push(...first(this.#waiting, free - keys.length));
    for (const key of keys) {
      this.#waiting.delete(key);
      this.#waitingMoves.delete(key);
    }
    return keys;
  }

  #refill(now: number): void {
    const { perSecond, burst } = this.#limits;
    const earned = ((now - this.#since) * perSecond) / 1_000;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, earned));
    this.#since = now;
  }
}

/** The limits of a {@link WritePace}. */
export interface PaceLimits {
  readonly perSecond: number;
  /** How many may be written at once after a quiet time. */
  readonly burst: number;
  /** How many may be on the move at a time. */
  readonly moves: number;
  /** How long a move is waited for. */
  readonly proofMs: number;
}

function first(keys: ReadonlySet<string>, count: number): readonly string[] {
  const some: string[] = [];
  for (const key of keys) {
    if (some.length >= count) break;
    some.push(key);
  }
  return some;
}

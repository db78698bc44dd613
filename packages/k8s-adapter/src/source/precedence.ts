/**
 * Lets what matters less wait while much of what matters more is under way: a server that is busy does one
 * thing at the cost of the other.
 */
export class Precedence {
  readonly #most: number;
  readonly #yielding: (() => void)[] = [];
  #underWay = 0;

  /** @param most So many of what matters more hold up nothing. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Does what matters more; answers and throws as it does. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await work();
    } finally {
      this.#underWay -= 1;
      if (this.#underWay <= this.#most) for (const go of this.#yielding.splice(0)) go();
    }
  }

  /** Resolves when little of what matters more is under way. */
  turn(): Promise<void> {
    if (this.#underWay <= this.#most) return Promise.resolve();
    return new Promise((resolve) => this.#yielding.push(resolve));
  }
}

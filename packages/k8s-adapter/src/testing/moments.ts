/** Lets a test wait for a condition that is looked at whenever something happened, and at no other time. */
export class Moments {
  readonly #waiting = new Set<() => void>();

  /** Something happened. */
  happened(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves when the condition holds, which may be at once. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

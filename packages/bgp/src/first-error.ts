/**
 * Lets work go on though a listener throws: what the first one threw is thrown again once all is done.
 */
export class FirstError {
  #thrown: { readonly error: unknown } | undefined;

  /** Does something that may throw. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#thrown ??= { error };
    }
  }

  /** Throws what was thrown since the last time, if anything was. */
  raise(): void {
    const thrown = this.#thrown;
    this.#thrown = undefined;
    if (thrown !== undefined) throw thrown.error;
  }
}

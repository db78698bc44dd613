/**
 * What has been told of one kind: of each object its key and version, and nothing else. It turns
 * lists and events into the differences to what was told.
 */
export class Ledger {
  readonly #versions = new Map<string, string>();
  /** During a list: what was told before and has not been met in it yet. */
  #unmet: Set<string> | undefined;

  /** A whole list follows; an unfinished one before it is forgotten, and takes nothing back. */
  beginList(): void {
    this.#unmet = new Set(this.#versions.keys());
  }

  /** Whether this version of the object is news; met it is either way. */
  isNews(key: string, version: string): boolean {
    this.#unmet?.delete(key);
    return this.#versions.get(key) !== version;
  }

  /** The object is told in this version. */
  tell(key: string, version: string): void {
    this.#versions.set(key, version);
  }

  /** Answers whether there was something to take back. */
  takeBack(key: string): boolean {
    this.#unmet?.delete(key);
    return this.#versions.delete(key);
  }

  /** The list was whole: takes back, and answers, what was not in it. */
  endList(): readonly string[] {
    const vanished = [...(this.#unmet ?? [])];
    for (const key of vanished) this.#versions.delete(key);
    this.#unmet = undefined;
    return vanished;
  }
}

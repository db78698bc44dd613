import type { Clock } from "../clock.ts";
import type { FoundStatus } from "../config/service-status.ts";
import type { Key } from "../domain.ts";

/**
 * The objects of this node as they are believed to be: as the watch told them, or as the answer to
 * an own write has it that is so young that the watch may be behind it.
 */
export class BelievedStatuses {
  readonly #clock: Clock;
  readonly #doubt: (service: Key) => void;
  readonly #seen = new Map<string, FoundStatus>();
  readonly #written = new Map<string, OwnWrite>();
  readonly #names = new Map<Key, Set<string>>();

  /** @param doubt Told of a Service when what is believed of it changed by more than a write. */
  constructor(clock: Clock, doubt: (service: Key) => void) {
    this.#clock = clock;
    this.#doubt = doubt;
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  /** Services that there is, or was a moment ago, an object about. */
  get services(): Iterable<Key> {
    return [...this.#names.keys()];
  }

  of(service: Key): readonly FoundStatus[] {
    return [...(this.#names.get(service) ?? [])].flatMap((name) => {
      const write = this.#written.get(name);
      const found = write === undefined ? this.#seen.get(name) : write.found;
      return found === undefined ? [] : [found];
    });
  }

  /** The watch told an object; undefined: it is gone. */
  see(name: string, found: FoundStatus | undefined): void {
    const service = (found ?? this.#seen.get(name))?.service;
    if (found === undefined) this.#seen.delete(name);
    else this.#seen.set(name, found);
    if (service === undefined) return;
    this.#index(name, service);
    if (!this.#written.has(name)) this.#doubt(service);
  }

  /** An object was written; undefined: removed. */
  wrote(name: string, service: Key, found: FoundStatus | undefined): void {
    this.#written.get(name)?.cancel();
    const cancel = this.#clock.setTimer(TRUST_MS, () => {
      this.#written.delete(name);
      this.#index(name, service);
      this.#doubt(service);
    });
    this.#written.set(name, { found, cancel });
    this.#index(name, service);
  }

  close(): void {
    for (const { cancel } of this.#written.values()) cancel();
  }

  #index(name: string, service: Key): void {
    const names = this.#names.get(service) ?? new Set();
    if (this.#written.has(name) || this.#seen.has(name)) names.add(name);
    else names.delete(name);
    if (names.size === 0) this.#names.delete(service);
    else this.#names.set(service, names);
  }
}

interface OwnWrite {
  readonly found: FoundStatus | undefined;
  readonly cancel: () => void;
}

/** How long a watch may be behind an answer. */
const TRUST_MS = 5_000;

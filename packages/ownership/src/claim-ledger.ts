import { type Entry, splitEntries } from "./claim-entries.ts";
import type { HelloItem } from "./hello-items.ts";
import type { Claim } from "./precedence.ts";

/** This node's claims, and what changed since the others were told. */
export class ClaimLedger {
  readonly #roomBytes: number;
  readonly #claims = new Map<string, Claim>();
  readonly #changed = new Set<string>();
  #version = 0;

  /** @param roomBytes how many octets of entries fit into one datagram. */
  constructor(roomBytes: number) {
    this.#roomBytes = roomBytes;
  }

  /** Grows with every datagram of changes. */
  get version(): number {
    return this.#version;
  }

  set(address: string, claim: Claim | undefined): void {
    if (claim === undefined) this.#claims.delete(address);
    else this.#claims.set(address, claim);
    this.#changed.add(address);
  }

  /** The changes since the last call, each item of a size for one datagram. */
  takeChanges(): readonly HelloItem[] {
    if (this.#changed.size === 0) return [];
    const entries = Array.from(this.#changed, (address) => this.#entry(address));
    this.#changed.clear();
    return splitEntries(entries, this.#roomBytes).map((list) => {
      this.#version += 1;
      return { type: "changes", version: this.#version, entries: list };
    });
  }

  /** All claims that were told, each item of a size for one datagram. */
  wholeSet(): readonly HelloItem[] {
    const entries = Array.from(this.#claims.keys(), (address) => this.#entry(address));
    const lists = splitEntries(entries, this.#roomBytes);
    return lists.map((list, part) => ({
      type: "set",
      version: this.#version,
      part,
      parts: lists.length,
      entries: list,
    }));
  }

  #entry(address: string): Entry {
    return { address, claim: this.#claims.get(address) };
  }
}

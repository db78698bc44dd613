import type { Entry } from "./claim-entries.ts";
import type { HelloItem } from "./hello-items.ts";
import type { Claim } from "./precedence.ts";

/** What one address's claim was before, and is now. */
export interface ClaimChange {
  readonly address: string;
  readonly before: Claim | undefined;
  readonly after: Claim | undefined;
}

/**
 * What is known of a peer's claims. Its changes count in whatever order they come, and at once; the
 * version says up to where none is missing. A whole set closes every gap below it.
 */
export class ClaimCopy {
  readonly #entries = new Map<
    string,
    { readonly version: number; readonly claim: Claim | undefined }
  >();
  readonly #ahead = new Set<number>();
  #version = 0;
  #set:
    | { readonly version: number; readonly parts: Set<number>; readonly addresses: Set<string> }
    | undefined;

  /** Up to where nothing is missing. */
  get version(): number {
    return this.#version;
  }

  /** What the peer claims, by address. */
  *claims(): Generator<readonly [string, Claim], void, undefined> {
    for (const [address, { claim }] of this.#entries)
      if (claim !== undefined) yield [address, claim];
  }

  get(address: string): Claim | undefined {
    return this.#entries.get(address)?.claim;
  }

  /** Takes in changes or a part of a set; returns what they changed. */
  apply(item: Extract<HelloItem, { type: "changes" | "set" }>): readonly ClaimChange[] {
    // Items are sent several times: what a later one took back must not rise again.
    const isOld =
      item.type === "set" ? item.version < this.#version : item.version <= this.#version;
    if (isOld) return [];
    const changes = item.entries.flatMap((entry) => this.#put(entry, item.version));
    if (item.type === "set") return [...changes, ...this.#collect(item)];
    this.#ahead.add(item.version);
    this.#advance();
    return changes;
  }

  #put({ address, claim }: Entry, version: number): readonly ClaimChange[] {
    const known = this.#entries.get(address);
    if (known !== undefined && known.version >= version) return [];
    this.#entries.set(address, { version, claim });
    return [{ address, before: known?.claim, after: claim }];
  }

  /** When the last part of a set came, whatever it does not mention is gone. */
  #collect(item: Extract<HelloItem, { type: "set" }>): readonly ClaimChange[] {
    if (item.version < this.#version) return [];
    if (this.#set?.version !== item.version) {
      this.#set = { version: item.version, parts: new Set(), addresses: new Set() };
    }
    const { parts, addresses } = this.#set;
    parts.add(item.part);
    for (const { address } of item.entries) addresses.add(address);
    if (parts.size < item.parts) return [];
    this.#set = undefined;
    this.#version = item.version;
    const gone: ClaimChange[] = [];
    for (const [address, { version, claim }] of this.#entries) {
      if (version > item.version || addresses.has(address)) continue;
      this.#entries.delete(address);
      if (claim !== undefined) gone.push({ address, before: claim, after: undefined });
    }
    this.#advance();
    return gone;
  }

  #advance(): void {
    const before = this.#version;
    while (this.#ahead.delete(this.#version + 1)) this.#version += 1;
    if (this.#version === before) return;
    for (const version of this.#ahead) if (version <= this.#version) this.#ahead.delete(version);
    // Graves are kept while an older change may still come.
    for (const [address, { version, claim }] of this.#entries) {
      if (claim === undefined && version <= this.#version) this.#entries.delete(address);
    }
  }
}

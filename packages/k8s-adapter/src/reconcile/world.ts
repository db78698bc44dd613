import type { EndpointSliceRecord, Identity, Key, Kind, Kinds, ObjectError } from "../domain.ts";
import type { SourceEvent } from "../source/source.ts";

type Tables = { readonly [K in Kind]: Map<Key, Kinds[K]> };

/** Records to begin with when the source cannot be reached, by kind. */
export type Snapshot = { readonly [K in Kind]?: readonly Kinds[K][] };

/**
 * Everything that is known, as keyed tables of records. A broken object leaves its last good
 * record in force; what came from a snapshot stays until the source has listed its kind.
 */
export class World {
  readonly #kinds: readonly Kind[];
  readonly #tables: Tables = {
    service: new Map(),
    endpointSlice: new Map(),
    node: new Map(),
    namespace: new Map(),
    pool: new Map(),
    l2Advertisement: new Map(),
    bgpPeer: new Map(),
    bgpAdvertisement: new Map(),
    community: new Map(),
    bfdProfile: new Map(),
    secret: new Map(),
    speaker: new Map(),
    ownershipKey: new Map(),
    l2Status: new Map(),
  };
  readonly #slices = new Map<Key, Map<Key, EndpointSliceRecord>>();
  readonly #rejected = new Map<string, ObjectError>();
  readonly #unconfirmed = new Set<string>();
  readonly #synced = new Set<Kind>();
  readonly #disconnected = new Map<Kind, string>();
  #preloaded = false;

  /** @param kinds What the source was asked to watch. */
  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
  }

  /** Whether every kind was listed once, or a snapshot stands in for them: decisions may begin. */
  get isReady(): boolean {
    return this.#preloaded || this.#kinds.every((kind) => this.#synced.has(kind));
  }

  /** Whether every kind was listed by the source itself. */
  get isListed(): boolean {
    return this.#kinds.every((kind) => this.#synced.has(kind));
  }

  /** Why it is not current: one sentence a kind that cannot be reached; empty when it is. */
  get staleness(): readonly string[] {
    return [...this.#disconnected].map(([kind, reason]) => `${kind}: ${reason}`);
  }

  /** Objects that are broken now. */
  get rejected(): readonly ObjectError[] {
    return [...this.#rejected.values()];
  }

  table<K extends Kind>(kind: K): ReadonlyMap<Key, Kinds[K]> {
    return this.#tables[kind];
  }

  slicesOf(service: Key): Iterable<EndpointSliceRecord> {
    return this.#slices.get(service)?.values() ?? [];
  }

  /**
   * Takes one event in, and tells the keys whose records changed, of that event's kind. A pool whose
   * counters alone changed did not, nor did a node of which nothing is kept that changed.
   */
  apply(event: SourceEvent): readonly Key[] {
    switch (event.type) {
      case "put": {
        const { kind, record } = event;
        this.#confirm(kind, record.key);
        const wasRejected = this.#rejected.delete(id(kind, record.key));
        const before =
          kind === "pool" || kind === "node" ? this.#tables[kind].get(record.key) : undefined;
        this.#put(kind, record);
        const same = before !== undefined && saysTheSame(before, record);
        return same && !wasRejected ? [] : [record.key];
      }
      case "delete": {
        this.#confirm(event.kind, event.key);
        const wasRejected = this.#rejected.delete(id(event.kind, event.key));
        return this.#delete(event.kind, event.key) || wasRejected ? [event.key] : [];
      }
      case "rejected":
        this.#confirm(event.error.kind, event.error.key);
        this.#rejected.set(id(event.error.kind, event.error.key), event.error);
        return [event.error.key];
      case "synced":
        this.#synced.add(event.kind);
        return this.#dropUnconfirmed(event.kind);
      case "connection":
        if (event.connected) this.#disconnected.delete(event.kind);
        else this.#disconnected.set(event.kind, event.reason);
        return [];
    }
  }

  /** Begins with what was known before; what the source lists later replaces it kind by kind. */
  preload(snapshot: Snapshot): void {
    this.#preloaded = true;
    for (const kind of this.#kinds) {
      if (this.#synced.has(kind)) continue;
      for (const record of snapshot[kind] ?? []) {
        if (this.#tables[kind].has(record.key)) continue;
        this.#unconfirmed.add(id(kind, record.key));
        this.#put(kind, record as Kinds[typeof kind]);
      }
    }
  }

  /** All records, to be kept for the next start. */
  snapshot(): Snapshot {
    return Object.fromEntries(this.#kinds.map((kind) => [kind, [...this.#tables[kind].values()]]));
  }

  #put<K extends Kind>(kind: K, record: Kinds[K]): void {
    const table: Map<Key, Kinds[K]> = this.#tables[kind];
    if (kind === "endpointSlice") this.#unindex(record.key);
    table.set(record.key, record);
    if (kind === "endpointSlice") this.#index(record.key);
  }

  #delete(kind: Kind, key: Key): boolean {
    if (kind === "endpointSlice") this.#unindex(key);
    return this.#tables[kind].delete(key);
  }

  #index(key: Key): void {
    const slice = this.#tables.endpointSlice.get(key);
    if (slice === undefined) return;
    const slices = this.#slices.get(slice.service) ?? new Map<Key, EndpointSliceRecord>();
    slices.set(key, slice);
    this.#slices.set(slice.service, slices);
  }

  #unindex(key: Key): void {
    const slice = this.#tables.endpointSlice.get(key);
    if (slice === undefined) return;
    const slices = this.#slices.get(slice.service);
    slices?.delete(key);
    if (slices?.size === 0) this.#slices.delete(slice.service);
  }

  #confirm(kind: Kind, key: Key): void {
    if (this.#unconfirmed.size > 0) this.#unconfirmed.delete(id(kind, key));
  }

  #dropUnconfirmed(kind: Kind): readonly Key[] {
    if (this.#unconfirmed.size === 0) return [];
    const gone = [...this.#tables[kind].keys()].filter((key) =>
      this.#unconfirmed.delete(id(kind, key)),
    );
    for (const key of gone) this.#delete(kind, key);
    return gone;
  }
}

function saysTheSame(a: Identity, b: Identity): boolean {
  const text = (record: Identity) =>
    JSON.stringify({ ...record, resourceVersion: "", counters: undefined });
  return text(a) === text(b);
}

function id(kind: Kind, key: Key): string {
  return `${kind} ${key}`;
}

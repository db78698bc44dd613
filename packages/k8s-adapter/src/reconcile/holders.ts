import type { Key, L2StatusRecord } from "../domain.ts";

/** Who answers for a Service, as far as that was told. */
export interface Holder {
  readonly node: string;
  /** Since when it is known here. */
  readonly since: number;
}

/**
 * Who says that it answers for which Service. A node that crashed cannot take its word back, so of
 * several the one that said it last is believed.
 */
export class Holders {
  readonly #said = new Map<Key, Said>();
  readonly #byService = new Map<Key, Set<Said>>();
  readonly #holders = new Map<Key, Holder>();
  #count = 0;

  /** Takes a word. Returns the Service if another node answers for it by that. */
  put({ key, service, node, createdMs }: L2StatusRecord, now: number): Key | undefined {
    const before = this.#said.get(key);
    const isSame = before?.service === service && before.node === node;
    if (isSame && before.createdMs === createdMs) return undefined;
    const undone = before === undefined ? undefined : this.delete(key, now);
    this.#count += 1;
    const said = { service, node, createdMs, order: this.#count };
    this.#said.set(key, said);
    const all = this.#byService.get(service) ?? new Set();
    all.add(said);
    this.#byService.set(service, all);
    return this.#settle(service, now) ?? undone;
  }

  /** A word is taken back. Returns the Service if another node answers for it by that, or none. */
  delete(key: Key, now: number): Key | undefined {
    const said = this.#said.get(key);
    if (said === undefined) return undefined;
    this.#said.delete(key);
    const all = this.#byService.get(said.service);
    all?.delete(said);
    if (all?.size === 0) this.#byService.delete(said.service);
    return this.#settle(said.service, now);
  }

  holderOf(service: Key): Holder | undefined {
    return this.#holders.get(service);
  }

  #settle(service: Key, now: number): Key | undefined {
    let last: Said | undefined;
    for (const said of this.#byService.get(service) ?? []) {
      if (last === undefined || isLater(said, last)) last = said;
    }
    if (this.#holders.get(service)?.node === last?.node) return undefined;
    if (last === undefined) this.#holders.delete(service);
    else this.#holders.set(service, { node: last.node, since: now });
    return service;
  }
}

interface Said {
  readonly service: Key;
  readonly node: string;
  readonly createdMs: number;
  /** Of those of one second, the one that came later here. */
  readonly order: number;
}

function isLater(one: Said, other: Said): boolean {
  return one.createdMs === other.createdMs
    ? one.order > other.order
    : one.createdMs > other.createdMs;
}

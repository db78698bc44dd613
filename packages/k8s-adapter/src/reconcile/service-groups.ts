import type { Key } from "../domain.ts";

/** Services that have to be answered for by one node, since they share addresses. */
export interface ServiceGroup {
  /** Names this group in this process; says nothing. */
  readonly id: string;
  readonly members: ReadonlySet<Key>;
}

/** What a change did to groups besides the one of the Service. */
export interface GroupChange {
  /** Ids of groups that are no more, each with the one that it became part of; empty when of none. */
  readonly gone: readonly { readonly id: string; readonly into: string }[];
  /** Ids of groups that came off another one. */
  readonly split: readonly { readonly id: string; readonly from: string }[];
}

/** Which Services share an address, directly or by way of others. One that shares none is alone. */
export class ServiceGroups {
  readonly #addressesOf = new Map<Key, readonly string[]>();
  readonly #holdersOf = new Map<string, Set<Key>>();
  readonly #groupOf = new Map<Key, Group>();
  #count = 0;
  #made = 0;

  /** How many groups there are. */
  get size(): number {
    return this.#count;
  }

  groupOf(key: Key): ServiceGroup | undefined {
    return this.#groupOf.get(key);
  }

  /** Every group once. */
  all(): ReadonlySet<ServiceGroup> {
    return new Set(this.#groupOf.values());
  }

  /** Takes the addresses that a Service has now; none: it is in no group. */
  set(key: Key, addresses: readonly string[]): GroupChange {
    const before = this.#addressesOf.get(key) ?? [];
    if (before.length === addresses.length && before.every((a, i) => a === addresses[i])) {
      return NO_CHANGE;
    }
    const left = this.#leave(key, before);
    const joined = addresses.length === 0 ? NO_CHANGE : this.#join(key, addresses);
    return { gone: [...left.gone, ...joined.gone], split: left.split };
  }

  #leave(key: Key, addresses: readonly string[]): GroupChange {
    const group = this.#groupOf.get(key);
    if (group === undefined) return NO_CHANGE;
    this.#groupOf.delete(key);
    this.#addressesOf.delete(key);
    group.members.delete(key);
    for (const address of addresses) {
      const holders = this.#holdersOf.get(address);
      holders?.delete(key);
      if (holders?.size === 0) this.#holdersOf.delete(address);
    }
    if (group.members.size === 0) {
      this.#count -= 1;
      return { gone: [{ id: group.id, into: "" }], split: [] };
    }
    // Those that shared the one address with it share it with each other.
    return addresses.length < 2 || group.members.size < 2 ? NO_CHANGE : this.#split(group);
  }

  #split(group: Group): GroupChange {
    const split: GroupChange["split"][number][] = [];
    const [first = ""] = group.members;
    let reached = this.#reach(first);
    const rest = new Set([...group.members].filter((key) => !reached.has(key)));
    for (const key of rest) group.members.delete(key);
    for (const key of rest) {
      if (this.#groupOf.get(key) !== group) continue;
      reached = this.#reach(key);
      const apart = this.#make(reached);
      split.push({ id: apart.id, from: group.id });
    }
    return { gone: [], split };
  }

  /** All that can be reached from a Service by shared addresses. */
  #reach(from: Key): Set<Key> {
    const reached = new Set([from]);
    for (const key of reached) {
      for (const address of this.#addressesOf.get(key) ?? []) {
        for (const other of this.#holdersOf.get(address) ?? []) reached.add(other);
      }
    }
    return reached;
  }

  #join(key: Key, addresses: readonly string[]): GroupChange {
    const neighbours = new Set<Group>();
    for (const address of addresses) {
      const holders = this.#holdersOf.get(address) ?? new Set();
      const [holder = ""] = holders;
      const group = this.#groupOf.get(holder);
      if (group !== undefined) neighbours.add(group);
      holders.add(key);
      this.#holdersOf.set(address, holders);
    }
    this.#addressesOf.set(key, addresses);
    const [largest, ...smaller] = [...neighbours].sort((a, b) => b.members.size - a.members.size);
    if (largest === undefined) {
      this.#make(new Set([key]));
      return NO_CHANGE;
    }
    for (const { members } of smaller) {
      for (const member of members) {
        largest.members.add(member);
        this.#groupOf.set(member, largest);
      }
    }
    this.#count -= smaller.length;
    largest.members.add(key);
    this.#groupOf.set(key, largest);
    return { gone: smaller.map(({ id }) => ({ id, into: largest.id })), split: [] };
  }

  #make(members: Set<Key>): Group {
    this.#made += 1;
    this.#count += 1;
    const group = { id: `g${this.#made}`, members };
    for (const member of members) this.#groupOf.set(member, group);
    return group;
  }
}

interface Group extends ServiceGroup {
  readonly members: Set<Key>;
}

const NO_CHANGE: GroupChange = { gone: [], split: [] };

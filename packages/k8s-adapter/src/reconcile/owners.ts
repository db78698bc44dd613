import {
  type AssignableGroup,
  assign,
  type Eligible,
  NO_TABLE,
  nextEpoch,
  parseTable,
  Seating,
  type Table,
} from "@ingot/ownership";
import type { Key, ServiceRecord } from "../domain.ts";
import type { Holder } from "./holders.ts";
import { type ServiceGroup, ServiceGroups } from "./service-groups.ts";
import { chooseTable, DEPTH } from "./table-choice.ts";

/** The annotation of a Service that says which node answers for it, and which one after that. */
export const OWNERS_ANNOTATION = "ingot.dev/owners";

/** What {@link Owners} are decided by. */
export interface OwnersView {
  /** Who may answer for a Service that has these addresses; undefined: nobody. */
  eligible(service: ServiceRecord, addresses: readonly string[]): Eligible | undefined;
  /** Who answers for it now. */
  holderOf(service: Key): Holder | undefined;
  /** For epochs. */
  unixSeconds(): number;
}

/** What was decided about one Service. */
export interface OwnersDecision {
  /** What its annotation should say; undefined: nothing. */
  readonly table: Table | undefined;
  /** Other Services whose annotations should say the same, when that is news. */
  readonly others: readonly Key[];
  /** When it has to be decided anew although nothing happens; infinite when it has not. */
  readonly lookAt: number;
  /** Somebody answers for it who is not the first: the first is to take over. */
  readonly moves: boolean;
}

/**
 * Which node is to answer for each group of Services, and who after it. A Service is decided by
 * itself, at a cost that does not grow with the others; `level` looks at all of them.
 */
export class Owners {
  readonly #view: OwnersView;
  readonly #groups = new ServiceGroups();
  readonly #states = new Map<string, State>();
  readonly #seating = new Seating();
  /** By Service, the table that was last read from it, and for which group. */
  readonly #read = new Map<Key, Read>();
  readonly #addresses = new Map<Key, { readonly service: ServiceRecord; readonly at: Addresses }>();

  constructor(view: OwnersView) {
    this.#view = view;
  }

  /** How many groups each node is the first for, where that is any. */
  get loads(): ReadonlyMap<string, number> {
    return this.#seating.loads;
  }

  /** Takes what a Service says, and decides nothing: others may be there that say more. */
  note(service: ServiceRecord, addresses: Addresses, now: number): ServiceGroup | undefined {
    const { key } = service;
    this.#addresses.set(key, { service, at: addresses });
    const { gone, split } = this.#groups.set(key, addresses);
    for (const { id, from } of split) this.#learn(id, this.#stateOf(from).table, now + GRACE_MS);
    for (const { id, into } of gone) {
      if (into !== "") this.#learn(into, this.#stateOf(id).table, now + GRACE_MS);
      this.#states.delete(id);
      this.#seating.seat(id, []);
    }
    const group = this.#groups.groupOf(key);
    const text = service.annotations[OWNERS_ANNOTATION] ?? "";
    if (group === undefined) {
      this.forget(key);
      return undefined;
    }
    const read = this.#read.get(key);
    if (read?.text === text && read.group === group.id) return group;
    const table = tableOf(text);
    this.#read.set(key, { text, group: group.id, epoch: table.epoch });
    this.#seeWritten(group.id, table, now);
    return group;
  }

  /** The Service is gone, or has no address. */
  forget(key: Key): void {
    for (const { id } of this.#groups.set(key, []).gone) {
      this.#states.delete(id);
      this.#seating.seat(id, []);
    }
    this.#read.delete(key);
    this.#addresses.delete(key);
  }

  /** Says what the Service's table is to be; a group without one gets one unless `mayBegin` is false. */
  decide(
    service: ServiceRecord,
    addresses: Addresses,
    now: number,
    mayBegin = true,
  ): OwnersDecision {
    const group = this.note(service, addresses, now);
    if (group === undefined) return { ...NOTHING, table: undefined };
    const state = this.#stateOf(group.id);
    const isNew = state.table.epoch === 0;
    const eligible = this.#view.eligible(service, addresses);
    const as = (lookAt = Number.POSITIVE_INFINITY): OwnersDecision => {
      const { table } = this.#stateOf(group.id);
      const holder = this.#holderOf(group);
      return {
        table: table.epoch === 0 ? undefined : table,
        others: this.#differing(group, table, service.key),
        lookAt,
        moves: holder !== undefined && holder.node !== table.nodes[0],
      };
    };
    if (eligible === undefined || eligible.size === 0 || (isNew && !mayBegin)) return as();
    const holder = this.#holderOf(group);
    // A new first node is given time to take over before somebody else counts as the holder.
    const adoptAt = holder === undefined ? now : Math.max(holder.since + QUIET_MS, state.adoptAt);
    const counts =
      holder !== undefined && (isNew ? this.#hasRoom(holder.node, eligible) : adoptAt <= now);
    const choice = chooseTable({
      table: state.table,
      eligible,
      holder: counts ? holder.node : undefined,
    });
    if (!choice.keep) {
      this.#seating.seat(group.id, []);
      const nodes = this.#seating.complete(eligible, choice.given, DEPTH);
      this.#set(group.id, this.#newTable(state.table, nodes), NOT_YET);
    }
    const waits = holder !== undefined && adoptAt > now && holder.node !== state.table.nodes[0];
    return as(waits ? adoptAt : undefined);
  }

  /**
   * Looks at all groups: successors that would carry too much are replaced, and those that may no
   * longer answer. Whoever is first stays so.
   *
   * @returns the Services whose tables are others now.
   */
  level(): readonly Key[] {
    const previous = new Map<string, Table>();
    const groups: (AssignableGroup & { readonly group: ServiceGroup })[] = [];
    const names = new Set<string>();
    for (const group of this.#groups.all()) {
      const { table } = this.#stateOf(group.id);
      const [first = ""] = table.nodes;
      const eligible = this.#eligible(group);
      // Where a move is under way, or must be made first, nothing is to be levelled.
      if (!eligible?.has(first)) continue;
      const holder = this.#holderOf(group);
      if (holder !== undefined && holder.node !== first) continue;
      previous.set(group.id, table);
      groups.push({ id: group.id, eligible, group });
      for (const node of eligible.keys()) names.add(node);
    }
    const nodes = Array.from(names, (name) => ({ name }));
    const unixSeconds = this.#view.unixSeconds();
    const tables = assign(previous, groups, nodes, { unixSeconds, depth: DEPTH });
    return groups.flatMap(({ id, group, eligible }) => {
      const [before, table] = [previous.get(id), tables.get(id)];
      if (before === undefined || table === undefined) return [];
      if (table === before || !isWorthIt(before, table, eligible)) return [];
      this.#set(id, table, NOT_YET);
      return [...group.members];
    });
  }

  #eligible(group: ServiceGroup): Eligible | undefined {
    for (const key of group.members) {
      const member = this.#addresses.get(key);
      const eligible = member && this.#view.eligible(member.service, member.at);
      if (eligible !== undefined) return eligible;
    }
    return undefined;
  }

  /** Who holds the whole group; undefined when that is not clear. */
  #holderOf({ members }: ServiceGroup): Holder | undefined {
    let common: Holder | undefined;
    for (const key of members) {
      const holder = this.#view.holderOf(key);
      if (holder === undefined) continue;
      if (common !== undefined && common.node !== holder.node) return undefined;
      if (common === undefined || holder.since > common.since) common = holder;
    }
    return common;
  }

  /**
   * Whoever already answers for a group that has no table goes on, if no other is preferred, up to its
   * fair share.
   */
  #hasRoom(node: string, eligible: Eligible): boolean {
    const best = Math.max(...eligible.values());
    if (eligible.get(node) !== best) return false;
    const preferred = [...eligible.values()].filter((score) => score === best).length;
    return (this.loads.get(node) ?? 0) < Math.ceil(this.#groups.size / preferred);
  }

  #newTable(before: Table, nodes: readonly string[]): Table {
    return { epoch: nextEpoch(before.epoch, this.#view.unixSeconds()), nodes };
  }

  /** A Service has this table now: from here on its first node can know of it. */
  #seeWritten(id: string, table: Table, now: number): void {
    this.#learn(id, table, now + GRACE_MS);
    const state = this.#stateOf(id);
    if (state.adoptAt === NOT_YET && table.epoch === state.table.epoch) {
      this.#states.set(id, { ...state, adoptAt: now + GRACE_MS });
    }
  }

  #learn(id: string, table: Table, adoptAt: number): void {
    const { table: known } = this.#stateOf(id);
    if (table.epoch > known.epoch) this.#set(id, table, adoptAt);
    // One epoch stands for one table: of two that met, neither is it any more.
    else if (table.epoch === known.epoch && table.nodes.join() !== known.nodes.join()) {
      this.#set(id, this.#newTable(known, known.nodes), NOT_YET);
    }
  }

  #set(id: string, table: Table, adoptAt: number): void {
    this.#states.set(id, { table, adoptAt });
    this.#seating.seat(id, table.nodes);
  }

  #stateOf(id: string): State {
    return this.#states.get(id) ?? NEW;
  }

  #differing({ members }: ServiceGroup, table: Table, but: Key): readonly Key[] {
    if (members.size === 1 || table.epoch === 0) return NONE;
    return [...members].filter((key) => key !== but && this.#read.get(key)?.epoch !== table.epoch);
  }
}

/** A third node that could be placed a little better is no reason to write. */
function isWorthIt(before: Table, after: Table, eligible: Eligible): boolean {
  return (
    before.nodes.length < after.nodes.length ||
    before.nodes.some((node) => !eligible.has(node)) ||
    before.nodes[1] !== after.nodes[1]
  );
}

type Addresses = readonly string[];

interface Read {
  readonly text: string;
  readonly group: string;
  readonly epoch: number;
}

interface State {
  readonly table: Table;
  /** Not before this a node that is not its first becomes so by holding it. */
  readonly adoptAt: number;
}

/** The table is not written yet: nobody but us knows of it. */
const NOT_YET = Number.POSITIVE_INFINITY;

/** How long somebody else has to hold, without a change, before a table follows. */
const QUIET_MS = 1_000;

/** How long the first node of a new table has, to be told of it, to take over, and to say so. */
const GRACE_MS = 5_000;

const NONE: readonly never[] = [];
const NEW: State = { table: NO_TABLE, adoptAt: Number.NEGATIVE_INFINITY };
const NOTHING = { others: NONE, lookAt: Number.POSITIVE_INFINITY, moves: false };

/** The table that an annotation holds; what is no table counts as none. */
export function tableOf(text: string): Table {
  if (text === "") return NO_TABLE;
  try {
    return parseTable(text);
  } catch {
    return NO_TABLE;
  }
}

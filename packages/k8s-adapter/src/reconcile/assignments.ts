import { Allocator, type PoolStats } from "@ingot/allocator";
import type { Key, NamespaceRecord, PoolRecord, Reservation, ServiceRecord } from "../domain.ts";
import {
  type AllocationDecision,
  agreeAnew,
  claimPublished,
  decideAllocation,
  publishedBy,
} from "./allocation.ts";
import { CoolDowns } from "./cool-downs.ts";
import { Departures } from "./departures.ts";
import { Holds } from "./holds.ts";
import { compareText, differInReservationsAlone } from "./pools.ts";
import { Quarantine } from "./quarantine.ts";
import { Quotas } from "./quotas.ts";
import { RESERVE_ANNOTATION } from "./request.ts";
import { type ReservationChange, Reservations } from "./reservations.ts";
import { sharingOf } from "./sharing.ts";

/** The pools as they are now. */
export interface PoolsInForce {
  /** By name, in the order in which they are tried. */
  readonly pools: ReadonlyMap<string, PoolRecord>;
  /** Names of pools that exist but are not in force in their newest form. */
  readonly broken: ReadonlySet<string>;
}

/** What {@link Assignments} are made by. */
export interface AssignmentsOptions {
  readonly lbClass: string;
  /** Whether annotations of other load balancers count. */
  readonly isForeign: boolean;
  /** Kept up to date by whoever owns it. */
  readonly namespaces: ReadonlyMap<Key, NamespaceRecord>;
}

/** A decision, and what others can have by it. */
export interface Settlement {
  readonly decision: AllocationDecision;
  /** The pool that the Service has addresses of; undefined when it has none. */
  readonly pool: string | undefined;
  /** Pools of which other addresses are reserved than before. */
  readonly reservedIn: readonly string[];
  /** Addresses that others can have now, or share on other terms than before. */
  readonly freed: readonly string[];
  /** Whether the namespace has fewer addresses than before, where it has a quota. */
  readonly isBelowQuota: boolean;
}

/**
 * Who has which address. No address is given out while a status names it, be it that of a Service
 * that was not decided yet, or that of one whose new status is not written yet.
 */
export class Assignments {
  readonly #options: AssignmentsOptions;
  readonly #allocator = new Allocator();
  readonly #holds = new Holds(this.#allocator);
  readonly #departures = new Departures(this.#allocator, this.#holds);
  readonly #reservations = new Reservations(this.#holds);
  readonly #quarantine = new Quarantine(this.#holds, (address) => this.#isGuarded(address));
  readonly #coolDowns = new CoolDowns(this.#holds);
  readonly #quotas: Quotas;
  /** On which terms each Service shares that does. */
  readonly #terms = new Map<Key, string>();
  #inForce: PoolsInForce = { pools: new Map(), broken: new Set() };

  constructor(options: AssignmentsOptions) {
    this.#options = options;
    this.#quotas = new Quotas(options.namespaces);
  }

  get pools(): ReadonlyMap<string, PoolRecord> {
    return this.#inForce.pools;
  }

  /** Whether nothing but reservations would change by these pools. */
  isSettledBy(inForce: PoolsInForce): boolean {
    const { pools, broken } = this.#inForce;
    return (
      [...broken].join() === [...inForce.broken].join() &&
      differInReservationsAlone(pools, inForce.pools)
    );
  }

  /** When to tick next; infinite while nothing is to be done by then. */
  get deadline(): number {
    return Math.min(this.#coolDowns.deadline, this.#quarantine.deadline);
  }

  /**
   * Takes other pools. What statuses say is claimed in this order: those that have the most
   * addresses first, then the oldest. All are to be decided anew, in the order that is returned.
   */
  setPools(inForce: PoolsInForce, services: Iterable<ServiceRecord>, now: number): readonly Key[] {
    const guarded = guardsOf(this.#inForce);
    this.#inForce = inForce;
    this.#allocator.setPools([...inForce.pools.values()]);
    const inOrder = [...services].sort(byClaim);
    if (guardsOf(inForce) !== guarded) {
      agreeAnew(
        this.#view(),
        inOrder.filter(({ key }) => this.#terms.has(key)),
      );
    }
    for (const service of inOrder) claimPublished(this.#view(), service);
    this.#reservations.setPools(inForce.pools.values());
    this.#quarantine.tick(now);
    this.#holds.refresh();
    for (const service of inOrder) this.#holdPublished(service);
    const namespaces = new Set(inOrder.map(({ namespace }) => namespace));
    for (const namespace of namespaces) this.recount(namespace, inOrder);
    return inOrder.map(({ key }) => key);
  }

  /** Takes pools of which nothing but the reservations has changed. */
  setReservations(inForce: PoolsInForce): ReservationChange {
    this.#inForce = inForce;
    return this.#reservations.setPools(inForce.pools.values());
  }

  /** What is reserved of a pool. */
  reservationsOf(pool: string): readonly Reservation[] {
    return this.#reservations.of(pool);
  }

  /** A namespace has come or changed; these are Services of it, and perhaps others. */
  recount(namespace: string, services: readonly ServiceRecord[]): void {
    if (!this.#quotas.isLimited(namespace)) return;
    const own = services.filter((service) => service.namespace === namespace);
    this.#quotas.recount(
      namespace,
      own.map(({ key }) => this.#allocator.assignment(key)?.addresses ?? []),
    );
  }

  /** The Services in the order in which they may claim what they have. */
  inClaimOrder(services: Iterable<ServiceRecord>): readonly Key[] {
    return [...services].sort(byClaim).map(({ key }) => key);
  }

  setBrokenPools(broken: ReadonlySet<string>): void {
    this.#inForce = { ...this.#inForce, broken };
  }

  /** A Service has come or changed, and is to be decided. */
  note(service: ServiceRecord): void {
    if (service.ingress.length === 0) return;
    if (this.#allocator.assignment(service.key) !== undefined) return;
    this.#holds.lift(service.key);
    claimPublished(this.#view(), service);
    const claimed = this.#allocator.assignment(service.key)?.addresses ?? [];
    this.#quotas.note(service.namespace, [], claimed);
    this.#holdPublished(service);
  }

  /** @param service Undefined when it is gone. */
  decide(key: Key, service: ServiceRecord | undefined, now: number): Settlement {
    const before = this.#allocator.assignment(key);
    const had = before?.addresses ?? [];
    const namespace = key.slice(0, key.indexOf("/"));
    this.#quotas.note(namespace, had, []);
    this.#holds.lift(key);
    const decision = decideAllocation(this.#view(), key, service);
    const published = this.#published(service, decision);
    const left = this.#departures.hold(key, published, before);
    const after = this.#allocator.assignment(key);
    const has = after?.addresses ?? [];
    this.#quotas.note(namespace, [], has);
    for (const address of has) this.#coolDowns.end(address);
    const sharesAnew = this.#noteTerms(key, service);
    const reserve = service?.annotations[RESERVE_ANNOTATION];
    const { dropped, pools } =
      decision.desired === undefined
        ? NO_CHANGE
        : this.#reservations.note(key, reserve, has, (address) => this.poolOf(address));
    const freeAgain = dropped.filter((address) => !this.isHeld(address));
    const free = [...left, ...freeAgain].filter((address) => !this.#cool(address, key, now));
    return {
      decision,
      pool: after?.pool,
      reservedIn: pools,
      freed: [...new Set([...free, ...(sharesAnew ? had : [])])],
      isBelowQuota:
        this.#quotas.isLimited(namespace) && had.some((address) => !has.includes(address)),
    };
  }

  /** The decided status is written. Returns what others can have by that. */
  written(key: Key, now: number): readonly string[] {
    return this.#departures.settle(key).filter((address) => !this.#cool(address, key, now));
  }

  /** Returns what others can have from now on. */
  tick(now: number): readonly string[] {
    return [...this.#coolDowns.tick(now), ...this.#quarantine.tick(now)];
  }

  /** Which addresses another host claims as well, as a speaker sees it. Returns what others can have. */
  noteConflicts(speaker: Key, addresses: readonly string[], now: number): readonly string[] {
    return this.#quarantine.report(speaker, addresses, now);
  }

  poolOf(address: string): string | undefined {
    return this.#allocator.poolOf(address);
  }

  isHeld(address: string): boolean {
    return this.#allocator.ownersOf(address).length > 0;
  }

  /** How full a pool is; undefined when it is not in force. */
  stats(pool: string): PoolStats | undefined {
    return this.#allocator.stats(pool);
  }

  /** Whether an address that a Service gave up is kept from others for a while. */
  #cool(address: string, key: Key, now: number): boolean {
    const pool = this.#inForce.pools.get(this.#allocator.poolOf(address) ?? "");
    if (pool === undefined || pool.coolDownMs === 0 || this.isHeld(address)) return false;
    this.#coolDowns.begin(address, key, now + pool.coolDownMs);
    return true;
  }

  #isGuarded(address: string): boolean {
    return this.#inForce.pools.get(this.#allocator.poolOf(address) ?? "")?.quarantine === true;
  }

  #view() {
    return {
      allocator: this.#allocator,
      pools: this.#inForce.pools,
      namespaces: this.#options.namespaces,
      brokenPools: this.#inForce.broken,
      lbClass: this.#options.lbClass,
      isForeign: this.#options.isForeign,
      quotas: this.#quotas,
      keptFor: (key: Key) => this.#holds.of(key),
      isLeaving: (key: Key) => this.#departures.isLeaving(key),
    };
  }

  /** What the status names until it is written, or for good where it is not ours to write. */
  #published(service: ServiceRecord | undefined, decision: AllocationDecision): readonly string[] {
    if (service === undefined) return [];
    return decision.desired === undefined
      ? publishedBy(service, this.#options.lbClass)
      : service.ingress;
  }

  #holdPublished(service: ServiceRecord): void {
    const { key } = service;
    const before = this.#allocator.assignment(key);
    const isOurs = this.#departures.isLeaving(key);
    const published = isOurs ? service.ingress : publishedBy(service, this.#options.lbClass);
    this.#departures.hold(key, published, before);
  }

  /** Whether others may share with it now that could not before. */
  #noteTerms(key: Key, service: ServiceRecord | undefined): boolean {
    const sharing = service && sharingOf(service, undefined, this.#options.isForeign);
    const terms = sharing === undefined ? "" : JSON.stringify(sharing);
    if ((this.#terms.get(key) ?? "") === terms) return false;
    if (terms === "") this.#terms.delete(key);
    else this.#terms.set(key, terms);
    return true;
  }
}

const NO_CHANGE: Pick<ReservationChange, "dropped" | "pools"> = { dropped: [], pools: [] };

/** The pools that are shared within one namespace alone. */
function guardsOf({ pools }: PoolsInForce): string {
  const guarded = [...pools.values()].filter((pool) => pool.shareWithinNamespace);
  return guarded.map(({ name }) => name).join();
}

/** Those that have the most addresses first, then the oldest. */
function byClaim(a: ServiceRecord, b: ServiceRecord): number {
  return (
    b.ingress.length - a.ingress.length || a.createdMs - b.createdMs || compareText(a.key, b.key)
  );
}

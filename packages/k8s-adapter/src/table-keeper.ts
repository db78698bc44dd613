import { formatTable } from "@ingot/ownership";
import type { Clock } from "./clock.ts";
import type { Key, L2StatusRecord, PoolRecord, ServiceRecord, SpeakerRecord } from "./domain.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import { isOurs } from "./reconcile/allocation.ts";
import { EligibleNodes } from "./reconcile/eligible-nodes.ts";
import { Holders } from "./reconcile/holders.ts";
import { Membership } from "./reconcile/membership.ts";
import { OWNERS_ANNOTATION, Owners } from "./reconcile/owners.ts";
import { Settling } from "./reconcile/settling.ts";
import type { World } from "./reconcile/world.ts";
import { WritePace } from "./reconcile/write-pace.ts";
import type { SourceEvent } from "./source/source.ts";

/** How tables are decided. */
export interface TableOptions {
  /** Count nodes that carry the exclusion label in. */
  readonly ignoreExcludeLb: boolean;
  /** Treat nodes that are cordoned or shut down as evacuated. */
  readonly evacuateCordoned: boolean;
}

/** What a {@link TableKeeper} works with. */
export interface TableKeeperOptions extends TableOptions {
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly logger: Logger;
  readonly lbClass: string;
  readonly world: World;
  poolOf(address: string): PoolRecord | undefined;
  /** The Service is to be decided anew. */
  again(key: Key): void;
}

/** Decides when the table of each Service is looked at, and when it is written. */
export class TableKeeper {
  readonly #options: TableKeeperOptions;
  readonly #owners: Owners;
  readonly #eligible: EligibleNodes;
  readonly #holders = new Holders();
  readonly #membership = new Membership("");
  readonly #settling = new Settling();
  readonly #pace = new WritePace({ perSecond: 50, burst: 50, moves: 10, proofMs: 5_000 });
  /** What each speaker's sign of life says besides that it lives. */
  readonly #speakers = new Map<Key, string>();
  readonly #first = new Map<Key, string>();
  /** There may be tables: the speakers that are there had time to say so. */
  #begun: boolean;
  #beginBefore = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor(options: TableKeeperOptions) {
    this.#options = options;
    const { world, wallClock, clock } = options;
    this.#eligible = new EligibleNodes({
      ...options,
      nodes: world.table("node"),
      advertisements: world.table("l2Advertisement"),
      speakers: world.table("speaker"),
      slicesOf: (service) => world.slicesOf(service),
      isAlive: (node) => this.#membership.live.has(node),
    });
    this.#owners = new Owners({
      eligible: (service, addresses) => this.#eligible.of(service, addresses),
      holderOf: (service) => this.#holders.holderOf(service),
      unixSeconds: () => wallClock() / 1_000,
    });
    const now = clock.now();
    const settledBefore = wallClock() - SETTLED_MS;
    const services = [...world.table("service").values()];
    const speakers = [...world.table("speaker").values()];
    this.#begun =
      services.some(({ annotations }) => annotations[OWNERS_ANNOTATION] !== undefined) ||
      (speakers.length > 0 &&
        // 0 is not known: they may just be starting.
        speakers.every(({ createdMs }) => createdMs > 0 && createdMs < settledBefore));
    this.#membership.handle({ type: "connection", connected: true }, now);
    for (const speaker of speakers) this.#takeSpeaker(speaker, now);
    // What stands when a term begins was levelled by the one before.
    this.#settling.drop(LEVEL);
    for (const status of world.table("l2Status").values()) this.#holders.put(status, now);
    // All tables before any decision: who has how much is what decisions are made by.
    for (const service of services) {
      if (service.ingress.length === 0 || !isOurs(service, options.lbClass)) continue;
      this.#owners.note(service, service.ingress, now);
    }
    this.#arm();
  }

  /** What the annotation of a Service with these addresses should say; undefined: nothing. */
  decide(service: ServiceRecord, addresses: readonly string[]): string | undefined {
    const { clock, again } = this.#options;
    const { key } = service;
    const decided = this.#owners.decide(service, addresses, clock.now(), this.#begun);
    const { table, others, lookAt } = decided;
    for (const other of others) again(other);
    if (lookAt < Number.POSITIVE_INFINITY) this.#settling.put(key, lookAt);
    const first = table?.nodes[0] ?? "";
    this.#first.set(key, first);
    if (!decided.moves) this.#pace.done(key);
    this.#arm();
    return table === undefined ? undefined : formatTable(table);
  }

  /** How many groups of Services each node is the first for, where that is any. */
  get loads(): ReadonlyMap<string, number> {
    return this.#owners.loads;
  }

  /** Whether a table may be written now that comes with no address; if not, it comes again in its turn. */
  mayWrite(key: Key): boolean {
    const holder = this.#holders.holderOf(key);
    const moves = holder !== undefined && holder.node !== this.#first.get(key);
    const may = this.#pace.ask(key, moves, this.#options.clock.now());
    this.#arm();
    return may;
  }

  /** The Service is gone, or none of ours. */
  forget(key: Key): void {
    this.#owners.forget(key);
    this.#first.delete(key);
    this.#pace.done(key);
    this.#settling.drop(key);
  }

  /** Pools have changed. */
  forgetAnswers(): void {
    this.#eligible.forget();
  }

  /** Something besides Services and pools has changed. `gone` is the record that an event takes away. */
  changed(event: SourceEvent, service: Key | undefined): void {
    const now = this.#options.clock.now();
    if (event.type === "connection" && event.kind === "speaker") {
      this.#membership.handle({ type: "connection", connected: event.connected }, now);
    }
    if (event.type !== "put" && event.type !== "delete") return;
    switch (event.kind) {
      case "node":
      case "l2Advertisement":
        this.#topologyChanged(now);
        break;
      case "speaker":
        if (event.type === "put") this.#takeSpeaker(event.record, now);
        else this.#dropSpeaker(event.key, now);
        break;
      case "endpointSlice":
        if (service !== undefined) this.#endpointsChanged(service, now);
        break;
      case "l2Status":
        this.#takeStatus(event.type === "put" ? event.record : event.key, now);
        break;
      default:
    }
    this.#arm();
  }

  close(): void {
    this.#cancelTimer();
  }

  #topologyChanged(now: number): void {
    this.#eligible.forget();
    this.#settling.put(EVERYTHING, now + QUIET_MS);
    this.#settling.put(LEVEL, now + LEVEL_AFTER_MS);
  }

  #takeSpeaker(record: SpeakerRecord, now: number): void {
    const { key, node, held, interfaces } = record;
    const changed = this.#membership.handle({ type: "sign", record }, now);
    if (changed.length > 0) {
      this.#eligible.forget();
      this.#settling.put(LEVEL, now + LEVEL_AFTER_MS);
    }
    const text = JSON.stringify([node, held, interfaces]);
    const before = this.#speakers.get(key);
    if (before === text) return;
    this.#speakers.set(key, text);
    this.#topologyChanged(now);
    if (this.#begun || before !== undefined) return;
    this.#beginBefore = Math.min(this.#beginBefore, now + BEGIN_WITHIN_MS);
    this.#settling.put(BEGIN, Math.min(now + BEGIN_AFTER_MS, this.#beginBefore));
  }

  #dropSpeaker(key: Key, now: number): void {
    this.#membership.handle({ type: "deleted", key }, now);
    if (this.#speakers.delete(key)) this.#topologyChanged(now);
  }

  #endpointsChanged(key: Key, now: number): void {
    const service = this.#options.world.table("service").get(key);
    if (service?.trafficPolicy === "Local") this.#settling.put(key, now + QUIET_MS);
  }

  #takeStatus(said: L2StatusRecord | Key, now: number): void {
    const key =
      typeof said === "string" ? this.#holders.delete(said, now) : this.#holders.put(said, now);
    if (key === undefined) return;
    const holder = this.#holders.holderOf(key)?.node;
    if (holder === this.#first.get(key)) this.#pace.done(key);
    if (holder !== undefined) this.#settling.put(key, now + QUIET_MS);
  }

  #tick(): void {
    const now = this.#options.clock.now();
    if (this.#membership.handle({ type: "tick" }, now).length > 0) this.#eligible.forget();
    const due = new Set(this.#settling.take(now));
    if (due.delete(BEGIN)) {
      this.#begun = true;
      due.add(EVERYTHING);
    }
    if (due.delete(LEVEL)) {
      for (const key of this.#owners.level()) due.add(key);
    }
    if (due.delete(EVERYTHING)) {
      for (const { key, ingress } of this.#options.world.table("service").values()) {
        if (ingress.length > 0) due.add(key);
      }
    }
    for (const key of this.#pace.take(now)) due.add(key);
    for (const key of due) this.#options.again(key);
    this.#arm();
  }

  #arm(): void {
    this.#cancelTimer();
    const { clock } = this.#options;
    const at = Math.min(this.#settling.deadline, this.#pace.deadline, this.#membership.deadline);
    this.#cancelTimer = clock.setTimer(Math.max(0, at - clock.now()), () => this.#tick());
  }
}

// What is put off under names that no Service can have.
const EVERYTHING = "everything";
const LEVEL = "level";
const BEGIN = "begin";

/** How long it has to be quiet about a node or a Service before what was heard counts. */
const QUIET_MS = 1_000;

/** Restarts of speakers are over by then: who inherits what is only settled anew after that. */
const LEVEL_AFTER_MS = 30_000;

/** Where there are no tables yet, speakers are waited for: the first one must not get everything. */
const BEGIN_AFTER_MS = 3_000;
const BEGIN_WITHIN_MS = 15_000;

/** Speakers that were there so long ago are not just starting. */
const SETTLED_MS = 15_000;

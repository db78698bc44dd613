import type { Clock } from "./clock.ts";
import { controllerReport } from "./configuration-state.ts";
import { ControllerTerm } from "./controller-term.ts";
import type { Key, Kind, ObjectError } from "./domain.ts";
import { KeyKeeper } from "./key-keeper.ts";
import { ConfigurationLog } from "./observe/configuration-log.ts";
import type { ControllerMetrics } from "./observe/controller-metrics.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import type { PoolsInForce } from "./reconcile/assignments.ts";
import { resolvePools } from "./reconcile/pools.ts";
import { World } from "./reconcile/world.ts";
import type { Source, SourceEvent } from "./source/source.ts";
import type { TableOptions } from "./table-keeper.ts";

/** What a {@link ControllerLoop} works with. */
export interface ControllerLoopOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: ControllerMetrics;
  /** Milliseconds since 1970. */
  readonly wallClock: WallClock;
  /** The `spec.loadBalancerClass` that is ours; empty: Services without one. */
  readonly lbClass: string;
  /** Whether annotations of other load balancers count; default: no. */
  readonly migrationAnnotations?: boolean;
  /** How it is decided who answers for Services; undefined: by the speakers alone. */
  readonly tables: TableOptions | undefined;
  /** Called once, when everything is listed: it can decide, or take over at once. */
  readonly ready: () => void;
}

/** The kinds that a controller watches; with `tables` those that say who may answer as well. */
export function controllerKinds(tables: boolean): readonly Kind[] {
  return ["namespace", "pool", "ownershipKey", ...(tables ? TABLE_KINDS : SPEAKERS), "service"];
}

/**
 * Gives Services their addresses while it leads: takes in what the source tells, decides key by key,
 * writes what differs. Services that have addresses are decided first, so nobody else can take them.
 * While it follows it keeps what it knows up to date, and writes nothing.
 */
export class ControllerLoop {
  readonly #options: ControllerLoopOptions;
  readonly #kinds: readonly Kind[];
  readonly #world: World;
  readonly #configuration: ConfigurationLog;
  #inForce: PoolsInForce = { pools: new Map(), broken: new Set() };
  #overlaps: readonly ObjectError[] = [];
  #errors: readonly ObjectError[] = [];
  /** What is said of them in the name of all; undefined: nothing yet. */
  #reported: string | undefined;
  #watching = false;
  #wasReady = false;
  #closed = false;
  /** What it leads with, from when the world is known to be as it is now. */
  #lead: { readonly actMs: () => number; isFresh: boolean } | undefined;
  #term: ControllerTerm | undefined;
  #keyKeeper: KeyKeeper | undefined;
  /** Terms that end one after another. */
  #ended: Promise<void> = Promise.resolve();

  constructor(options: ControllerLoopOptions) {
    this.#options = options;
    this.#kinds = controllerKinds(options.tables !== undefined);
    this.#world = new World(this.#kinds);
    this.#configuration = new ConfigurationLog(options.logger, options.metrics, options.wallClock);
  }

  /** Begins to watch; once is enough. */
  start(): void {
    if (this.#watching) return;
    this.#watching = true;
    this.#options.source.start(this.#kinds, (event) => this.#listen(event));
  }

  /**
   * Decides from now on, or goes on after `suspend`.
   *
   * @param actMs For how long it may still write: what is begun is over by then.
   */
  lead(actMs: () => number = () => Number.POSITIVE_INFINITY): void {
    if (this.#closed) return;
    if (this.#lead !== undefined) {
      this.#term?.resume();
      this.#keyKeeper?.resume();
      return;
    }
    const lead = { actMs, isFresh: !this.#watching };
    this.#lead = lead;
    this.#options.metrics.setLeader(true);
    if (lead.isFresh) {
      this.start();
      return;
    }
    void this.#catchUp(lead);
  }

  /** Writes nothing until `lead`, but forgets nothing. */
  suspend(): void {
    this.#term?.pause();
    this.#keyKeeper?.pause();
  }

  /** Somebody else decides from now on. */
  follow(): void {
    this.start();
    this.#lead = undefined;
    this.#options.metrics.setLeader(false);
    this.#endTerm();
  }

  /** Takes no more work and waits for the writes under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#lead = undefined;
    this.#endTerm();
    await this.#ended;
  }

  /** What the one before us wrote last may not have come by the watches yet. */
  async #catchUp(lead: { isFresh: boolean }): Promise<void> {
    await this.#options.source.refresh();
    await this.#ended;
    lead.isFresh = true;
    if (this.#lead === lead) this.#begin();
  }

  #listen(event: SourceEvent): void {
    const service = this.#serviceOf(event);
    const changed = this.#world.apply(event);
    if (event.type === "connection") {
      this.#term?.changed(event, undefined);
      this.#configuration.connection(event.kind, event.connected, event.reason);
      return;
    }
    if (!this.#world.isReady) return;
    if (!this.#wasReady) {
      this.#wasReady = true;
      this.#resolvePools();
      this.#options.ready();
      this.#begin();
      return;
    }
    const kind = event.type === "rejected" ? event.error.kind : event.kind;
    if (kind === "pool") {
      // Such as our own write of its counters.
      if (changed.length === 0) return;
      this.#resolvePools();
      this.#term?.setPools(this.#inForce);
      return;
    }
    if (kind === "ownershipKey") {
      this.#reportConfiguration();
      this.#observeKey();
      return;
    }
    if (TABLE_KINDS.includes(kind)) {
      if (changed.length > 0) this.#term?.changed(event, service);
      return;
    }
    if (kind === "namespace") {
      for (const name of changed) this.#term?.addAllOf(name);
      return;
    }
    this.#reportConfiguration();
    this.#term?.setBrokenPools(this.#inForce.broken);
    for (const key of changed) this.#term?.add(key);
  }

  /** Whose endpoints an event is about. */
  #serviceOf(event: SourceEvent): Key | undefined {
    if (event.type === "put" && event.kind === "endpointSlice") return event.record.service;
    if (event.type !== "delete" || event.kind !== "endpointSlice") return undefined;
    return this.#world.table("endpointSlice").get(event.key)?.service;
  }

  #begin(): void {
    if (this.#lead?.isFresh !== true || !this.#wasReady || this.#term !== undefined) return;
    const { actMs } = this.#lead;
    const term = new ControllerTerm({ ...this.#options, world: this.#world, actMs }, this.#inForce);
    const keyKeeper = new KeyKeeper(this.#options);
    this.#term = term;
    this.#keyKeeper = keyKeeper;
    if (actMs() === 0) this.suspend();
    this.#observeKey();
    this.#report();
  }

  #endTerm(): void {
    const term = this.#term;
    const keyKeeper = this.#keyKeeper;
    this.#term = undefined;
    this.#keyKeeper = undefined;
    if (term === undefined) return;
    this.#reported = undefined;
    this.#options.source.reportConfiguration(undefined);
    this.#ended = this.#ended
      .then(() => Promise.all([term.close(), keyKeeper?.close()]))
      .then(() => {});
  }

  #observeKey(): void {
    const [record] = this.#world.table("ownershipKey").values();
    const { rejected } = this.#world;
    // One that is broken is somebody's, and is not ours to replace.
    if (record === undefined && rejected.some(({ kind }) => kind === "ownershipKey")) return;
    this.#keyKeeper?.observe(record);
  }

  /** In the name of all controllers, as the one that leads. */
  #report(): void {
    if (this.#term === undefined) return;
    const report = controllerReport(this.#errors);
    const text = report.errors.join("\n");
    if (text === this.#reported) return;
    this.#reported = text;
    this.#options.source.reportConfiguration(report);
  }

  #resolvePools(): void {
    const { accepted, rejected } = resolvePools(
      this.#inForce.pools,
      this.#world.table("pool").values(),
    );
    this.#overlaps = rejected;
    this.#inForce = { ...this.#inForce, pools: accepted };
    this.#reportConfiguration();
  }

  #reportConfiguration(): void {
    // What is wrong with advertisements the speakers say, who go by them.
    const rejected = this.#world.rejected.filter(({ kind }) => !TABLE_KINDS.includes(kind));
    const errors = [...rejected, ...this.#overlaps];
    const broken = errors.filter(({ kind }) => kind === "pool").map(({ key }) => nameOf(key));
    this.#inForce = { ...this.#inForce, broken: new Set(broken) };
    this.#configuration.errors(errors);
    this.#errors = errors;
    this.#report();
  }
}

/** They say which addresses are in conflict. */
const SPEAKERS: readonly Kind[] = ["speaker"];

const TABLE_KINDS: readonly Kind[] = [
  "l2Advertisement",
  "node",
  "speaker",
  "endpointSlice",
  "l2Status",
];

function nameOf(key: Key): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

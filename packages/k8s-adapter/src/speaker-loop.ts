import { Allocator } from "@ingot/allocator";
import { AnnouncementReport } from "./announcement-report.ts";
import { BgpAnnouncements, type PeerSession } from "./bgp/announcements.ts";
import type { Clock } from "./clock.ts";
import { speakerReport } from "./configuration-state.ts";
import type { ConflictSighting, DesiredState, OwnershipNews } from "./dataplane/messages.ts";
import type { Key, Kind, PoolRecord, ServiceRecord, SpeakerInterface } from "./domain.ts";
import { Layer2Announcements } from "./layer2/announcements.ts";
import { ConfigurationLog } from "./observe/configuration-log.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import type { SpeakerMetrics } from "./observe/speaker-metrics.ts";
import { isOurs } from "./reconcile/allocation.ts";
import type { PeerSettings } from "./reconcile/bgp-peers.ts";
import { resolvePools } from "./reconcile/pools.ts";
import { routeWarning } from "./reconcile/route-warning.ts";
import { type Snapshot, World } from "./reconcile/world.ts";
import { ServiceWarnings } from "./service-warnings.ts";
import type { ServiceStatuses } from "./source/service-statuses.ts";
import type { Source, SourceEvent } from "./source/source.ts";
import { SPEAKER_KINDS } from "./speaker-kinds.ts";
import type { KeptState } from "./state-file.ts";

/** What a {@link SpeakerLoop} works with. */
export interface SpeakerLoopOptions {
  readonly source: Source;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SpeakerMetrics;
  /** Milliseconds since 1970. */
  readonly wallClock: WallClock;
  readonly node: string;
  readonly lbClass: string;
  readonly ignoreExcludeLb: boolean;
  /** Takes what anybody is to answer for on layer 2, whole, whenever it changed. */
  readonly desire: (desired: DesiredState) => void;
  /** Takes the addresses that another host claims as well, all of them, whenever they changed. */
  readonly contested: (addresses: readonly string[]) => void;
  /** Begins a session with a router; `isStarting` is true until all was announced once. */
  readonly openSession: (settings: PeerSettings, isStarting: () => boolean) => PeerSession;
  /** Something was learnt that is worth keeping on disk. */
  readonly learnt: (snapshot: () => Snapshot) => void;
  /** What to begin with when the source cannot be reached; undefined: there is nothing. */
  readonly lastKnown: () => KeptState | undefined;
  /** Called once, when everything is listed, or what was last known stands in for it. */
  readonly ready: () => void;
}

/**
 * Takes in what the source and the dataplane tell, and has decided Service by Service what is to be
 * answered for on layer 2 and announced over BGP.
 */
export class SpeakerLoop {
  readonly #options: SpeakerLoopOptions;
  readonly #world = new World(SPEAKER_KINDS);
  readonly #configuration: ConfigurationLog;
  readonly #addresses = new Allocator();
  readonly #dirty = new Set<Key>();
  readonly #warnings: ServiceWarnings;
  readonly #report: AnnouncementReport;
  readonly #layer2: Layer2Announcements;
  readonly #bgp: BgpAnnouncements;
  readonly #statuses: ServiceStatuses;
  #pools: ReadonlyMap<string, PoolRecord> = new Map();
  #allDirty = false;
  #configurationDirty = true;
  #cancelSettle: (() => void) | undefined;
  #wasReady = false;
  #closed = false;

  constructor(options: SpeakerLoopOptions) {
    this.#options = options;
    this.#warnings = new ServiceWarnings(options.source, options.logger);
    this.#report = new AnnouncementReport(options);
    this.#statuses = options.source.serviceStatuses(options.node);
    this.#layer2 = new Layer2Announcements({
      ...options,
      world: this.#world,
      warnings: this.#warnings,
      statuses: this.#statuses,
      poolOf: (address) => this.#poolOf(address),
      changed: (keys) => this.#decideAgain(keys),
    });
    this.#bgp = new BgpAnnouncements({
      ...options,
      world: this.#world,
      open: (settings) => options.openSession(settings, () => !this.#bgp.isComplete),
      poolOf: (address) => this.#poolOf(address),
    });
    this.#configuration = new ConfigurationLog(options.logger, options.metrics, options.wallClock);
  }

  /** Whether another speaker is heard that could take over from this one. */
  get hasPeers(): boolean {
    return this.#layer2.hasPeers;
  }

  /** How many Services this node answers for on layer 2. */
  get announcedServices(): number {
    return this.#layer2.services;
  }

  start(): void {
    this.#options.source.start(SPEAKER_KINDS, (event) => this.#listen(event));
  }

  /** The interfaces that this node can announce on. */
  setInterfaces(interfaces: readonly SpeakerInterface[]): void {
    this.#layer2.setInterfaces(interfaces);
  }

  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  setKernelAnswers(addresses: readonly string[]): void {
    this.#layer2.setKernelAnswers(addresses);
  }

  /** What came of ownership in the dataplane. */
  hear(news: OwnershipNews): void {
    if (!this.#closed) this.#layer2.hear(news);
  }

  /** The dataplane ended, and with it all that was answered for. */
  lose(): void {
    if (!this.#closed) this.#layer2.lose();
  }

  /** A host that is no speaker was seen to claim an address of ours. */
  see(sighting: ConflictSighting): void {
    if (!this.#closed) this.#layer2.see(sighting);
  }

  /** Takes leave of the routers with a text for their operators; resolves when that is done. */
  async close(text: string): Promise<void> {
    this.#closed = true;
    this.#cancelSettle?.();
    this.#layer2.close();
    await this.#bgp.close(text);
  }

  #listen(event: SourceEvent): void {
    if (this.#closed) return;
    const slice =
      event.type === "delete" ? this.#world.table("endpointSlice").get(event.key) : undefined;
    const changed = this.#world.apply(event);
    switch (event.type) {
      case "connection":
        this.#connection(event.kind, event.connected, event.reason);
        return;
      case "rejected":
        this.#configurationDirty = true;
        break;
      case "synced":
        this.#allDirty = true;
        this.#configurationDirty = true;
        break;
      case "put":
      case "delete":
        this.#mark(event, changed, slice?.service);
        break;
    }
    this.#settleSoon();
  }

  #mark(
    event: SourceEvent & { readonly type: "put" | "delete" },
    changed: readonly Key[],
    sliceOf: Key | undefined,
  ): void {
    switch (event.kind) {
      case "service":
        for (const key of changed) this.#dirty.add(key);
        return;
      case "endpointSlice":
        if (event.type === "put") this.#dirty.add(event.record.service);
        else if (sliceOf !== undefined) this.#dirty.add(sliceOf);
        return;
      case "speaker":
        if (event.type === "delete") this.#layer2.forgetSpeaker(event.key);
        else this.#layer2.sign(event.record);
        return;
      case "ownershipKey":
        return;
      case "node":
        // Its kubelet says every few minutes that it is there.
        if (changed.length === 0) return;
        // A BGPPeer may be of some nodes alone.
        if (changed.includes(this.#options.node)) this.#configurationDirty = true;
        this.#allDirty = true;
        return;
      case "l2Advertisement":
        this.#allDirty = true;
        return;
      default:
        // Such as a pool of which the controller wrote the counters.
        if (changed.length === 0) return;
        this.#configurationDirty = true;
        this.#allDirty = true;
    }
  }

  #connection(kind: Kind, connected: boolean, reason: string): void {
    this.#configuration.connection(kind, connected, reason);
    if (connected || this.#world.isReady) return;
    const kept = this.#options.lastKnown();
    if (kept === undefined) return;
    this.#options.metrics.setWorldStaleSince(kept.keptMs);
    this.#options.logger.warn(
      { reason, keptAt: new Date(kept.keptMs).toISOString() },
      "starting from what was last known, since the source cannot be reached",
    );
    this.#world.preload(kept.snapshot);
    for (const record of this.#world.table("speaker").values()) this.#layer2.sign(record);
    this.#allDirty = true;
    this.#settleSoon();
  }

  #decideAgain(keys: Iterable<Key> | "all"): void {
    if (keys === "all") this.#allDirty = true;
    else for (const key of keys) this.#dirty.add(key);
    this.#settleSoon();
  }

  // What arrives together is decided together.
  #settleSoon(): void {
    if (this.#cancelSettle !== undefined || this.#closed) return;
    this.#cancelSettle = this.#options.clock.setTimer(0, () => {
      this.#cancelSettle = undefined;
      if (this.#world.isReady) this.#settle();
    });
  }

  #settle(): void {
    const isFirst = !this.#wasReady;
    this.#wasReady = true;
    if (isFirst) this.#options.ready();
    if (this.#configurationDirty) this.#configure();
    const keys = this.#allDirty
      ? new Set([...this.#world.table("service").keys(), ...this.#layer2.keys])
      : new Set(this.#dirty);
    this.#allDirty = false;
    this.#dirty.clear();
    for (const key of keys) {
      const service = this.#world.table("service").get(key);
      if (service === undefined) this.#warnings.forget(key);
      this.#options.metrics.countUpdate();
      this.#layer2.decide(key, service);
      this.#route(key, service);
    }
    for (const [key, peers] of this.#bgp.flush()) {
      this.#statuses.set("bgp", key, peers.length === 0 ? undefined : peers);
    }
    this.#layer2.flush();
    if (isFirst) this.#statuses.complete();
    if (this.#world.isListed) this.#options.learnt(() => this.#world.snapshot());
  }

  #poolOf(address: string): PoolRecord | undefined {
    return this.#pools.get(this.#addresses.poolOf(address) ?? "");
  }

  #route(key: Key, service: ServiceRecord | undefined): void {
    const { decision, before, after } = this.#bgp.decide(key, service);
    if (service !== undefined && isOurs(service, this.#options.lbClass)) {
      this.#warnings.set(service, routeWarning(service, decision));
    }
    if (before.join() === after.join()) return;
    const details = decision.announce ? {} : { reason: decision.reason };
    this.#report.tell("bgp", { key, service, before, after, details });
  }

  #configure(): void {
    this.#configurationDirty = false;
    const { accepted, rejected } = resolvePools(this.#pools, this.#world.table("pool").values());
    this.#pools = accepted;
    this.#addresses.setPools([...accepted.values()]);
    const errors = [
      ...this.#world.rejected,
      ...rejected,
      ...this.#bgp.configure(accepted.values()),
    ];
    this.#configuration.errors(errors);
    this.#options.source.reportConfiguration(speakerReport(this.#options.node, errors));
  }
}

import { Allocator } from "@ingot/allocator";
import { AnnouncementReport } from "./announcement-report.ts";
import { BgpAnnouncements, type PeerSession } from "./bgp/announcements.ts";
import type { Clock } from "./clock.ts";
import { speakerReport } from "./configuration-state.ts";
import { ConflictWatch } from "./conflict-watch.ts";
import type { Announcement, ConflictSighting } from "./dataplane/messages.ts";
import type { Key, Kind, PoolRecord, ServiceRecord, SpeakerInterface } from "./domain.ts";
import { ConfigurationLog } from "./observe/configuration-log.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import type { SpeakerMetrics } from "./observe/speaker-metrics.ts";
import { PeerWatch } from "./peer-watch.ts";
import { isOurs } from "./reconcile/allocation.ts";
import { type Announced, announcementsOf, servicesWith } from "./reconcile/announced.ts";
import {
  type AnnouncementDecision,
  type AnnouncementView,
  decideAnnouncement,
} from "./reconcile/announcement.ts";
import type { PeerSettings } from "./reconcile/bgp-peers.ts";
import { resolvePools } from "./reconcile/pools.ts";
import { routeWarning } from "./reconcile/route-warning.ts";
import { peerWith, speakerWarnings } from "./reconcile/speaker-warnings.ts";
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
  /** Takes what this node answers for, whole, whenever it changed. */
  readonly announce: (announcements: readonly Announcement[]) => void;
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
 * Decides what this node answers for: takes in what the source and the dataplane tell, decides
 * Service by Service, hands the dataplane the whole of it when it changed.
 */
export class SpeakerLoop {
  readonly #options: SpeakerLoopOptions;
  readonly #world = new World(SPEAKER_KINDS);
  readonly #peers: PeerWatch;
  readonly #configuration: ConfigurationLog;
  readonly #addresses = new Allocator();
  readonly #announced = new Map<Key, Announced>();
  readonly #dirty = new Set<Key>();
  readonly #warnings: ServiceWarnings;
  readonly #conflicts: ConflictWatch;
  readonly #report: AnnouncementReport;
  readonly #bgp: BgpAnnouncements;
  readonly #statuses: ServiceStatuses;
  #kernelAnswers: ReadonlySet<string> = new Set();
  #pools: ReadonlyMap<string, PoolRecord> = new Map();
  #allDirty = false;
  #configurationDirty = true;
  #cancelSettle: (() => void) | undefined;
  /** Until the dataplane told once, that there is none says nothing. */
  #knowsInterfaces = false;
  #wasReady = false;
  #closed = false;

  constructor(options: SpeakerLoopOptions) {
    this.#options = options;
    const { clock, logger, node } = options;
    this.#peers = new PeerWatch({
      clock,
      logger,
      node,
      changed: () => {
        this.#allDirty = true;
        this.#settleSoon();
      },
    });
    this.#warnings = new ServiceWarnings(options.source, logger);
    this.#conflicts = new ConflictWatch(clock, (addresses) => {
      for (const key of servicesWith(this.#announced, addresses)) this.#dirty.add(key);
      this.#settleSoon();
    });
    this.#report = new AnnouncementReport(options);
    this.#statuses = options.source.serviceStatuses(node);
    this.#bgp = new BgpAnnouncements({
      ...options,
      world: this.#world,
      open: (settings) => options.openSession(settings, () => !this.#bgp.isComplete),
      poolOf: (address) => this.#poolOf(address),
    });
    this.#configuration = new ConfigurationLog(logger, options.metrics, options.wallClock);
  }

  /** Whether another live speaker could take over from this one. */
  get hasPeers(): boolean {
    return this.#peers.live.size > 1;
  }

  /** How many Services this node answers for. */
  get announcedServices(): number {
    return this.#announced.size;
  }

  start(): void {
    this.#options.source.start(SPEAKER_KINDS, (event) => this.#listen(event));
  }

  /** The interfaces that this node can announce on. */
  setInterfaces(interfaces: readonly SpeakerInterface[]): void {
    this.#knowsInterfaces = true;
    this.#peers.handle({ type: "self", interfaces });
  }

  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  setKernelAnswers(addresses: readonly string[]): void {
    this.#kernelAnswers = new Set(addresses);
    this.#allDirty = true;
    this.#settleSoon();
  }

  /** Another host was seen to claim an address. */
  see(sighting: ConflictSighting): void {
    const speakers = this.#world.table("speaker").values();
    this.#conflicts.see(sighting, peerWith(sighting.mac, speakers, this.#options.node));
  }

  /** Takes leave of the routers with a text for their operators; resolves when that is done. */
  async close(text: string): Promise<void> {
    this.#closed = true;
    this.#conflicts.close();
    this.#cancelSettle?.();
    this.#peers.close();
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
        if (event.type === "delete") this.#peers.handle({ type: "deleted", key: event.key });
        else this.#peers.handle({ type: "sign", record: event.record });
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
    if (kind === "speaker") this.#peers.handle({ type: "connection", connected });
    if (connected || this.#world.isReady) return;
    const kept = this.#options.lastKnown();
    if (kept === undefined) return;
    this.#options.metrics.setWorldStaleSince(kept.keptMs);
    this.#options.logger.warn(
      { reason, keptAt: new Date(kept.keptMs).toISOString() },
      "starting from what was last known, since the source cannot be reached",
    );
    this.#world.preload(kept.snapshot);
    for (const record of this.#world.table("speaker").values())
      this.#peers.handle({ type: "sign", record });
    this.#allDirty = true;
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
      ? new Set([...this.#world.table("service").keys(), ...this.#announced.keys()])
      : new Set(this.#dirty);
    this.#allDirty = false;
    this.#dirty.clear();
    const view = this.#view();
    let changed = false;
    for (const key of keys) {
      const service = this.#world.table("service").get(key);
      if (service === undefined) this.#warnings.forget(key);
      this.#options.metrics.countUpdate();
      if (this.#take(key, service, decideAnnouncement(view, service))) changed = true;
      this.#route(key, service);
    }
    for (const [key, peers] of this.#bgp.flush()) {
      this.#statuses.set("bgp", key, peers.length === 0 ? undefined : peers);
    }
    if (isFirst) this.#statuses.complete();
    if (changed) this.#hand(announcementsOf(this.#announced.values()));
    if (this.#world.isListed) this.#options.learnt(() => this.#world.snapshot());
  }

  #hand(announcements: readonly Announcement[]): void {
    this.#conflicts.setAnnounced(announcements.map(({ address }) => address));
    this.#options.announce(announcements);
  }

  #view(): AnnouncementView {
    const { node, lbClass, ignoreExcludeLb } = this.#options;
    return {
      node,
      lbClass,
      ignoreExcludeLb,
      nodes: this.#world.table("node"),
      advertisements: [...this.#world.table("l2Advertisement").values()],
      speakers: this.#peers.live,
      slicesOf: (service) => this.#world.slicesOf(service),
      poolOf: (address) => this.#poolOf(address),
    };
  }

  #poolOf(address: string): PoolRecord | undefined {
    return this.#pools.get(this.#addresses.poolOf(address) ?? "");
  }

  /** Whether what the dataplane is to answer for has changed. */
  #take(key: Key, service: ServiceRecord | undefined, decision: AnnouncementDecision): boolean {
    const before = this.#announced.get(key);
    this.#warn(service, decision);
    if (!decision.announce && before === undefined) return false;
    if (decision.announce && JSON.stringify(before) === JSON.stringify(decision)) return false;
    if (decision.announce) this.#announced.set(key, decision);
    else this.#announced.delete(key);
    this.#statuses.set("layer2", key, decision.announce ? decision.interfaces : undefined);
    this.#report.tell("layer2", {
      key,
      service,
      before: before?.addresses ?? [],
      after: decision.announce ? decision.addresses : [],
      details: decision.announce
        ? { interfaces: decision.interfaces }
        : { reason: decision.reason },
    });
    return true;
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

  #warn(service: ServiceRecord | undefined, decision: AnnouncementDecision): void {
    const { node, lbClass } = this.#options;
    if (service === undefined || !isOurs(service, lbClass)) return;
    const view = {
      node,
      knowsInterfaces: this.#knowsInterfaces,
      kernelAnswers: this.#kernelAnswers,
      claimantsOf: (address: string) => this.#conflicts.of(address),
    };
    for (const warning of speakerWarnings(view, service, decision)) {
      this.#warnings.set(service, warning);
    }
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

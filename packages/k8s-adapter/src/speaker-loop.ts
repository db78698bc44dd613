import { Allocator } from "@ingot/allocator";
import type { Clock } from "./clock.ts";
import type { Announcement } from "./dataplane/messages.ts";
import type { Key, Kind, PoolRecord, ServiceRecord, SpeakerInterface } from "./domain.ts";
import { ConfigurationLog } from "./observe/configuration-log.ts";
import type { Logger } from "./observe/log.ts";
import type { WallClock } from "./observe/metrics.ts";
import type {
  Announcement as AnnouncedAddress,
  SpeakerMetrics,
} from "./observe/speaker-metrics.ts";
import { isOurs } from "./reconcile/allocation.ts";
import {
  type AnnouncementDecision,
  type AnnouncementView,
  decideAnnouncement,
} from "./reconcile/announcement.ts";
import { Membership, type MembershipInput } from "./reconcile/membership.ts";
import { resolvePools } from "./reconcile/pools.ts";
import { type Snapshot, World } from "./reconcile/world.ts";
import { ServiceWarnings } from "./service-warnings.ts";
import type { Source, SourceEvent } from "./source/source.ts";
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
  /** Something was learnt that is worth keeping on disk. */
  readonly learnt: (snapshot: () => Snapshot) => void;
  /** What to begin with when the source cannot be reached; undefined: there is nothing. */
  readonly lastKnown: () => KeptState | undefined;
  /** Called once, when everything is listed, or what was last known stands in for it. */
  readonly ready: () => void;
}

/** The kinds that a speaker watches. */
export const SPEAKER_KINDS: readonly Kind[] = [
  "pool",
  "l2Advertisement",
  "node",
  "speaker",
  "endpointSlice",
  "service",
];

/**
 * Decides what this node answers for: takes in what the source and the dataplane tell, decides
 * Service by Service, hands the dataplane the whole of it when it changed.
 */
export class SpeakerLoop {
  readonly #options: SpeakerLoopOptions;
  readonly #world = new World(SPEAKER_KINDS);
  readonly #membership: Membership;
  readonly #configuration: ConfigurationLog;
  readonly #addresses = new Allocator();
  readonly #announced = new Map<Key, AnnouncementDecision & { readonly announce: true }>();
  readonly #dirty = new Set<Key>();
  readonly #warnings: ServiceWarnings;
  #kernelAnswers: ReadonlySet<string> = new Set();
  #pools: ReadonlyMap<string, PoolRecord> = new Map();
  #allDirty = false;
  #poolsDirty = true;
  #cancelSettle: (() => void) | undefined;
  #cancelTick: () => void = () => {};
  /** Until the dataplane told once, that there is none says nothing. */
  #knowsInterfaces = false;
  #wasReady = false;
  #closed = false;

  constructor(options: SpeakerLoopOptions) {
    this.#options = options;
    this.#membership = new Membership(options.node);
    this.#warnings = new ServiceWarnings(options.source, options.logger);
    this.#configuration = new ConfigurationLog(options.logger, options.metrics, options.wallClock);
  }

  /** Whether another live speaker could take over from this one. */
  get hasPeers(): boolean {
    return this.#membership.live.size > 1;
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
    this.#member({ type: "self", interfaces });
  }

  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  setKernelAnswers(addresses: readonly string[]): void {
    this.#kernelAnswers = new Set(addresses);
    this.#allDirty = true;
    this.#settleSoon();
  }

  close(): void {
    this.#closed = true;
    this.#cancelSettle?.();
    this.#cancelTick();
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
        this.#poolsDirty = true;
        break;
      case "synced":
        this.#allDirty = true;
        this.#poolsDirty = true;
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
        if (event.type === "delete") this.#member({ type: "deleted", key: event.key });
        else this.#member({ type: "sign", record: event.record });
        return;
      case "pool":
        this.#poolsDirty = true;
        this.#allDirty = true;
        return;
      case "node":
      case "l2Advertisement":
        this.#allDirty = true;
        return;
    }
  }

  #connection(kind: Kind, connected: boolean, reason: string): void {
    this.#configuration.connection(kind, connected, reason);
    if (kind === "speaker") this.#member({ type: "connection", connected });
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
      this.#member({ type: "sign", record });
    this.#allDirty = true;
    this.#settleSoon();
  }

  #member(input: MembershipInput): void {
    const { clock, logger, node } = this.#options;
    const changed = this.#membership.handle(input, clock.now());
    for (const name of changed) {
      this.#allDirty = true;
      if (name === node) continue;
      const interfaces = this.#membership.live.get(name)?.map((link) => link.name);
      if (interfaces === undefined) logger.warn({ node: name }, "speaker is gone");
      else logger.info({ node: name, interfaces }, "speaker is live");
    }
    if (changed.length > 0) this.#settleSoon();
    this.#cancelTick();
    const { deadline } = this.#membership;
    if (!Number.isFinite(deadline)) return;
    const tick = () => this.#member({ type: "tick" });
    this.#cancelTick = clock.setTimer(Math.max(0, deadline - clock.now()), tick);
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
    if (!this.#wasReady) {
      this.#wasReady = true;
      this.#options.ready();
    }
    if (this.#poolsDirty) this.#resolvePools();
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
    }
    if (changed) this.#options.announce(this.#announcements());
    if (this.#world.isListed) this.#options.learnt(() => this.#world.snapshot());
  }

  #view(): AnnouncementView {
    const { node, lbClass, ignoreExcludeLb } = this.#options;
    return {
      node,
      lbClass,
      ignoreExcludeLb,
      nodes: this.#world.table("node"),
      advertisements: [...this.#world.table("l2Advertisement").values()],
      live: this.#membership.live,
      slicesOf: (service) => this.#world.slicesOf(service),
      poolOf: (address) => this.#pools.get(this.#addresses.poolOf(address) ?? ""),
    };
  }

  #take(key: Key, service: ServiceRecord | undefined, decision: AnnouncementDecision): boolean {
    const before = this.#announced.get(key);
    const { metrics, logger, node } = this.#options;
    this.#tellFailure(service, decision);
    if (!decision.announce) {
      if (before === undefined) return false;
      this.#announced.delete(key);
      for (const address of before.addresses) metrics.withdrawn(layer2(key, address));
      logger.info(
        { service: key, addresses: before.addresses, reason: decision.reason },
        "no longer answering",
      );
      return true;
    }
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(decision)) return false;
    this.#announced.set(key, decision);
    for (const address of before?.addresses ?? []) {
      if (!decision.addresses.includes(address)) metrics.withdrawn(layer2(key, address));
    }
    for (const address of decision.addresses) metrics.announced(layer2(key, address));
    logger.info(
      { service: key, addresses: decision.addresses, interfaces: decision.interfaces },
      "answering",
    );
    if (service !== undefined && before?.addresses.join() !== decision.addresses.join()) {
      const { namespace, name, uid } = service;
      const message = `announcing from node "${node}" with protocol "layer2"`;
      const event = {
        namespace,
        name,
        uid,
        type: "Normal",
        reason: "nodeAssigned",
        message,
      } as const;
      void this.#options.source.emitEvent(event);
    }
    return true;
  }

  /** Warnings on a Service, each once for as long as its cause lasts. */
  #tellFailure(service: ServiceRecord | undefined, decision: AnnouncementDecision): void {
    if (service === undefined || !isOurs(service, this.#options.lbClass)) return;
    const { node } = this.#options;
    this.#warnings.set(
      service,
      "announceFailed",
      this.#knowsInterfaces && !decision.announce && decision.reason === "noInterface"
        ? `no eligible node has an interface that the advertisements of ${service.ingress.join(", ")} want, or none that is up`
        : "",
    );
    const own = service.ingress.filter((address) => this.#kernelAnswers.has(address));
    this.#warnings.set(
      service,
      "addressOnNode",
      own.length === 0
        ? ""
        : `node "${node}" itself has ${own.join(", ")} on an interface and its kernel answers ARP for it, whoever announces it: set net.ipv4.conf.all.arp_ignore to 1 there (kube-proxy in IPVS mode: strictARP)`,
    );
  }

  #resolvePools(): void {
    this.#poolsDirty = false;
    const { accepted, rejected } = resolvePools(this.#pools, this.#world.table("pool").values());
    this.#pools = accepted;
    this.#addresses.setPools([...accepted.values()]);
    const errors = [...this.#world.rejected, ...rejected];
    this.#configuration.errors(errors);
  }

  /** One entry an address: Services that share one are united. */
  #announcements(): readonly Announcement[] {
    const byAddress = new Map<string, Announcement>();
    for (const { addresses, interfaces } of this.#announced.values()) {
      for (const address of addresses) {
        const other = byAddress.get(address);
        const everywhere = interfaces.length === 0 || other?.interfaces.length === 0;
        byAddress.set(address, {
          address,
          interfaces: everywhere ? [] : [...new Set([...(other?.interfaces ?? []), ...interfaces])],
        });
      }
    }
    return [...byAddress.values()];
  }
}

function layer2(service: Key, ip: string): AnnouncedAddress {
  return { service, protocol: "layer2", ip };
}

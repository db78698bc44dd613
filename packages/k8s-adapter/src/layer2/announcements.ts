import { AnnouncementReport } from "../announcement-report.ts";
import type { Clock } from "../clock.ts";
import { secretsOf } from "../config/ownership-key.ts";
import { ConflictWatch } from "../conflict-watch.ts";
import type { ConflictSighting, DesiredState, OwnershipNews } from "../dataplane/messages.ts";
import type { Key, PoolRecord, ServiceRecord, SpeakerInterface, SpeakerRecord } from "../domain.ts";
import type { Logger } from "../observe/log.ts";
import type { SpeakerMetrics } from "../observe/speaker-metrics.ts";
import { isOurs } from "../reconcile/allocation.ts";
import {
  type AnnouncementDecision,
  type AnnouncementView,
  type Candidacy,
  decideAnnouncement,
} from "../reconcile/announcement.ts";
import { Groups } from "../reconcile/groups.ts";
import { KnownSpeakers } from "../reconcile/known-speakers.ts";
import { peerWith, speakerWarnings } from "../reconcile/speaker-warnings.ts";
import type { World } from "../reconcile/world.ts";
import type { ServiceWarnings } from "../service-warnings.ts";
import type { ServiceStatuses } from "../source/service-statuses.ts";
import type { Source } from "../source/source.ts";
import { Holdings } from "./holdings.ts";
import { OwnershipReport } from "./ownership-report.ts";

/** What {@link Layer2Announcements} works with. */
export interface Layer2AnnouncementsOptions {
  readonly world: World;
  readonly source: Pick<Source, "emitEvent">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SpeakerMetrics;
  readonly warnings: ServiceWarnings;
  readonly statuses: Pick<ServiceStatuses, "set">;
  readonly node: string;
  readonly lbClass: string;
  readonly ignoreExcludeLb: boolean;
  /** The pool in force that holds an address. */
  readonly poolOf: (address: string) => PoolRecord | undefined;
  /** Takes what anybody is to answer for, whole, whenever it changed. */
  readonly desire: (desired: DesiredState) => void;
  /** Takes the addresses that another host claims as well, all of them, whenever they changed. */
  readonly contested: (addresses: readonly string[]) => void;
  /** Some Services, or all, are to be decided again. */
  readonly changed: (keys: Iterable<Key> | "all") => void;
}

/**
 * What this node answers for on layer 2: decides Service by Service who may, hands the dataplane all
 * of it, and tells what the dataplane made of it.
 */
export class Layer2Announcements {
  readonly #options: Layer2AnnouncementsOptions;
  readonly #speakers: KnownSpeakers;
  readonly #candidacies = new Map<Key, Candidacy>();
  readonly #groups = new Groups();
  readonly #holdings = new Holdings();
  readonly #conflicts: ConflictWatch;
  readonly #report: AnnouncementReport;
  readonly #ownership: OwnershipReport;
  /** What was last told of each Service that this node answers for. */
  readonly #told = new Map<Key, readonly string[]>();
  /** Services for which somebody has to say that no node has the interface. */
  readonly #unequipped = new Set<Key>();
  readonly #heard = new Set<string>();
  #kernelAnswers: ReadonlySet<string> = new Set();
  /** Until the dataplane told once, that there is none says nothing. */
  #knowsInterfaces = false;
  #isStale = true;
  #handed = "";
  #secrets: readonly Uint8Array[] = [];

  constructor(options: Layer2AnnouncementsOptions) {
    this.#options = options;
    this.#speakers = new KnownSpeakers(options.node);
    this.#conflicts = new ConflictWatch(options.clock, (addresses) => {
      options.contested(this.#conflicts.addresses);
      options.changed(addresses.flatMap((address) => this.#holdings.servicesOf(address)));
    });
    this.#report = new AnnouncementReport(options);
    this.#ownership = new OwnershipReport({
      ...options,
      metrics: options.metrics.ownership,
      servicesOf: (address) => this.#holdings.servicesOf(address),
    });
  }

  /** Whether another speaker is heard. */
  get hasPeers(): boolean {
    return this.#heard.size > 0;
  }

  /** How many Services this node answers for. */
  get services(): number {
    return this.#told.size;
  }

  /** The interfaces that this node can announce on. */
  setInterfaces(interfaces: readonly SpeakerInterface[]): void {
    const isFirst = !this.#knowsInterfaces;
    this.#knowsInterfaces = true;
    if (this.#speakers.setOwn(interfaces) || isFirst) this.#options.changed("all");
  }

  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  setKernelAnswers(addresses: readonly string[]): void {
    this.#kernelAnswers = new Set(addresses);
    this.#options.changed("all");
  }

  /** A speaker's Lease. */
  sign(record: SpeakerRecord): void {
    if (!this.#speakers.sign(record)) return;
    const { node, held, interfaces } = record;
    const names = interfaces.map(({ name }) => name);
    if (held) this.#options.logger.info({ node, interfaces: names }, "speaker is known");
    else {
      this.#options.logger.info({ node }, "speaker takes leave");
      this.#ownership.expectSilence(node);
    }
    this.#options.changed("all");
  }

  /** A speaker's Lease is gone. */
  forgetSpeaker(key: Key): void {
    if (this.#speakers.forget(key)) this.#options.changed("all");
  }

  /** A host that is no speaker has an address of ours. */
  see(sighting: ConflictSighting): void {
    const { world, node } = this.#options;
    const peer = peerWith(sighting.mac, world.table("speaker").values(), node);
    this.#conflicts.see(sighting, peer);
  }

  /** What came of ownership. */
  hear(news: OwnershipNews): void {
    const causes = this.#ownership.tell(news);
    for (const fact of news.facts) {
      if (fact.kind === "peer") this.#setHeard(fact.node, fact.state !== "dead");
      if (fact.kind === "resumed") this.#conflicts.setFree(fact.address);
    }
    const keys = this.#holdings.hear(news);
    this.#conflicts.setClaimed(this.#holdings.claimed);
    for (const key of keys) this.#tell(key, causes(key));
  }

  /** The dataplane ended: nothing is answered for. */
  lose(): void {
    this.#heard.clear();
    this.#ownership.lose();
    for (const key of this.#holdings.lose()) this.#tell(key, { cause: "dataplane ended" });
    this.#conflicts.setClaimed(this.#holdings.claimed);
  }

  /** Decides one Service; the dataplane learns of it with {@link flush}. */
  decide(key: Key, service: ServiceRecord | undefined): void {
    const decision = decideAnnouncement(this.#view(), service);
    const { candidacy, reason } = decision;
    if (candidacy === undefined && reason !== "noEligibleNode" && reason !== "noInterface") {
      this.#unequipped.delete(key);
    } else if (candidacy === undefined) this.#unequipped.add(key);
    this.#warn(service, decision);
    const before = this.#candidacies.get(key);
    if (isSame(before, candidacy)) return;
    this.#isStale = true;
    if (candidacy === undefined) this.#candidacies.delete(key);
    else this.#candidacies.set(key, candidacy);
    this.#holdings.setService(key, candidacy?.addresses ?? []);
    this.#tell(key, { reason });
    if (this.#told.has(key)) this.#options.statuses.set("layer2", key, candidacy?.places);
  }

  /** Hands the dataplane what changed since the last time. */
  flush(): void {
    const { world, node, desire, logger } = this.#options;
    const [record] = world.table("ownershipKey").values();
    const neighbours = Array.from(world.table("node").values())
      .filter(({ name }) => name !== node)
      .flatMap(({ addresses }) => addresses);
    const beside = JSON.stringify([record?.current, record?.next, record?.previous, neighbours]);
    if (!this.#isStale && beside === this.#handed) return;
    if (record === undefined && this.#secrets.length === 0 && this.#handed === "") {
      logger.info(
        {},
        "there is no Secret ingot-ownership-key yet: nothing is answered until the controller has made it",
      );
    }
    this.#isStale = false;
    this.#handed = beside;
    // A key that is gone again is better than none: the others have it still.
    if (record !== undefined) this.#secrets = secretsOf(record);
    desire({ groups: this.#groups.of(this.#candidacies), secrets: this.#secrets, neighbours });
  }

  /** The Services that there are decisions about. */
  get keys(): Iterable<Key> {
    return this.#candidacies.keys();
  }

  close(): void {
    this.#conflicts.close();
  }

  #view(): AnnouncementView {
    const { node, lbClass, ignoreExcludeLb, world, poolOf } = this.#options;
    return {
      node,
      lbClass,
      ignoreExcludeLb,
      poolOf,
      nodes: world.table("node"),
      advertisements: world.table("l2Advertisement").values(),
      speakers: this.#speakers.interfaces,
      slicesOf: (service) => world.slicesOf(service),
      isHeard: (name) => name === node || this.#heard.has(name),
    };
  }

  #setHeard(node: string, isHeard: boolean): void {
    if (this.#heard.has(node) === isHeard) return;
    if (isHeard) this.#heard.add(node);
    else this.#heard.delete(node);
    // Somebody else may be the one now who has to say what is missing.
    this.#options.changed(this.#unequipped);
  }

  #tell(key: Key, details: Readonly<Record<string, unknown>>): void {
    const before = this.#told.get(key) ?? [];
    const after = this.#holdings.answeredOf(key);
    if (before.join() === after.join()) return;
    if (after.length === 0) this.#told.delete(key);
    else this.#told.set(key, after);
    const service = this.#options.world.table("service").get(key);
    const places = after.length > 0 ? this.#candidacies.get(key)?.places : undefined;
    this.#options.statuses.set("layer2", key, places);
    const where = places === undefined ? {} : { interfaces: places };
    this.#report.tell("layer2", { key, service, before, after, details: { ...where, ...details } });
  }

  #warn(service: ServiceRecord | undefined, decision: AnnouncementDecision): void {
    const { node, lbClass, warnings } = this.#options;
    if (service === undefined || !isOurs(service, lbClass)) return;
    const view = {
      node,
      knowsInterfaces: this.#knowsInterfaces,
      kernelAnswers: this.#kernelAnswers,
      claimantsOf: (address: string) => this.#conflicts.of(address),
    };
    for (const warning of speakerWarnings(view, service, decision)) warnings.set(service, warning);
  }
}

function isSame(one: Candidacy | undefined, other: Candidacy | undefined): boolean {
  return textOf(one) === textOf(other);
}

function textOf(candidacy: Candidacy | undefined): string {
  return JSON.stringify(candidacy && { ...candidacy, eligible: [...candidacy.eligible] });
}

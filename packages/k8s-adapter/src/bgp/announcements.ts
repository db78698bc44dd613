import type { PathAttributes } from "@ingot/bgp";
import type {
  BfdTiming,
  BgpAdvertisementRecord,
  Key,
  ObjectError,
  PoolRecord,
  ServiceRecord,
} from "../domain.ts";
import { resolveBgp } from "../reconcile/bgp-configuration.ts";
import { type PeerSettings, resolvePeers } from "../reconcile/bgp-peers.ts";
import { decideRoutes, type RouteDecision, type RouteView } from "../reconcile/bgp-routes.ts";
import { RouteTable } from "../reconcile/route-table.ts";
import type { World } from "../reconcile/world.ts";
import { attributesOf } from "./route-attributes.ts";

/** A session with one peer, which dials by itself until it is stopped. */
export interface PeerSession {
  announce(prefix: string, attributes: PathAttributes): void;
  withdraw(prefix: string): void;
  /** All that there is to announce has been announced. */
  complete(): void;
  /** Has BFD watch over it in another way, or not at all, from now on. */
  watch(timing: BfdTiming | undefined): void;
  /**
   * Takes leave with a text for the peer's operator; resolves when nothing of it is left.
   *
   * @param forRestart Where graceful restart is agreed on, the peer keeps the routes meanwhile.
   */
  stop(text: string, forRestart: boolean): Promise<void>;
}

/** What {@link BgpAnnouncements} works with. */
export interface BgpAnnouncementsOptions {
  readonly world: World;
  readonly node: string;
  readonly lbClass: string;
  readonly ignoreExcludeLb: boolean;
  /** Begins a session. */
  readonly open: (settings: PeerSettings) => PeerSession;
  /** The pool in force that holds an address. */
  readonly poolOf: (address: string) => PoolRecord | undefined;
}

/** What became of one Service. */
export interface BgpChange {
  readonly decision: RouteDecision;
  /** The addresses that were announced before; none when it was not. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * What this node announces over BGP: decides Service by Service, keeps a session with each peer of
 * this node, and tells each session what changed for it.
 */
export class BgpAnnouncements {
  readonly #options: BgpAnnouncementsOptions;
  readonly #table = new RouteTable();
  readonly #announced = new Map<Key, readonly string[]>();
  readonly #sessions = new Map<string, { readonly settings: PeerSettings; session: PeerSession }>();
  readonly #touched = new Set<string>();
  /** Since the last time that the sessions were told. */
  readonly #decided = new Set<Key>();
  /** The peers that each Service is announced to, by name. */
  readonly #reached = new Map<Key, readonly string[]>();
  readonly #ending = new Set<Promise<void>>();
  #advertisements: ReadonlyMap<string, BgpAdvertisementRecord> = new Map();
  #aliases: ReadonlyMap<string, string> = new Map();
  /** Every Service was decided once. */
  #isComplete = false;
  #peers: ReadonlyMap<string, PeerSettings> = new Map();

  constructor(options: BgpAnnouncementsOptions) {
    this.#options = options;
  }

  /** How many prefixes there are. */
  get prefixes(): number {
    return this.#table.size;
  }

  /**
   * Takes the configuration in anew: opens sessions with new peers, ends those with peers that are
   * gone or changed. Every Service has to be decided again after it.
   *
   * @returns what is wrong with objects that are not in force, or not in their newest form.
   */
  configure(pools: Iterable<PoolRecord>): readonly ObjectError[] {
    const { world, node } = this.#options;
    const bgp = resolveBgp(this.#advertisements, {
      advertisements: world.table("bgpAdvertisement").values(),
      communities: world.table("community").values(),
      pools,
    });
    this.#advertisements = bgp.advertisements;
    this.#aliases = bgp.aliases;
    const { peers, rejected } = resolvePeers(this.#peers, {
      peers: world.table("bgpPeer").values(),
      secrets: world.table("secret"),
      profiles: world.table("bfdProfile"),
      node: world.table("node").get(node),
    });
    this.#peers = peers;
    this.#settleSessions();
    return [...bgp.rejected, ...rejected];
  }

  /** Decides one Service; the sessions learn of it with {@link flush}. */
  decide(key: Key, service: ServiceRecord | undefined): BgpChange {
    const decision = decideRoutes(this.#view(), service);
    const routes = decision.announce ? decision.routes : [];
    for (const prefix of this.#table.set(key, routes)) this.#touched.add(prefix);
    this.#decided.add(key);
    const before = this.#announced.get(key) ?? [];
    const after = decision.announce && service !== undefined ? service.ingress : [];
    if (after.length === 0) this.#announced.delete(key);
    else this.#announced.set(key, after);
    return { decision, before, after };
  }

  /**
   * Tells every session what changed for it since the last time.
   *
   * @returns the Services that are announced to other peers than before, with the names of the peers.
   */
  flush(): ReadonlyMap<Key, readonly string[]> {
    for (const { settings, session } of this.#sessions.values()) {
      for (const prefix of this.#touched) this.#tell(settings, session, prefix);
    }
    const reached = this.#reach();
    this.#touched.clear();
    if (this.#isComplete) return reached;
    this.#isComplete = true;
    for (const { session } of this.#sessions.values()) session.complete();
    return reached;
  }

  /** Whether all that there is to announce has been announced once. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Takes leave of every peer; resolves when all sessions have ended. */
  async close(text: string): Promise<void> {
    for (const name of [...this.#sessions.keys()]) this.#end(name, text, true);
    await Promise.all(this.#ending);
  }

  /** Services of one prefix are announced together, whichever of them asked for a peer. */
  #reach(): ReadonlyMap<Key, readonly string[]> {
    const services = new Set(this.#decided);
    for (const prefix of this.#touched) {
      for (const service of this.#table.servicesOf(prefix)) services.add(service);
    }
    this.#decided.clear();
    const peers = [...this.#peers.values()].map(({ name }) => name).sort();
    const changed = new Map<Key, readonly string[]>();
    for (const service of services) {
      const reached = this.#table.peersOf(service, peers);
      if (reached.join() === (this.#reached.get(service) ?? NOBODY).join()) continue;
      if (reached.length === 0) this.#reached.delete(service);
      else this.#reached.set(service, reached);
      changed.set(service, reached);
    }
    return changed;
  }

  #view(): RouteView {
    const { world, node, lbClass, ignoreExcludeLb, poolOf } = this.#options;
    return {
      node,
      lbClass,
      ignoreExcludeLb,
      poolOf,
      nodes: world.table("node"),
      advertisements: this.#advertisements.values(),
      slicesOf: (service) => world.slicesOf(service),
    };
  }

  #settleSessions(): void {
    for (const [name, { settings }] of [...this.#sessions]) {
      const wanted = this.#peers.get(name);
      if (wanted === undefined) this.#end(name, "peer removed");
      else if (!sameSettings(wanted, settings)) this.#change(name, wanted);
    }
    for (const [name, settings] of this.#peers) {
      if (this.#sessions.has(name)) continue;
      const session = this.#options.open(settings);
      this.#sessions.set(name, { settings, session });
      for (const prefix of this.#table.prefixes) this.#tell(settings, session, prefix);
      if (this.#isComplete) session.complete();
    }
  }

  /** How BFD watches can change while the session is up. */
  #change(name: string, wanted: PeerSettings): void {
    const open = this.#sessions.get(name);
    if (open === undefined || !sameSettings({ ...open.settings, bfd: wanted.bfd }, wanted)) {
      this.#end(name, "configuration changed");
      return;
    }
    this.#sessions.set(name, { settings: wanted, session: open.session });
    open.session.watch(wanted.bfd);
  }

  #end(name: string, text: string, forRestart = false): void {
    const ended = this.#sessions.get(name)?.session.stop(text, forRestart);
    this.#sessions.delete(name);
    if (ended === undefined) return;
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }

  #tell(settings: PeerSettings, session: PeerSession, prefix: string): void {
    const route = this.#table.routeFor(settings.name, prefix);
    if (route === undefined) session.withdraw(prefix);
    else session.announce(prefix, attributesOf(prefix, route, settings, this.#aliases));
  }
}

const NOBODY: readonly string[] = [];

function sameSettings(a: PeerSettings, b: PeerSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

import type { Key } from "../domain.ts";
import type { ServiceRoute } from "./bgp-routes.ts";

/** What one peer is to be told about a prefix. */
export interface Route {
  /** 0: the default. */
  readonly localPref: number;
  /** 0 to 10. */
  readonly asPathPrepend: number;
  /** Values and aliases, as written, each once, sorted. */
  readonly communities: readonly string[];
}

/**
 * The routes of all Services by prefix. Services that share an address, and aggregates, give rise to
 * the same prefix: it is there until the last of them is gone.
 */
export class RouteTable {
  readonly #byService = new Map<Key, readonly ServiceRoute[]>();
  readonly #byPrefix = new Map<string, Map<Key, readonly ServiceRoute[]>>();

  /** How many prefixes there are. */
  get size(): number {
    return this.#byPrefix.size;
  }

  get prefixes(): Iterable<string> {
    return this.#byPrefix.keys();
  }

  /** Replaces the routes of a Service and tells the prefixes that this may have changed. */
  set(service: Key, routes: readonly ServiceRoute[]): readonly string[] {
    const before = this.#byService.get(service) ?? [];
    const touched = new Set([...before, ...routes].map(({ prefix }) => prefix));
    if (routes.length === 0) this.#byService.delete(service);
    else this.#byService.set(service, routes);
    for (const prefix of touched) {
      const own = routes.filter((route) => route.prefix === prefix);
      const services = this.#byPrefix.get(prefix) ?? new Map<Key, readonly ServiceRoute[]>();
      if (own.length === 0) services.delete(service);
      else services.set(service, own);
      if (services.size === 0) this.#byPrefix.delete(prefix);
      else this.#byPrefix.set(prefix, services);
    }
    return [...touched];
  }

  /** The Services that give rise to a prefix. */
  servicesOf(prefix: string): Iterable<Key> {
    return this.#byPrefix.get(prefix)?.keys() ?? [];
  }

  /** Those of the peers, by name, that are told of any prefix of a Service; in their order. */
  peersOf(service: Key, peers: readonly string[]): readonly string[] {
    const prefixes = new Set((this.#byService.get(service) ?? []).map(({ prefix }) => prefix));
    return peers.filter((peer) =>
      [...prefixes].some((prefix) => this.routeFor(peer, prefix) !== undefined),
    );
  }

  /**
   * What a peer, by its BGPPeer's name, is told about a prefix; undefined: nothing. Where Services
   * differ, communities are united, the largest LOCAL_PREF counts, and the shortest path.
   */
  routeFor(peer: string, prefix: string): Route | undefined {
    const meant = [...(this.#byPrefix.get(prefix)?.values() ?? [])]
      .flat()
      .filter(({ peers }) => peers.length === 0 || peers.includes(peer));
    const [first] = meant;
    if (first === undefined) return undefined;
    if (meant.length === 1) return { ...first, communities: unique(first.communities) };
    return {
      localPref: Math.max(...meant.map(({ localPref }) => localPref)),
      asPathPrepend: Math.min(...meant.map(({ asPathPrepend }) => asPathPrepend)),
      communities: unique(meant.flatMap(({ communities }) => communities)),
    };
  }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

import { familyOf } from "../address.ts";
import type { Family, NamespaceRecord, PoolRecord, ServiceRecord } from "../domain.ts";
import { POOL_ANNOTATION } from "../reconcile/allocation.ts";

/** What a controller knows, as plain lists. */
export interface ModelWorld {
  /** In name order. */
  readonly pools: readonly PoolRecord[];
  readonly services: ReadonlyMap<string, ServiceRecord>;
  readonly namespaces: ReadonlyMap<string, NamespaceRecord>;
}

/**
 * Decides about addresses in the slowest and plainest way: every question is answered by looking at
 * every address of every pool, and at every Service.
 */
export class AssignmentModel {
  readonly #world: () => ModelWorld;
  /** The addresses of each entry of a pool, in order. */
  readonly #blocks: Readonly<Record<string, readonly string[]>>;
  /** What was given to each Service, whatever its status says. */
  readonly #memory = new Map<string, readonly string[]>();
  /** Addresses that nobody may have, although no status names them any more. */
  #leaving: ReadonlySet<string> = new Set();

  constructor(blocks: Readonly<Record<string, readonly string[]>>, world: () => ModelWorld) {
    this.#blocks = blocks;
    this.#world = world;
  }

  /** Another controller, which knows what statuses say. */
  restart(): void {
    this.#memory.clear();
    this.poolsChanged();
  }

  poolsChanged(): void {
    const services = [...this.#world().services.values()].sort(
      (a, b) => b.ingress.length - a.ingress.length || (a.key < b.key ? -1 : 1),
    );
    for (const [key, addresses] of this.#memory) {
      if (this.#home(addresses) === undefined) this.#memory.delete(key);
    }
    // What two statuses name is for those to share who claim it; whoever does not comes later.
    for (const service of services) this.#claim(service, () => false);
  }

  /** A Service comes with a status, or gets one from somebody else. */
  noticed(service: ServiceRecord): void {
    this.#claim(service, (address) => !this.#fits(service, address));
  }

  #claim(service: ServiceRecord, isTaken: (address: string) => boolean): void {
    if (this.#memory.has(service.key) || service.ingress.length === 0 || !isOurs(service)) return;
    const pool = this.#home(service.ingress);
    if (pool === undefined || !this.#accepts(pool, service)) return;
    const families = service.ingress.map((address) => familyOf(address));
    if (new Set(families).size < families.length) return;
    const isHad = service.ingress.some((address) => !this.#sharesWithHolders(service, address));
    if (!isHad && !service.ingress.some(isTaken)) this.#memory.set(service.key, service.ingress);
  }

  written(key: string, addresses: readonly string[]): void {
    if (addresses.length === 0) this.#memory.delete(key);
    else this.#memory.set(key, addresses);
  }

  gone(key: string): void {
    this.#memory.delete(key);
  }

  /**
   * The same while it is not known yet that a status was written which names these no more.
   */
  decideWithout(leaving: ReadonlySet<string>, service: ServiceRecord) {
    this.#leaving = leaving;
    const decision = this.decide(service);
    this.#leaving = new Set();
    return decision;
  }

  /** What the status of a Service should say; undefined: whatever it says. */
  decide(service: ServiceRecord): readonly string[] | undefined {
    const marked = service.annotations[POOL_ANNOTATION] !== undefined;
    if (!isOurs(service)) {
      return this.#memory.has(service.key) || (!service.isLoadBalancer && marked) ? [] : undefined;
    }
    const kept = this.#kept(service);
    const asked = askedFor(service);
    if (kept.length > 0 && (asked === undefined || this.#isWhole(service, kept))) {
      return sameSet(kept, service.ingress) ? service.ingress : kept;
    }
    const isHalf = kept.length === 1 && asked?.length === 0 && this.#isHalf(service, kept);
    const given = isHalf ? this.#extended(service, kept) : this.#given(service, kept);
    return given ?? (sameSet(kept, service.ingress) ? service.ingress : kept);
  }

  #kept(service: ServiceRecord): readonly string[] {
    const held = this.#memory.get(service.key) ?? service.ingress;
    const choices = held.length === 2 ? [held, ...held.map((address) => [address])] : [held];
    const kept = choices.find((choice) => choice.length > 0 && this.#allFit(service, choice)) ?? [];
    const pool = this.#home(kept);
    return pool !== undefined && this.#accepts(pool, service) ? kept : [];
  }

  #isWhole(service: ServiceRecord, kept: readonly string[]): boolean {
    const asked = askedFor(service) ?? [];
    if (!this.#isOfWantedPool(service, kept)) return false;
    if (asked.length > 0) return sameSet(asked, kept);
    const families = familiesOf(service);
    return (
      kept.length === families.length &&
      kept.every((address) => families.includes(familyOf(address))) &&
      (service.familyPolicy !== "RequireDualStack" || kept.length === 2)
    );
  }

  #isHalf(service: ServiceRecord, kept: readonly string[]): boolean {
    return (
      service.familyPolicy === "PreferDualStack" &&
      this.#isOfWantedPool(service, kept) &&
      kept.every((address) => familiesOf(service).includes(familyOf(address)))
    );
  }

  #isOfWantedPool(service: ServiceRecord, kept: readonly string[]): boolean {
    const wanted = wantedPool(service);
    return wanted === undefined || this.#home(kept)?.name === wanted;
  }

  #extended(service: ServiceRecord, kept: readonly string[]): readonly string[] | undefined {
    const pool = this.#home(kept);
    const lacking = familiesOf(service).filter(
      (family) => !kept.some((a) => familyOf(a) === family),
    );
    const more = pool === undefined ? undefined : this.#lowest(service, pool, lacking);
    const both = more && [...kept, ...more];
    return both !== undefined && this.#hasRoom(service, kept, both) ? both : undefined;
  }

  #given(service: ServiceRecord, kept: readonly string[]): readonly string[] | undefined {
    const families = familiesOf(service);
    const asked = askedFor(service);
    if (asked === undefined) return undefined;
    if (service.familyPolicy === "RequireDualStack" && families.length < 2) return undefined;
    const { pools } = this.#world();
    const wanted = wantedPool(service);
    if (asked.length > 0) {
      const pool = this.#home(asked);
      if (pool === undefined || !this.#accepts(pool, service)) return undefined;
      if (wanted !== undefined && wanted !== pool.name) return undefined;
      return this.#allFit(service, asked) && this.#hasRoom(service, kept, asked)
        ? asked
        : undefined;
    }
    const usable = pools.filter(
      (pool) =>
        (wanted === undefined ? pool.autoAssign : pool.name === wanted) &&
        this.#accepts(pool, service),
    );
    const own = this.#home(kept)?.name;
    const first = usable.filter(({ name }) => name === own);
    const rest = usable.filter(({ name }) => name !== own);
    const pinned = rest.filter(({ reserved }) => reserved !== undefined).sort(byPriority);
    const open = rest.filter(({ reserved }) => reserved === undefined);
    const [ownPinned, ownOpen] = [true, false].map((isPinned) =>
      first.filter(({ reserved }) => (reserved !== undefined) === isPinned),
    );
    const choices =
      service.familyPolicy === "PreferDualStack" && families.length === 2
        ? [families, ...families.map((family) => [family])]
        : [families];
    for (const pass of [
      [...(ownPinned ?? []), ...pinned],
      [...(ownOpen ?? []), ...open],
    ]) {
      for (const choice of choices) {
        for (const pool of pass) {
          const held = this.#home(kept) === pool ? kept : [];
          const found = this.#lowest(service, pool, choice, held);
          if (found !== undefined && this.#hasRoom(service, kept, found)) return found;
        }
      }
    }
    return undefined;
  }

  /** Whether the quota of the namespace lets a Service that keeps these have those. */
  #hasRoom(service: ServiceRecord, kept: readonly string[], wanted: readonly string[]): boolean {
    const quota = this.#world().namespaces.get(service.namespace)?.quota;
    const others = new Set(
      this.#others(service)
        .filter(({ namespace }) => namespace === service.namespace)
        .flatMap(({ key }) => this.#memory.get(key) ?? []),
    );
    return ([4, 6] as const).every((family) => {
      const limit = (family === 4 ? quota?.ipv4 : quota?.ipv6) ?? Number.POSITIVE_INFINITY;
      const own = wanted.filter((address) => familyOf(address) === family && !others.has(address));
      const used = [...others].filter((address) => familyOf(address) === family).length;
      return own.every((address) => kept.includes(address)) || used + own.length <= limit;
    });
  }

  #lowest(
    service: ServiceRecord,
    pool: PoolRecord,
    families: readonly Family[],
    held: readonly string[] = [],
  ): readonly string[] | undefined {
    const found = families.map((family) =>
      [...held, ...this.#usable(pool)].find(
        (address) => familyOf(address) === family && this.#fits(service, address),
      ),
    );
    return found.every((address) => address !== undefined) ? found : undefined;
  }

  #allFit(service: ServiceRecord, addresses: readonly string[]): boolean {
    const families = addresses.map((address) => familyOf(address));
    return (
      this.#home(addresses) !== undefined &&
      new Set(families).size === families.length &&
      addresses.every((address) => this.#fits(service, address))
    );
  }

  /** Who has the address would share it, and no status names it that must not. */
  #fits(service: ServiceRecord, address: string): boolean {
    if (this.#leaving.has(address) || !this.#sharesWithHolders(service, address)) return false;
    return this.#others(service).every((other) => {
      const isStrange = other.isLoadBalancer && !isOurs(other) && !this.#memory.has(other.key);
      return isStrange || this.#has(other, address) || !other.ingress.includes(address);
    });
  }

  #sharesWithHolders(service: ServiceRecord, address: string): boolean {
    return this.#others(service).every(
      (other) => !this.#has(other, address) || this.#share(service, other, address),
    );
  }

  #others({ key }: ServiceRecord): readonly ServiceRecord[] {
    return [...this.#world().services.values()].filter((other) => other.key !== key);
  }

  #has({ key }: ServiceRecord, address: string): boolean {
    return this.#memory.get(key)?.includes(address) === true;
  }

  #share(a: ServiceRecord, b: ServiceRecord, address: string): boolean {
    const [key, other] = [a, b].map((service) => service.annotations["metallb.io/allow-shared-ip"]);
    if (key === undefined || key !== other) return false;
    if (a.trafficPolicy !== b.trafficPolicy) return false;
    if (a.trafficPolicy === "Local" && (a.namespace !== b.namespace || a.selector !== b.selector)) {
      return false;
    }
    if (this.#home([address])?.shareWithinNamespace && a.namespace !== b.namespace) return false;
    const ports = b.ports.map(({ protocol, port }) => `${protocol}/${port}`);
    return !a.ports.some(({ protocol, port }) => ports.includes(`${protocol}/${port}`));
  }

  #accepts({ reserved }: PoolRecord, service: ServiceRecord): boolean {
    if (reserved === undefined) return true;
    const { labels = {} } = this.#world().namespaces.get(service.namespace) ?? {};
    const selects = (
      selectors: readonly { readonly matchLabels: Readonly<Record<string, string>> }[],
      of: Readonly<Record<string, string>>,
    ) =>
      selectors.some(({ matchLabels }) =>
        Object.entries(matchLabels).every(([name, value]) => of[name] === value),
      );
    const { namespaces, namespaceSelectors, serviceSelectors } = reserved;
    const anywhere = namespaces.length === 0 && namespaceSelectors.length === 0;
    return (
      (anywhere || namespaces.includes(service.namespace) || selects(namespaceSelectors, labels)) &&
      (serviceSelectors.length === 0 || selects(serviceSelectors, service.labels))
    );
  }

  /** The one pool that all these addresses are of. */
  #home(addresses: readonly string[]): PoolRecord | undefined {
    if (addresses.length === 0) return undefined;
    return this.#world().pools.find((pool) =>
      addresses.every((address) => this.#usable(pool).includes(address)),
    );
  }

  #usable(pool: PoolRecord): readonly string[] {
    return pool.addresses
      .flatMap((entry) => this.#blocks[entry] ?? [])
      .filter((address) => !pool.avoidBuggyIPs || !/\.(0|255)$/.test(address));
  }
}

function isOurs(service: ServiceRecord): boolean {
  return service.isLoadBalancer && service.loadBalancerClass === "";
}

function familiesOf({ clusterIPs }: ServiceRecord): readonly Family[] {
  return clusterIPs.map((address) => familyOf(address));
}

/** Explicit addresses; none when any will do, undefined when the request cannot be. */
function askedFor(service: ServiceRecord): readonly string[] | undefined {
  const annotation = service.annotations["metallb.io/loadBalancerIPs"];
  if (annotation !== undefined && service.loadBalancerIP !== "") return undefined;
  const text = annotation ?? service.loadBalancerIP;
  const asked = text === "" ? [] : text.split(",");
  const families = familiesOf(service);
  const fits =
    asked.length === families.length &&
    families.every((family) => asked.some((address) => familyOf(address) === family));
  return asked.length === 0 || fits ? asked : undefined;
}

function wantedPool(service: ServiceRecord): string | undefined {
  return service.annotations["metallb.io/address-pool"];
}

function byPriority(a: PoolRecord, b: PoolRecord): number {
  const rank = ({ reserved }: PoolRecord) => reserved?.priority || Number.MAX_SAFE_INTEGER;
  return rank(a) - rank(b);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address) => b.includes(address));
}

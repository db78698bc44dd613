import type { Ipv6Address } from "./address.ts";
import { ExpiringTable } from "./expiring-table.ts";
import { isLinkLocal, isMulticast } from "./group.ts";
import type { RouterAdvertisement, RouterPreference } from "./message.ts";
import type { NdpOption, PrefixOption, RdnssOption } from "./option.ts";
import { maskPrefix } from "./prefix.ts";
import { linkLayerSource } from "./sender.ts";

// What the routers on a link tell. It learns at any time; it asks only once it was started.
//
//                 | asking                       | content
//  start, up      | solicit within a second      | -
//  advertisement  | no longer, if of a default   | each item: learned or changed, forgotten when its
//                 | router                       | lifetime is 0, and otherwise kept that long
//  deadline       | solicit, three times in all  | forgotten when its time is over

/** A default router, until `expiresAt`. */
export interface RouterRecord {
  readonly address: Ipv6Address;
  readonly mac: number;
  readonly preference: RouterPreference;
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
  readonly expiresAt: number;
}

/** A prefix of the link, until `expiresAt`; the bits after its length are zero. */
export interface PrefixRecord {
  readonly prefix: Ipv6Address;
  readonly prefixLength: number;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  /** From then on its addresses should not be used for anything new. */
  readonly preferredUntil: number;
  readonly expiresAt: number;
}

/** A recursive DNS server, until `expiresAt`. */
export interface DnsServerRecord {
  readonly address: Ipv6Address;
  readonly expiresAt: number;
}

/** What happens to a {@link RouterDiscovery}. */
export type DiscoveryInput =
  | { readonly type: "start" }
  /** The interface came up, or has another hardware address now. */
  | { readonly type: "up" }
  /** A valid advertisement of another. */
  | { readonly type: "advertisement"; readonly packet: RouterAdvertisement }
  | { readonly type: "tick" };

/** What a {@link RouterDiscovery} wants sent, or has learned. */
export type DiscoveryOutput =
  | { readonly type: "solicit" }
  | { readonly type: "router"; readonly router: RouterRecord }
  | { readonly type: "routerGone"; readonly router: RouterRecord }
  | { readonly type: "prefix"; readonly prefix: PrefixRecord }
  | { readonly type: "prefixGone"; readonly prefix: PrefixRecord }
  | { readonly type: "dnsServer"; readonly server: DnsServerRecord }
  | { readonly type: "dnsServerGone"; readonly server: DnsServerRecord }
  | { readonly type: "mtu"; readonly mtu: number };

/**
 * Asks for routers, and keeps what they tell for as long as they say. Holds no timer and no socket:
 * hand it what happened and the time, carry out what it returns, and wake it with a tick at its
 * deadline. A tick before the deadline does nothing. Never throws.
 *
 * @see RFC 4861 sections 6.3.4 and 6.3.7, RFC 8106 section 5.3
 */
export class RouterDiscovery {
  readonly #random: () => number;
  readonly #routers = new ExpiringTable<RouterRecord>(MOST_ENTRIES);
  readonly #prefixes = new ExpiringTable<PrefixRecord>(MOST_ENTRIES);
  readonly #servers = new ExpiringTable<DnsServerRecord>(MOST_ENTRIES);
  #mtu: number | undefined;
  #started = false;
  #solicitAt = NEVER;
  #solicitsLeft = 0;

  /** @param random spreads the solicitations: numbers from 0 to below 1, evenly spread. */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** When to tick next, on the clock of `now`; infinite while nothing is scheduled. */
  get deadline(): number {
    const { deadline } = this.#routers;
    return Math.min(this.#solicitAt, deadline, this.#prefixes.deadline, this.#servers.deadline);
  }

  get routers(): readonly RouterRecord[] {
    return this.#routers.values();
  }

  get prefixes(): readonly PrefixRecord[] {
    return this.#prefixes.values();
  }

  get dnsServers(): readonly DnsServerRecord[] {
    return this.#servers.values();
  }

  /** What a router last said; undefined while none did. */
  get mtu(): number | undefined {
    return this.#mtu;
  }

  handle(input: DiscoveryInput, now: number): readonly DiscoveryOutput[] {
    switch (input.type) {
      case "start":
        if (!this.#started) this.#ask(now);
        this.#started = true;
        return [];
      case "up":
        if (this.#started) this.#ask(now);
        return [];
      case "advertisement":
        return [
          ...this.#learnRouter(input.packet, now),
          ...input.packet.options.flatMap((option) => this.#learn(option, now)),
        ];
      case "tick":
        return [...this.#expire(now), ...this.#solicit(now)];
    }
  }

  #ask(now: number): void {
    this.#solicitsLeft = SOLICITATIONS;
    this.#solicitAt = now + this.#random() * FIRST_WITHIN_MS;
  }

  #solicit(now: number): readonly DiscoveryOutput[] {
    if (now < this.#solicitAt) return [];
    this.#solicitsLeft -= 1;
    this.#solicitAt = this.#solicitsLeft > 0 ? now + SOLICIT_INTERVAL_MS : NEVER;
    return [{ type: "solicit" }];
  }

  #expire(now: number): readonly DiscoveryOutput[] {
    return [
      ...this.#routers.expire(now).map((router) => ({ type: "routerGone", router }) as const),
      ...this.#prefixes.expire(now).map((prefix) => ({ type: "prefixGone", prefix }) as const),
      ...this.#servers.expire(now).map((server) => ({ type: "dnsServerGone", server }) as const),
    ];
  }

  #learnRouter(packet: RouterAdvertisement, now: number): readonly DiscoveryOutput[] {
    const { source: address, preference, managed, otherConfiguration } = packet;
    if (packet.lifetimeSeconds === 0) {
      const router = this.#routers.delete(address);
      return router === undefined ? [] : [{ type: "routerGone", router }];
    }
    this.#solicitAt = NEVER;
    const expiresAt = now + packet.lifetimeSeconds * 1_000;
    const mac = linkLayerSource(packet);
    const router = { address, mac, preference, managed, otherConfiguration, expiresAt };
    const known = this.#routers.get(address);
    if (!this.#routers.set(address, router, expiresAt)) return [];
    return isSame(known, router) ? [] : [{ type: "router", router }];
  }

  #learn(option: NdpOption, now: number): readonly DiscoveryOutput[] {
    switch (option.type) {
      case "prefix":
        return this.#learnPrefix(option, now);
      case "rdnss":
        return option.servers.flatMap((address) => this.#learnServer(address, option, now));
      case "mtu":
        if (option.mtu < LEAST_MTU || option.mtu === this.#mtu) return [];
        this.#mtu = option.mtu;
        return [{ type: "mtu", mtu: option.mtu }];
      default:
        return [];
    }
  }

  #learnPrefix(option: PrefixOption, now: number): readonly DiscoveryOutput[] {
    const { prefixLength, onLink, autonomous, validSeconds, preferredSeconds } = option;
    const prefix = maskPrefix(option.prefix, prefixLength);
    if (isLinkLocal(prefix) || isMulticast(prefix)) return [];
    if (!(onLink || autonomous) || preferredSeconds > validSeconds) return [];
    const key = `${prefix}/${prefixLength}`;
    if (validSeconds === 0) {
      const gone = this.#prefixes.delete(key);
      return gone === undefined ? [] : [{ type: "prefixGone", prefix: gone }];
    }
    const expiresAt = end(now, validSeconds);
    const preferredUntil = end(now, preferredSeconds);
    const record = { prefix, prefixLength, onLink, autonomous, preferredUntil, expiresAt };
    const known = this.#prefixes.get(key);
    if (!this.#prefixes.set(key, record, expiresAt)) return [];
    const wasPreferred = known !== undefined && known.preferredUntil > now;
    if (isSame(known, record) && wasPreferred === preferredUntil > now) return [];
    return [{ type: "prefix", prefix: record }];
  }

  #learnServer(
    address: Ipv6Address,
    { lifetimeSeconds }: RdnssOption,
    now: number,
  ): readonly DiscoveryOutput[] {
    if (lifetimeSeconds === 0) {
      const gone = this.#servers.delete(address);
      return gone === undefined ? [] : [{ type: "dnsServerGone", server: gone }];
    }
    const server = { address, expiresAt: end(now, lifetimeSeconds) };
    const isNew = this.#servers.get(address) === undefined;
    if (!this.#servers.set(address, server, server.expiresAt) || !isNew) return [];
    return [{ type: "dnsServer", server }];
  }
}

/** Whether two records say the same, but for how long. */
function isSame<T extends object>(one: T | undefined, other: T): boolean {
  if (one === undefined) return false;
  const keys = Object.keys(other) as (keyof T)[];
  return keys.every((key) => TIMES.has(key as string) || one[key] === other[key]);
}

function end(now: number, lifetimeSeconds: number): number {
  return lifetimeSeconds === FOREVER_SECONDS ? NEVER : now + lifetimeSeconds * 1_000;
}

const NEVER = Number.POSITIVE_INFINITY;
const FOREVER_SECONDS = 0xffff_ffff;
/** Of each kind; a link with more is an attack or an accident. */
const MOST_ENTRIES = 64;
/** @see RFC 8200 section 5 */
const LEAST_MTU = 1_280;
const TIMES: ReadonlySet<string> = new Set(["expiresAt", "preferredUntil"]);
// RFC 4861 section 10: MAX_RTR_SOLICITATIONS, RTR_SOLICITATION_INTERVAL, MAX_RTR_SOLICITATION_DELAY.
const SOLICITATIONS = 3;
const SOLICIT_INTERVAL_MS = 4_000;
const FIRST_WITHIN_MS = 1_000;

import { parseIpv6 } from "./address.ts";
import { MAX_INTERVAL_MS } from "./advertisement-schedule.ts";
import type { RouterContent } from "./frames.ts";
import { isLinkLocal, isMulticast } from "./group.ts";
import type { RouterPreference } from "./message.ts";
import type { NdpOption, PrefixOption } from "./option.ts";
import { parsePrefix } from "./prefix.ts";
import { checkRange } from "./range.ts";

/** A prefix to advertise. */
export interface AdvertisedPrefix {
  /** Such as `2001:db8:1::/64`, nothing set after its length. */
  readonly prefix: string;
  /** Whether hosts reach its addresses without a router; by default so. */
  readonly onLink?: boolean;
  /** Whether hosts may form addresses from it; by default so. */
  readonly autonomous?: boolean;
  /** 0 to 4,294,967,295, which is for ever; by default 2,592,000, 30 days. */
  readonly validSeconds?: number;
  /** 0 to `validSeconds`; by default 604,800, 7 days, or `validSeconds` if that is less. */
  readonly preferredSeconds?: number;
}

/** What a router tells the hosts. Whatever is left out is not said. */
export interface RouterOptions {
  /**
   * How long hosts may use it as a default router: 0 to 65,535, where 0 is not at all. Anything else
   * draws their traffic here, so there is no default.
   */
  readonly lifetimeSeconds: number;
  /** Against other default routers; by default `medium`. */
  readonly preference?: RouterPreference;
  /** Whether addresses are to be had by DHCPv6; by default not. */
  readonly managed?: boolean;
  /** Whether other configuration is to be had by DHCPv6; by default not. */
  readonly otherConfiguration?: boolean;
  /** What hosts should send with, 0 to 255. */
  readonly currentHopLimit?: number;
  /** How long a neighbour counts as reachable, 0 to 3,600,000. */
  readonly reachableMs?: number;
  /** Between two solicitations, 0 to 4,294,967,295. */
  readonly retransmitMs?: number;
  /** Of the link, 1,280 to 65,535. */
  readonly mtu?: number;
  readonly prefixes?: readonly AdvertisedPrefix[];
  /** Addresses of recursive DNS servers; at most 127. */
  readonly dnsServers?: readonly string[];
  /** How long hosts may use them, 0 to 4,294,967,295; by default three times `maxIntervalMs`. */
  readonly dnsLifetimeSeconds?: number;
}

/**
 * The content of the advertisements that options describe.
 *
 * @throws {RangeError} when a number is out of its range; the message names it and its value.
 * @throws {TypeError} when a text is not what it should be.
 */
export function routerContent(
  options: RouterOptions,
  maxIntervalMs: number = MAX_INTERVAL_MS,
): RouterContent {
  const { currentHopLimit = 0, reachableMs = 0, retransmitMs = 0, lifetimeSeconds } = options;
  checkRange("lifetimeSeconds", lifetimeSeconds, 0, 65_535);
  if (lifetimeSeconds !== 0 && lifetimeSeconds * 1_000 < maxIntervalMs) {
    const least = `at least maxIntervalMs, ${maxIntervalMs / 1_000} s`;
    throw new RangeError(`lifetimeSeconds must be 0 or ${least}, got ${lifetimeSeconds}`);
  }
  checkRange("currentHopLimit", currentHopLimit, 0, 255);
  checkRange("reachableMs", reachableMs, 0, 3_600_000);
  checkRange("retransmitMs", retransmitMs, 0, MOST_32);
  return {
    currentHopLimit,
    managed: options.managed ?? false,
    otherConfiguration: options.otherConfiguration ?? false,
    preference: options.preference ?? "medium",
    lifetimeSeconds,
    reachableMs,
    retransmitMs,
    options: [
      ...mtuOptions(options),
      ...(options.prefixes ?? []).map(prefixOption),
      ...dnsOptions(options, Math.ceil((3 * maxIntervalMs) / 1_000)),
    ],
  };
}

function mtuOptions({ mtu }: RouterOptions): NdpOption[] {
  if (mtu === undefined) return [];
  checkRange("mtu", mtu, 1_280, 65_535);
  return [{ type: "mtu", mtu }];
}

function prefixOption(advertised: AdvertisedPrefix): PrefixOption {
  const { validSeconds = 2_592_000 } = advertised;
  const { preferredSeconds = Math.min(604_800, validSeconds) } = advertised;
  checkRange("validSeconds", validSeconds, 0, MOST_32);
  checkRange("preferredSeconds", preferredSeconds, 0, validSeconds);
  const parsed = parsePrefix(advertised.prefix);
  if (isLinkLocal(parsed.prefix) || isMulticast(parsed.prefix)) {
    throw new RangeError(`prefix must not be link-local or multicast, got ${advertised.prefix}`);
  }
  const { onLink = true, autonomous = true } = advertised;
  return { type: "prefix", ...parsed, onLink, autonomous, validSeconds, preferredSeconds };
}

function dnsOptions(options: RouterOptions, defaultSeconds: number): NdpOption[] {
  const { dnsServers = [], dnsLifetimeSeconds = defaultSeconds } = options;
  checkRange("dnsLifetimeSeconds", dnsLifetimeSeconds, 0, MOST_32);
  if (dnsServers.length === 0) return [];
  if (dnsServers.length > 127) {
    throw new RangeError(`dnsServers must be at most 127, got ${dnsServers.length}`);
  }
  const servers = dnsServers.map(parseIpv6);
  return [{ type: "rdnss", lifetimeSeconds: dnsLifetimeSeconds, servers }];
}

const MOST_32 = 0xffff_ffff;

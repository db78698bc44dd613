import { readAddress } from "./address.ts";
import { Afi, AS_TRANS, Safi } from "./constants.ts";
import type { DampingOptions } from "./damping.ts";
import type { PeerOptions, RangeOptions, ResolvedOptions, SessionOptions } from "./peer-options.ts";
import { encodePrefix } from "./prefix.ts";

/**
 * Checks a session's options and fills in what is missing.
 *
 * @throws {RangeError} when a number is out of its range. The messages name the option and its value.
 * @throws {TypeError} when a text is no address or identifier.
 */
export function resolveOptions(
  options: SessionOptions,
  speaker: { readonly asn: number; readonly routerId: string },
): ResolvedOptions {
  const all = {
    ...DEFAULTS,
    localAsn: speaker.asn,
    routerId: speaker.routerId,
    ...withoutUndefined(options),
    damping: { ...DAMPING, ...withoutUndefined(options.damping ?? {}) },
  };
  if (typeof all.asn === "number") checkAsn("asn", all.asn);
  else checkChoice("asn", all.asn, ["external", "internal", "any"]);
  checkAsn("localAsn", all.localAsn);
  checkRouterId("routerId", all.routerId);
  if (all.holdTimeS !== 0) checkInteger("holdTimeS", all.holdTimeS, 3, 65_535);
  checkIfGiven("keepaliveS", all.keepaliveS, 1, 21_845);
  checkRange("connectRetryMs", all.connectRetryMs, 100, HOUR_MS);
  checkRange("delayOpenMs", all.delayOpenMs, 0, 240_000);
  checkRange("openHoldMs", all.openHoldMs, 1_000, HOUR_MS);
  if (all.sendHoldMs !== undefined) checkRange("sendHoldMs", all.sendHoldMs, 1_000, HOUR_MS);
  checkRange("lingerMs", all.lingerMs, 0, 60_000);
  checkRange("damping.baseMs", all.damping.baseMs, 1, HOUR_MS);
  checkRange("damping.mostMs", all.damping.mostMs, all.damping.baseMs, 24 * HOUR_MS);
  checkRange("damping.forgetAfterMs", all.damping.forgetAfterMs, 0, 24 * HOUR_MS);
  checkFamilies("families", all.families);
  if (all.requiredFamilies !== undefined) checkFamilies("requiredFamilies", all.requiredFamilies);
  checkIfGiven("gracefulRestart.restartTimeS", all.gracefulRestart?.restartTimeS, 1, 4_095);
  checkIfGiven("role", all.role, 0, 4);
  checkIfGiven("maximumPrefixes", all.maximumPrefixes, 1, 2 ** 24);
  checkNextHops(all.nextHop ?? {});
  checkSocket(all);
  return all;
}

/** As {@link resolveOptions}, for what a peer by its address has besides. */
export function checkPeer({ address, port = 179 }: PeerOptions): void {
  checkAddress("address", address);
  checkInteger("port", port, 1, 65_535);
}

/** As {@link resolveOptions}, for what a range has besides. */
export function checkRangeOptions({ range, mostPeers = 1 }: RangeOptions): void {
  try {
    encodePrefix(range);
  } catch {
    throw new TypeError(`range must be text such as 192.0.2.0/24, got ${range}`);
  }
  checkInteger("mostPeers", mostPeers, 1, 1_000_000);
}

/** @throws {RangeError} when it is no AS number that a speaker may have; names the option. */
export function checkAsn(option: string, asn: number): void {
  checkInteger(option, asn, 1, 0xffff_ffff);
  if (asn === AS_TRANS) throw new RangeError(`${option} must not be AS_TRANS, got ${asn}`);
}

/** @throws {TypeError} when it is no identifier that a speaker may have; names the option. */
export function checkRouterId(option: string, routerId: string): void {
  if (readAddress(routerId).length === 4 && routerId !== "0.0.0.0") return;
  throw new TypeError(`${option} must be a dotted quad other than 0.0.0.0, got ${routerId}`);
}

const HOUR_MS = 3_600_000;

const DAMPING: Required<DampingOptions> = {
  baseMs: 1_000,
  mostMs: 300_000,
  forgetAfterMs: 300_000,
};

const DEFAULTS = {
  holdTimeS: 90,
  connectRetryMs: 5_000,
  delayOpenMs: 0,
  openHoldMs: 240_000,
  lingerMs: 10_000,
  compareEstablished: false,
  notifyBeforeOpen: false,
  families: [
    { afi: Afi.ipv4, safi: Safi.unicast },
    { afi: Afi.ipv6, safi: Safi.unicast },
  ],
  extendedNextHop: false,
  extendedMessage: true,
  keepRoutes: false,
  enforceFirstAs: true,
} satisfies Partial<SessionOptions>;

function withoutUndefined<T extends object>(options: T): T {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as T;
}

function checkFamilies(option: string, families: SessionOptions["families"] = []): void {
  if (families.length === 0) throw new RangeError(`${option} must not be empty, got none`);
  for (const { afi, safi } of families) {
    checkInteger(`${option}.afi`, afi, 1, 65_535);
    checkInteger(`${option}.safi`, safi, 1, 255);
  }
}

function checkNextHops({ ipv4, ipv6, linkLocal }: NonNullable<SessionOptions["nextHop"]>): void {
  if (ipv4 !== undefined) checkAddress("nextHop.ipv4", ipv4, 4);
  if (ipv6 !== undefined) checkAddress("nextHop.ipv6", ipv6, 16);
  if (linkLocal !== undefined) checkAddress("nextHop.linkLocal", linkLocal, 16);
}

function checkSocket({ localAddress, ttl, minTtl, dscp }: SessionOptions): void {
  if (localAddress !== undefined) checkAddress("localAddress", localAddress);
  checkIfGiven("ttl", ttl, 1, 255);
  checkIfGiven("minTtl", minTtl, 1, 255);
  checkIfGiven("dscp", dscp, 0, 63);
}

function checkAddress(option: string, text: string, lengthBytes?: number): void {
  const { length } = readAddress(text);
  if (length > 0 && (lengthBytes ?? length) === length) return;
  const family = lengthBytes === undefined ? "IPv4 or IPv6" : lengthBytes === 4 ? "IPv4" : "IPv6";
  throw new TypeError(`${option} must be an ${family} address, got ${text}`);
}

function checkChoice(option: string, value: string, choices: readonly string[]): void {
  if (choices.includes(value)) return;
  throw new RangeError(`${option} must be a number or one of ${choices.join(", ")}, got ${value}`);
}

function checkIfGiven(
  option: string,
  value: number | undefined,
  least: number,
  most: number,
): void {
  if (value !== undefined) checkInteger(option, value, least, most);
}

function checkInteger(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${option} must be a whole number from ${least} to ${most}, got ${value}`);
}

function checkRange(option: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${option} must be from ${least} to ${most}, got ${value}`);
}

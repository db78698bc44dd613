import { isIpv6, parseAddress, parseIpv4 } from "../address.ts";
import { MAX_EXTENDED_MESSAGE_LENGTH, MAX_MESSAGE_LENGTH } from "../constants.ts";
import type { Family } from "../message.ts";
import type { PathAttributes } from "../path-attributes.ts";

/** What a route gets whose own next hop is unspecified (`0.0.0.0`, `::`). Canonical text. */
export interface NextHopSelf {
  readonly ipv4?: string;
  /** A global address: for IPv6 routes, and for IPv4 routes where `extendedNextHop` allows it. */
  readonly ipv6?: string;
  /** Goes beside the global one, or alone where there is none. @see RFC 2545 section 3 */
  readonly linkLocal?: string;
}

/**
 * Everything about a session that changes the octets of an UPDATE. Outboxes of equal classes share
 * encoded messages.
 */
export interface SessionClass {
  /** Both sides have the capability; otherwise AS_PATH is of two octets, with an AS4_PATH. */
  readonly fourOctetAs: boolean;
  /** iBGP: LOCAL_PREF is sent and the own AS is not prepended. */
  readonly internal: boolean;
  /** What is prepended on eBGP; 1–4,294,967,295. */
  readonly localAsn: number;
  /** 4,096, or 65,535 when both sides have the Extended Message capability. @see RFC 8654 */
  readonly maxMessageLength: number;
  /** What was negotiated; only IPv4 and IPv6 unicast are ever sent. */
  readonly families: readonly Family[];
  readonly nextHop: NextHopSelf;
  /** IPv4 routes may have an IPv6 next hop. False by default. @see RFC 8950 */
  readonly extendedNextHop?: boolean;
  /** A lone link-local next hop is sent once, not twice. False by default. */
  readonly linkLocalNextHop?: boolean;
  /** Families whose prefixes carry a path identifier; none by default. @see RFC 7911 */
  readonly addPath?: readonly Family[];
  /** Ours towards the peer, on eBGP; none by default. @see RFC 9234 */
  readonly role?: number;
  /** Routes carry GRACEFUL_SHUTDOWN, and LOCAL_PREF 0 on iBGP. False by default. @see RFC 8326 */
  readonly gracefulShutdown?: boolean;
}

/**
 * What one peer is told of a route: true, the route as it is announced; false, nothing; or other
 * attributes than its own. Must depend on its arguments alone, and should return the same object
 * for the same attributes. Called when the route's turn to be sent comes.
 */
export type ExportFilter = (prefix: string, attributes: PathAttributes) => boolean | PathAttributes;

/**
 * Checks what a caller may get wrong.
 *
 * @throws {RangeError} when a number is out of its range; {TypeError} when an address is none, or of the
 * wrong family. Both name the field and the value.
 */
export function checkSessionClass(session: SessionClass): void {
  const { localAsn, maxMessageLength, nextHop } = session;
  within("localAsn", localAsn, 1, 0xffff_ffff);
  within("maxMessageLength", maxMessageLength, MAX_MESSAGE_LENGTH, MAX_EXTENDED_MESSAGE_LENGTH);
  if (nextHop.ipv4 !== undefined) parseIpv4("nextHop.ipv4", nextHop.ipv4);
  for (const field of ["ipv6", "linkLocal"] as const) {
    const address = nextHop[field];
    if (address === undefined) continue;
    parseAddress(address);
    if (!isIpv6(address)) throw new TypeError(`nextHop.${field} must be IPv6, got ${address}`);
  }
}

/** Equal for classes whose sessions carry the same octets. */
export function classKey(session: SessionClass): string {
  const { nextHop } = session;
  return JSON.stringify([
    session.fourOctetAs,
    session.internal,
    session.localAsn,
    session.maxMessageLength,
    nextHop.ipv4,
    nextHop.ipv6,
    nextHop.linkLocal,
    session.extendedNextHop === true,
    session.linkLocalNextHop === true,
    familiesKey(session.addPath ?? []),
    session.role,
    session.gracefulShutdown === true,
  ]);
}

/** Equal for the same families in whatever order. */
export function familiesKey(families: readonly Family[]): string {
  return [...new Set(families.map(({ afi, safi }) => `${afi}/${safi}`))].sort().join(" ");
}

function within(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${field} must be a whole number from ${least} to ${most}, got ${value}`);
}

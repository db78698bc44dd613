import { formatAddress, isIpv6, isLinkLocal, parseAddress } from "../address.ts";
import { Afi } from "../constants.ts";
import type { AsPathSegment, PathAttributes } from "../path-attributes.ts";
import { leavingOnlyToCustomer } from "../roles.ts";
import type { SessionClass } from "./session-class.ts";

/** Where a route's traffic goes, as the session can say it. */
interface OutboundNextHop {
  readonly nextHop: string;
  readonly linkLocalNextHop?: string;
}

/**
 * The attributes with which a route leaves through a session: the own AS in front on eBGP, the next
 * hop resolved, GRACEFUL_SHUTDOWN where asked for, ONLY_TO_CUSTOMER as the role wants it, communities in ascending order and each once.
 * Undefined when there is no next hop that the session can carry. NO_EXPORT and its like are for the
 * receiver, and left as they are.
 *
 * @see RFC 4271 section 5.1, RFC 8092 section 3, RFC 9234 section 5
 */
export function outboundAttributes(
  attributes: PathAttributes,
  session: SessionClass,
  afi: number,
): PathAttributes | undefined {
  const found = outboundNextHop(attributes, session, afi);
  if (found === undefined) return undefined;
  const { linkLocalNextHop: _, ...others } = attributes;
  const drains = session.gracefulShutdown === true;
  const { role, localAsn } = session;
  const onlyToCustomer = leavingOnlyToCustomer(role, attributes.onlyToCustomer, localAsn);
  const communities = ascending([
    ...(attributes.communities ?? []),
    ...(drains ? [GRACEFUL_SHUTDOWN] : []),
  ]);
  return {
    ...others,
    ...found,
    asPath: session.internal ? attributes.asPath : prepend(attributes.asPath, localAsn),
    ...(drains && session.internal && { localPref: 0 }),
    ...(onlyToCustomer !== undefined && { onlyToCustomer }),
    ...(communities.length > 0 && { communities }),
    ...(attributes.extendedCommunities && {
      extendedCommunities: distinct(attributes.extendedCommunities, compareOctets),
    }),
    ...(attributes.ipv6ExtendedCommunities && {
      ipv6ExtendedCommunities: distinct(attributes.ipv6ExtendedCommunities, compareOctets),
    }),
    ...(attributes.largeCommunities && {
      largeCommunities: distinct(
        attributes.largeCommunities,
        (a, b) =>
          a.globalAdministrator - b.globalAdministrator ||
          a.localData1 - b.localData1 ||
          a.localData2 - b.localData2,
      ),
    }),
  };
}

/**
 * A route's own next hop, or the session's where the route's is unspecified. An IPv4 route takes the
 * session's IPv6 address only when there is no IPv4 one, and only with the capability.
 */
function outboundNextHop(
  attributes: PathAttributes,
  { nextHop: self, extendedNextHop, linkLocalNextHop }: SessionClass,
  afi: number,
): OutboundNextHop | undefined {
  const { nextHop } = attributes;
  const takesIpv6 = afi === Afi.ipv6 || extendedNextHop === true;
  if (isUnspecified(nextHop)) {
    if (afi === Afi.ipv4 && self.ipv4 !== undefined) return { nextHop: self.ipv4 };
    return takesIpv6 ? ipv6(self.ipv6, self.linkLocal) : undefined;
  }
  if (!isIpv6(nextHop)) return afi === Afi.ipv4 ? { nextHop } : undefined;
  if (!takesIpv6) return undefined;
  return isLinkLocal(formatAddress(parseAddress(nextHop)))
    ? ipv6(undefined, nextHop)
    : ipv6(nextHop, attributes.linkLocalNextHop);

  // Without the capability for it alone, a lone link-local address is written into both places, as
  // most speakers do: some take an unspecified global address in the first for a mistake.
  function ipv6(global: string | undefined, local: string | undefined) {
    const first = global ?? local;
    if (first === undefined) return undefined;
    if (local === undefined || afi === Afi.ipv4) return { nextHop: first };
    if (global === undefined && linkLocalNextHop === true) return { nextHop: local };
    return { nextHop: first, linkLocalNextHop: local };
  }
}

/** @see RFC 8326 section 5 */
const GRACEFUL_SHUTDOWN = 0xffff_0000;
/** AS numbers in a segment at most: their count has one octet. */
const LONGEST_SEGMENT = 255;

/** RFC 4271 section 5.1.2 (b). */
function prepend(path: readonly AsPathSegment[], asn: number): readonly AsPathSegment[] {
  const [first, ...rest] = path;
  if (first?.type !== "sequence" || first.asns.length >= LONGEST_SEGMENT) {
    return [{ type: "sequence", asns: [asn] }, ...path];
  }
  return [{ type: "sequence", asns: [asn, ...first.asns] }, ...rest];
}

function ascending(numbers: readonly number[]): number[] {
  return distinct(numbers, (a, b) => a - b);
}

function distinct<T>(items: readonly T[], compare: (a: T, b: T) => number): T[] {
  const sorted = [...items].sort(compare);
  return sorted.filter((item, i) => i === 0 || compare(sorted[i - 1] as T, item) !== 0);
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((octet, i) => octet !== b[i]);
  return at < 0 ? 0 : (a[at] as number) - (b[at] as number);
}

function isUnspecified(address: string): boolean {
  return parseAddress(address).every((octet) => octet === 0);
}

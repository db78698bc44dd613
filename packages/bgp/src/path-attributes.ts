import type { RawAttribute } from "./message.ts";

/** One segment of an AS_PATH. @see RFC 4271 section 4.3, RFC 5065 section 3 */
export interface AsPathSegment {
  readonly type: "set" | "sequence" | "confederation-sequence" | "confederation-set";
  /** AS numbers of up to four octets; on the wire at most 255 a segment. */
  readonly asns: readonly number[];
}

/** @see RFC 8092 */
export interface LargeCommunity {
  /** Each from 0 to 4,294,967,295. */
  readonly globalAdministrator: number;
  readonly localData1: number;
  readonly localData2: number;
}

/** The path attributes of a route in typed form; addresses are canonical text. */
export interface PathAttributes {
  readonly origin: "igp" | "egp" | "incomplete";
  /** Empty for a route of the own AS. */
  readonly asPath: readonly AsPathSegment[];
  /** IPv4 or IPv6; a route of one family may have a next hop of the other. @see RFC 8950 */
  readonly nextHop: string;
  /** Goes beside a global IPv6 next hop. @see RFC 2545 section 3 */
  readonly linkLocalNextHop?: string;
  readonly multiExitDisc?: number;
  readonly localPref?: number;
  readonly atomicAggregate?: boolean;
  readonly aggregator?: { readonly asn: number; readonly address: string };
  /** 32-bit values. @see RFC 1997 */
  readonly communities?: readonly number[];
  /** Eight octets each. @see RFC 4360 */
  readonly extendedCommunities?: readonly Uint8Array[];
  /** Twenty octets each. @see RFC 5701 */
  readonly ipv6ExtendedCommunities?: readonly Uint8Array[];
  readonly largeCommunities?: readonly LargeCommunity[];
  readonly originatorId?: string;
  readonly clusterList?: readonly string[];
  /** @see RFC 9234 section 5 */
  readonly onlyToCustomer?: number;
  /** What this package does not know, as it came. */
  readonly others?: readonly RawAttribute[];
}

import { formatAddress, isIpv6, parseAddress, parseIpv4 } from "./address.ts";
import { as4PathOf, encodeAsPath } from "./as-path.ts";
import { Afi, AS_TRANS, AttributeFlag, AttributeType } from "./constants.ts";
import type { RawAttribute } from "./message.ts";
import { NO_OCTETS, OctetWriter } from "./octets.ts";
import type { PathAttributes } from "./path-attributes.ts";

/** What the attributes of a route depend on besides the route. */
export interface EncodingContext {
  /** Whether the peer reads AS numbers of four octets. */
  readonly fourOctetAs: boolean;
  /** Whether the peer is in our own AS: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST go to no other. */
  readonly internal: boolean;
  /** The address family of the route. */
  readonly afi: number;
}

/**
 * The attributes of a route in ascending order of type, without those that hold prefixes: MP_REACH_NLRI
 * and MP_UNREACH_NLRI are for whoever packs the message. NEXT_HOP is there when the route and its next
 * hop are IPv4. A peer that reads two octets an AS number gets AS4_PATH and AS4_AGGREGATOR beside the
 * others where they are needed. LOCAL_PREF, which an internal peer must get, is 100 by default.
 *
 * `others` are by definition unknown here: transitive ones leave byte for byte with the Partial bit
 * set, those that are not transitive do not leave at all.
 *
 * @throws {RangeError} when a number does not fit its field, naming it.
 * @throws {TypeError} when an address is none.
 * @see RFC 4271 section 5, RFC 6793 section 4.2.2
 */
export function encodeAttributes(attributes: PathAttributes, context: EncodingContext): Uint8Array {
  const encoded = [
    ...wellKnown(attributes, context),
    ...optional(attributes, context),
    ...forwarded(attributes.others ?? []),
  ];
  encoded.sort((a, b) => a.type - b.type);
  const octets = new OctetWriter();
  for (const attribute of encoded) putAttribute(octets, attribute);
  return octets.toOctets();
}

/** One attribute as it stands in a message. */
export function encodeAttribute(attribute: RawAttribute): Uint8Array {
  const octets = new OctetWriter();
  putAttribute(octets, attribute);
  return octets.toOctets();
}

/**
 * The value of MP_REACH_NLRI up to where the prefixes begin. A link-local next hop goes beside a global
 * one of an IPv6 route; an IPv4 route has one next hop only, as some peers refuse a second.
 *
 * @throws {TypeError} when a next hop is no address, or an IPv6 route's is not IPv6.
 * @see RFC 4760 section 3, RFC 2545 section 3, RFC 8950 section 3
 */
export function encodeMpReachHeader(
  afi: number,
  safi: number,
  nextHop: string,
  linkLocal?: string,
): Uint8Array {
  const main = parseAddress(nextHop);
  if (afi === Afi.ipv6) requireIpv6("nextHop", main);
  const second = afi === Afi.ipv6 && linkLocal !== undefined ? parseAddress(linkLocal) : NO_OCTETS;
  if (second.length > 0) requireIpv6("linkLocalNextHop", second);
  const octets = new OctetWriter();
  octets.put16("afi", afi);
  octets.put8("safi", safi);
  octets.put8("next hop length", main.length + second.length);
  octets.putOctets(main);
  octets.putOctets(second);
  octets.put8("reserved", 0);
  return octets.toOctets();
}

/** By their number on the wire. @see RFC 4271 section 5.1.1 */
export const ORIGINS = ["igp", "egp", "incomplete"] as const;

/** LOCAL_PREF where none is given. */
const DEFAULT_LOCAL_PREF = 100;

const WELL_KNOWN = AttributeFlag.transitive;
const TRANSITIVE = AttributeFlag.optional | AttributeFlag.transitive;
const NON_TRANSITIVE = AttributeFlag.optional;

function requireIpv6(field: string, octets: Uint8Array): void {
  if (octets.length === 16) return;
  throw new TypeError(`${field} of an IPv6 route must be IPv6, got ${formatAddress(octets)}`);
}

function putAttribute(octets: OctetWriter, { type, flags, value }: RawAttribute): void {
  const extended = value.length > 0xff || (flags & AttributeFlag.extendedLength) !== 0;
  octets.put8("flags", extended ? flags | AttributeFlag.extendedLength : flags);
  octets.put8("attribute type", type);
  if (extended) octets.put16(`length of attribute ${type}`, value.length);
  else octets.put8(`length of attribute ${type}`, value.length);
  octets.putOctets(value);
}

function wellKnown(attributes: PathAttributes, context: EncodingContext): RawAttribute[] {
  const { asPath, nextHop } = attributes;
  const encoded: RawAttribute[] = [
    attribute(AttributeType.origin, WELL_KNOWN, encodeOrigin(attributes.origin)),
    attribute(AttributeType.asPath, WELL_KNOWN, encodeAsPath(asPath, context.fourOctetAs)),
  ];
  if (context.afi === Afi.ipv4 && !isIpv6(nextHop)) {
    encoded.push(attribute(AttributeType.nextHop, WELL_KNOWN, parseIpv4("nextHop", nextHop)));
  }
  if (context.internal) {
    const value = words("localPref", [attributes.localPref ?? DEFAULT_LOCAL_PREF]);
    encoded.push(attribute(AttributeType.localPref, WELL_KNOWN, value));
  }
  if (attributes.atomicAggregate === true) {
    encoded.push(attribute(AttributeType.atomicAggregate, WELL_KNOWN, NO_OCTETS));
  }
  return encoded;
}

function optional(attributes: PathAttributes, context: EncodingContext): RawAttribute[] {
  const encoded: RawAttribute[] = [];
  const add = (type: number, flags: number, value: Uint8Array | undefined): void => {
    if (value !== undefined && value.length > 0) encoded.push(attribute(type, flags, value));
  };
  const { multiExitDisc, aggregator, communities, largeCommunities, onlyToCustomer } = attributes;
  if (multiExitDisc !== undefined) {
    add(AttributeType.multiExitDisc, NON_TRANSITIVE, words("multiExitDisc", [multiExitDisc]));
  }
  if (aggregator !== undefined) {
    add(AttributeType.aggregator, TRANSITIVE, encodeAggregator(aggregator, context.fourOctetAs));
  }
  add(AttributeType.communities, TRANSITIVE, words("community", communities ?? []));
  if (context.internal) {
    const { originatorId, clusterList = [] } = attributes;
    if (originatorId !== undefined) {
      add(AttributeType.originatorId, NON_TRANSITIVE, parseIpv4("originatorId", originatorId));
    }
    const clusters = clusterList.map((id) => parseIpv4("clusterList", id));
    add(AttributeType.clusterList, NON_TRANSITIVE, records("cluster id", clusters, 4));
  }
  const extended = records("extended community", attributes.extendedCommunities ?? [], 8);
  add(AttributeType.extendedCommunities, TRANSITIVE, extended);
  if (!context.fourOctetAs) {
    const as4Path = as4PathOf(attributes.asPath);
    add(AttributeType.as4Path, TRANSITIVE, as4Path && encodeAsPath(as4Path, true));
    if (aggregator !== undefined && aggregator.asn > 0xffff) {
      add(AttributeType.as4Aggregator, TRANSITIVE, encodeAggregator(aggregator, true));
    }
  }
  const ipv6 = records("IPv6 extended community", attributes.ipv6ExtendedCommunities ?? [], 20);
  add(AttributeType.ipv6ExtendedCommunities, TRANSITIVE, ipv6);
  const large = (largeCommunities ?? []).flatMap((community) => [
    community.globalAdministrator,
    community.localData1,
    community.localData2,
  ]);
  add(AttributeType.largeCommunities, TRANSITIVE, words("large community", large));
  if (onlyToCustomer !== undefined) {
    add(AttributeType.onlyToCustomer, TRANSITIVE, words("onlyToCustomer", [onlyToCustomer]));
  }
  return encoded;
}

/** RFC 4271 section 5: what is unknown is passed on as Partial when transitive, and else dropped. */
function forwarded(others: readonly RawAttribute[]): RawAttribute[] {
  return others.flatMap((other) => {
    if ((other.flags & AttributeFlag.optional) === 0) return [other];
    if ((other.flags & AttributeFlag.transitive) === 0) return [];
    return [{ ...other, flags: other.flags | AttributeFlag.partial }];
  });
}

function attribute(type: number, flags: number, value: Uint8Array): RawAttribute {
  return { type, flags, value };
}

function encodeOrigin(origin: PathAttributes["origin"]): Uint8Array {
  const code = ORIGINS.indexOf(origin);
  if (code >= 0) return Uint8Array.of(code);
  throw new RangeError(`origin must be igp, egp or incomplete, got ${String(origin)}`);
}

function encodeAggregator(
  { asn, address }: NonNullable<PathAttributes["aggregator"]>,
  fourOctetAs: boolean,
): Uint8Array {
  const value = new OctetWriter();
  if (fourOctetAs) value.put32("aggregator.asn", asn);
  else value.put16("aggregator.asn", asn > 0xffff ? AS_TRANS : asn);
  value.putOctets(parseIpv4("aggregator.address", address));
  return value.toOctets();
}

function words(field: string, values: readonly number[]): Uint8Array {
  const octets = new OctetWriter();
  for (const value of values) octets.put32(field, value);
  return octets.toOctets();
}

function records(field: string, values: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const octets = new OctetWriter();
  for (const value of values) {
    if (value.length !== lengthBytes) {
      throw new RangeError(`${field} must have ${lengthBytes} octets, got ${value.length}`);
    }
    octets.putOctets(value);
  }
  return octets.toOctets();
}

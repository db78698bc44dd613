import { formatAddress, formatIpv4, isLinkLocal } from "./address.ts";
import { decodeAsPath, mergeAs4Path } from "./as-path.ts";
import { ORIGINS } from "./attributes.ts";
import { AS_TRANS, AttributeType } from "./constants.ts";
import type { RawAttribute } from "./message.ts";
import { readMpReach } from "./mp-attributes.ts";
import { read16, read32 } from "./octets.ts";
import type { AsPathSegment, LargeCommunity, PathAttributes } from "./path-attributes.ts";

/** What the reading of attributes depends on besides them. */
export interface DecodingContext {
  /** Whether the session's AS numbers have four octets. */
  readonly fourOctetAs: boolean;
  /**
   * Whose next hop is asked for: that of the prefixes in the field after the attributes (NEXT_HOP),
   * or of those within MP_REACH_NLRI. One UPDATE may have both.
   */
  readonly prefixes: "classic" | "multiprotocol";
}

/**
 * The typed form of attributes that `validateUpdate` let pass; nothing in it is lent.
 *
 * It takes any others too: what is malformed counts as absent, the first of several counts, and what
 * must be there but is not comes out as `incomplete`, an empty path, or the next hop `invalid`.
 *
 * @see RFC 6793 section 4.2.3, RFC 7606 section 3
 */
export function decodeAttributes(
  raw: readonly RawAttribute[],
  context: DecodingContext,
): PathAttributes {
  try {
    const others = collect(raw);
    return readCollected(others, context);
  } finally {
    for (const { type } of raw) values[type] = undefined;
  }
}

function readCollected(
  others: readonly RawAttribute[] | undefined,
  context: DecodingContext,
): PathAttributes {
  const { fourOctetAs } = context;
  const aggregator = readAggregator(values[AttributeType.aggregator], fourOctetAs);
  const as4Aggregator = fourOctetAs
    ? undefined
    : readAggregator(values[AttributeType.as4Aggregator], true);
  // An old speaker has aggregated since: its own AGGREGATOR is the newer one, the path too.
  const superseded =
    as4Aggregator !== undefined && aggregator !== undefined && aggregator.asn !== AS_TRANS;
  const asPath = readAsPath(values[AttributeType.asPath], fourOctetAs) ?? [];
  const as4Path =
    fourOctetAs || superseded ? undefined : readAsPath(values[AttributeType.as4Path], true);
  const attributes: Attributes = {
    origin: ORIGINS[values[AttributeType.origin]?.[0] ?? 3] ?? "incomplete",
    asPath: as4Path === undefined ? asPath : mergeAs4Path(asPath, as4Path),
    nextHop: NO_NEXT_HOP,
  };
  if (context.prefixes === "classic") {
    attributes.nextHop = readIpv4(values[AttributeType.nextHop]) ?? NO_NEXT_HOP;
  } else {
    setMultiprotocolNextHop(attributes, values[AttributeType.mpReachNlri]);
  }
  const newest = aggregator && (superseded ? aggregator : (as4Aggregator ?? aggregator));
  if (newest !== undefined) attributes.aggregator = newest;
  if (values[AttributeType.atomicAggregate] !== undefined) attributes.atomicAggregate = true;
  if (others !== undefined) attributes.others = others;
  setOptional(attributes);
  return attributes;
}

type Attributes = { -readonly [K in keyof PathAttributes]: PathAttributes[K] };

// The values of the call in hand by their type, of several the first; all undefined between calls. An
// array for every message would cost as much as what is made of it.
const values = new Array<Uint8Array | undefined>(256).fill(undefined);

const isKnown = new Uint8Array(256);
for (const type of Object.values(AttributeType)) isKnown[type] = 1;

/** Puts the values where they are read from; answers what has no typed form, undefined if all has. */
function collect(raw: readonly RawAttribute[]): RawAttribute[] | undefined {
  let others: RawAttribute[] | undefined;
  for (const { type, flags, value } of raw) {
    if (values[type] === undefined) values[type] = value;
    if (isKnown[type] === 1) continue;
    others ??= [];
    others.push({ type, flags, value: value.slice() });
  }
  return others;
}

// Name by name: a key that is given as an argument costs more than most attributes. A field that is not
// there has no key either.
function setOptional(attributes: Attributes): void {
  const multiExitDisc = readWord(values[AttributeType.multiExitDisc]);
  if (multiExitDisc !== undefined) attributes.multiExitDisc = multiExitDisc;
  const localPref = readWord(values[AttributeType.localPref]);
  if (localPref !== undefined) attributes.localPref = localPref;
  const communities = readWords(values[AttributeType.communities]);
  if (communities !== undefined) attributes.communities = communities;
  const extended = readList(values[AttributeType.extendedCommunities], 8, readEight);
  if (extended !== undefined) attributes.extendedCommunities = extended;
  const ipv6Extended = readList(values[AttributeType.ipv6ExtendedCommunities], 20, readTwenty);
  if (ipv6Extended !== undefined) attributes.ipv6ExtendedCommunities = ipv6Extended;
  const large = readList(values[AttributeType.largeCommunities], 12, readLargeCommunity);
  if (large !== undefined) attributes.largeCommunities = large;
  const originatorId = readIpv4(values[AttributeType.originatorId]);
  if (originatorId !== undefined) attributes.originatorId = originatorId;
  const clusterList = readList(values[AttributeType.clusterList], 4, formatIpv4);
  if (clusterList !== undefined) attributes.clusterList = clusterList;
  const onlyToCustomer = readWord(values[AttributeType.onlyToCustomer]);
  if (onlyToCustomer !== undefined) attributes.onlyToCustomer = onlyToCustomer;
}

function setMultiprotocolNextHop(attributes: Attributes, value: Uint8Array | undefined): void {
  const octets = value && readMpReach(value)?.nextHop;
  if (octets === undefined) return;
  if (octets.length !== 32) {
    attributes.nextHop = formatAddress(octets);
    return;
  }
  const linkLocal = formatAddress(octets.subarray(16));
  // Without a global address some put none, and some the link-local one twice: it is the next hop.
  const global = formatAddress(octets.subarray(0, 16));
  const isAlone = global === "::" || global === linkLocal;
  attributes.nextHop = isAlone ? linkLocal : global;
  // What else stands in its place is nothing that a packet could be sent to as if it were on the link.
  if (!isAlone && isLinkLocal(linkLocal)) attributes.linkLocalNextHop = linkLocal;
}

const NO_NEXT_HOP = "invalid";

function readWord(value: Uint8Array | undefined): number | undefined {
  return value?.length === 4 ? read32(value, 0) : undefined;
}

/** Communities are in most routes, so what reads an entry is not an argument here. */
function readWords(value: Uint8Array | undefined): number[] | undefined {
  if (value === undefined || value.length === 0 || value.length % 4 !== 0) return undefined;
  const words: number[] = [];
  for (let at = 0; at < value.length; at += 4) words.push(read32(value, at));
  return words;
}

function readIpv4(value: Uint8Array | undefined): string | undefined {
  return value?.length === 4 ? formatIpv4(value, 0) : undefined;
}

function readAsPath(
  value: Uint8Array | undefined,
  fourOctetAs: boolean,
): AsPathSegment[] | undefined {
  return value && decodeAsPath(value, fourOctetAs);
}

function readAggregator(
  value: Uint8Array | undefined,
  fourOctetAs: boolean,
): { asn: number; address: string } | undefined {
  const asnLength = fourOctetAs ? 4 : 2;
  if (value?.length !== asnLength + 4) return undefined;
  const asn = fourOctetAs ? read32(value, 0) : read16(value, 0);
  return { asn, address: formatIpv4(value, asnLength) };
}

function readEight(value: Uint8Array, at: number): Uint8Array {
  return value.slice(at, at + 8);
}

function readTwenty(value: Uint8Array, at: number): Uint8Array {
  return value.slice(at, at + 20);
}

function readLargeCommunity(value: Uint8Array, at: number): LargeCommunity {
  return {
    globalAdministrator: read32(value, at),
    localData1: read32(value, at + 4),
    localData2: read32(value, at + 8),
  };
}

/** Entries of a fixed length; undefined when they do not add up, or there are none. */
function readList<T>(
  value: Uint8Array | undefined,
  entryLength: number,
  read: (octets: Uint8Array, at: number) => T,
): T[] | undefined {
  if (value === undefined || value.length === 0 || value.length % entryLength !== 0)
    return undefined;
  const entries: T[] = [];
  for (let at = 0; at < value.length; at += entryLength) entries.push(read(value, at));
  return entries;
}

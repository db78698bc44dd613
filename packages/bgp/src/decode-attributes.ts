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
  const values: Values = [];
  const others: RawAttribute[] = [];
  for (const { type, flags, value } of raw) {
    values[type] ??= value;
    if (!KNOWN.has(type)) others.push({ type, flags, value: value.slice() });
  }
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
    ...readNextHop(values, context),
  };
  const newest = aggregator && (superseded ? aggregator : (as4Aggregator ?? aggregator));
  if (newest !== undefined) attributes.aggregator = newest;
  if (values[AttributeType.atomicAggregate] !== undefined) attributes.atomicAggregate = true;
  if (others.length > 0) attributes.others = others;
  put(attributes, "multiExitDisc", readWord(values[AttributeType.multiExitDisc]));
  put(attributes, "localPref", readWord(values[AttributeType.localPref]));
  put(attributes, "communities", readList(values[AttributeType.communities], 4, read32));
  put(
    attributes,
    "extendedCommunities",
    readList(values[AttributeType.extendedCommunities], 8, (v, at) => v.slice(at, at + 8)),
  );
  put(
    attributes,
    "ipv6ExtendedCommunities",
    readList(values[AttributeType.ipv6ExtendedCommunities], 20, (v, at) => v.slice(at, at + 20)),
  );
  put(
    attributes,
    "largeCommunities",
    readList(values[AttributeType.largeCommunities], 12, readLargeCommunity),
  );
  put(attributes, "originatorId", readIpv4(values[AttributeType.originatorId]));
  put(attributes, "clusterList", readList(values[AttributeType.clusterList], 4, formatIpv4));
  put(attributes, "onlyToCustomer", readWord(values[AttributeType.onlyToCustomer]));
  return attributes;
}

type Attributes = { -readonly [K in keyof PathAttributes]: PathAttributes[K] };

/** The values by their type: of several the first. */
type Values = (Uint8Array | undefined)[];

/** A field that is not there has no key either. */
function put<K extends keyof Attributes>(
  attributes: Attributes,
  key: K,
  value: Attributes[K] | undefined,
): void {
  if (value !== undefined) attributes[key] = value;
}

const KNOWN: ReadonlySet<number> = new Set(Object.values(AttributeType));

function readNextHop(
  values: Readonly<Values>,
  { prefixes }: DecodingContext,
): Pick<PathAttributes, "nextHop" | "linkLocalNextHop"> {
  if (prefixes === "classic") {
    return { nextHop: readIpv4(values[AttributeType.nextHop]) ?? NO_NEXT_HOP };
  }
  const value = values[AttributeType.mpReachNlri];
  const octets = value && readMpReach(value)?.nextHop;
  if (octets === undefined) return { nextHop: NO_NEXT_HOP };
  if (octets.length !== 32) return { nextHop: formatAddress(octets) };
  const linkLocalNextHop = formatAddress(octets.subarray(16));
  // Without a global address some put none, and some the link-local one twice: it is the next hop.
  const global = formatAddress(octets.subarray(0, 16));
  if (global === "::" || global === linkLocalNextHop) return { nextHop: linkLocalNextHop };
  // What else stands in its place is nothing that a packet could be sent to as if it were on the link.
  return isLinkLocal(linkLocalNextHop)
    ? { nextHop: global, linkLocalNextHop }
    : { nextHop: global };
}

const NO_NEXT_HOP = "invalid";

function readWord(value: Uint8Array | undefined): number | undefined {
  return value?.length === 4 ? read32(value, 0) : undefined;
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

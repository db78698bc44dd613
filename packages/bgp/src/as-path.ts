import { AS_TRANS } from "./constants.ts";
import { checkFits, OctetWriter, read16, read32 } from "./octets.ts";
import type { AsPathSegment } from "./path-attributes.ts";

/** Types of a segment. @see RFC 4271 section 4.3, RFC 5065 section 3 */
export const SegmentType = {
  set: 1,
  sequence: 2,
  confederationSequence: 3,
  confederationSet: 4,
} as const;

/** Reads an AS_PATH or AS4_PATH; undefined when its segments do not fit it, or are unknown. */
export function decodeAsPath(value: Uint8Array, fourOctetAs: boolean): AsPathSegment[] | undefined {
  const asnLength = fourOctetAs ? 4 : 2;
  const path: AsPathSegment[] = [];
  for (let at = 0; at < value.length; ) {
    const type = TYPES[value[at] ?? 0];
    const count = value[at + 1] ?? 0;
    const end = at + 2 + count * asnLength;
    if (type === undefined || count === 0 || end > value.length) return undefined;
    const asns: number[] = [];
    for (let i = at + 2; i < end; i += asnLength) {
      asns.push(fourOctetAs ? read32(value, i) : read16(value, i));
    }
    path.push({ type, asns });
    at = end;
  }
  return path;
}

/**
 * The value of an AS_PATH; of two octets a number, `AS_TRANS` stands for those that need four. A
 * sequence of more than 255 becomes several segments, which mean the same.
 *
 * @throws {RangeError} when a number is no AS number, or a set is empty or too large for a segment.
 */
export function encodeAsPath(path: readonly AsPathSegment[], fourOctetAs: boolean): Uint8Array {
  const value = new OctetWriter();
  for (const segment of path) {
    const isSet = segment.type === "set" || segment.type === "confederation-set";
    if (isSet || segment.asns.length === 0) {
      checkFits("length of an AS_PATH segment less 1", segment.asns.length - 1, MAX_SEGMENT - 1);
    }
    for (let first = 0; first < segment.asns.length; first += MAX_SEGMENT) {
      const asns = segment.asns.slice(first, first + MAX_SEGMENT);
      value.put8("segment type", TYPES.indexOf(segment.type));
      value.put8("segment length", asns.length);
      for (const asn of asns) {
        checkFits("asn", asn, 0xffff_ffff);
        if (fourOctetAs) value.put32("asn", asn);
        else value.put16("asn", asn > 0xffff ? AS_TRANS : asn);
      }
    }
  }
  return value.toOctets();
}

/** The path that goes into AS4_PATH; undefined when every number of it fits two octets. */
export function as4PathOf(path: readonly AsPathSegment[]): AsPathSegment[] | undefined {
  const outside = path.filter((segment) => !isConfederation(segment));
  const needed = outside.some((segment) => segment.asns.some((asn) => asn > 0xffff));
  return needed ? outside : undefined;
}

/**
 * The true path, of a two-octet AS_PATH and the AS4_PATH beside it: what old speakers have prepended
 * since is taken from the former.
 *
 * @see RFC 6793 section 4.2.3
 */
export function mergeAs4Path(
  path: readonly AsPathSegment[],
  as4Path: readonly AsPathSegment[],
): readonly AsPathSegment[] {
  const newer = as4Path.filter((segment) => !isConfederation(segment));
  let missing = pathLength(path) - pathLength(newer);
  if (missing < 0) return path;
  const leading: AsPathSegment[] = [];
  for (const segment of path) {
    // Confederation segments count for nothing and stay, as long as they lead.
    if (missing === 0 && !isConfederation(segment)) break;
    const cut = segment.type === "sequence" && segment.asns.length > missing;
    const asns = cut ? segment.asns.slice(0, missing) : segment.asns;
    leading.push({ type: segment.type, asns });
    missing -= Math.min(missing, pathLength([segment]));
  }
  return joinSequences([...leading, ...newer]);
}

/** The length that counts in choosing a route: a set counts as one, a confederation not at all. */
export function pathLength(path: readonly AsPathSegment[]): number {
  let length = 0;
  for (const segment of path) {
    if (segment.type === "sequence") length += segment.asns.length;
    else if (segment.type === "set") length += 1;
  }
  return length;
}

/** The path with an AS number put before it, so many times. @see RFC 4271 section 5.1.2 */
export function prependAsn(
  path: readonly AsPathSegment[],
  asn: number,
  times = 1,
): readonly AsPathSegment[] {
  if (times === 0) return path;
  const asns = new Array<number>(times).fill(asn);
  return joinSequences([{ type: "sequence", asns }, ...path]);
}

const MAX_SEGMENT = 255;
/** By the octet that stands for it. */
const TYPES: readonly (AsPathSegment["type"] | undefined)[] = [
  undefined,
  "set",
  "sequence",
  "confederation-sequence",
  "confederation-set",
];

function isConfederation(segment: AsPathSegment): boolean {
  return segment.type === "confederation-sequence" || segment.type === "confederation-set";
}

/** Makes one of sequences that follow each other. */
function joinSequences(path: readonly AsPathSegment[]): AsPathSegment[] {
  const joined: AsPathSegment[] = [];
  for (const segment of path) {
    const last = joined.at(-1);
    if (last?.type === "sequence" && segment.type === "sequence") {
      joined[joined.length - 1] = { type: "sequence", asns: [...last.asns, ...segment.asns] };
    } else {
      joined.push(segment);
    }
  }
  return joined;
}

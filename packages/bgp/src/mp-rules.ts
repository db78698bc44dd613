import { isIpv4Host, isIpv6Host } from "./address.ts";
import { type AttributeProblem, problem } from "./attribute-rules.ts";
import { Afi, UpdateError } from "./constants.ts";
import type { Family } from "./message.ts";
import { MP_REACH_FIXED, MP_UNREACH_FIXED } from "./mp-attributes.ts";
import { findMalformedPrefix } from "./nlri.ts";
import { read16 } from "./octets.ts";
import type { UpdateContext } from "./update.ts";

/**
 * What is wrong with the value of MP_REACH_NLRI between two offsets. Nobody looks into a family that
 * was not agreed on: it may be laid out in any way.
 *
 * @see RFC 4760 section 7, RFC 7606 section 7.11
 */
export function checkMpReach(
  body: Uint8Array,
  start: number,
  end: number,
  context: UpdateContext,
): AttributeProblem | undefined {
  if (end - start < MP_REACH_FIXED) return UNREADABLE;
  const family = findFamily(context.families, body, start);
  if (family === undefined) return NOT_NEGOTIATED;
  const nextHopAt = start + 4;
  const nextHopLength = body[start + 3] ?? 0;
  const nlriAt = nextHopAt + nextHopLength + 1;
  if (nlriAt > end || !isNextHopLength(nextHopLength, family, context)) return BAD_NEXT_HOP_LENGTH;
  const addPath = findFamily(context.addPath, body, start) !== undefined;
  if (findMalformedPrefix(body, nlriAt, end, family, addPath) >= 0) return BAD_PREFIX;
  return isNextHop(body, nextHopAt, nextHopLength) ? undefined : BAD_NEXT_HOP;
}

/** What is wrong with the value of MP_UNREACH_NLRI between two offsets. */
export function checkMpUnreach(
  body: Uint8Array,
  start: number,
  end: number,
  context: UpdateContext,
): AttributeProblem | undefined {
  if (end - start < MP_UNREACH_FIXED) return UNREADABLE;
  const family = findFamily(context.families, body, start);
  if (family === undefined) return NOT_NEGOTIATED;
  const addPath = findFamily(context.addPath, body, start) !== undefined;
  const bad = findMalformedPrefix(body, start + MP_UNREACH_FIXED, end, family, addPath);
  return bad >= 0 ? BAD_PREFIX : undefined;
}

const UNREADABLE = problem(
  "multiprotocol attribute is too short",
  "reset",
  UpdateError.optionalAttribute,
);
const NOT_NEGOTIATED = problem(
  "family was not negotiated",
  "discard-attribute",
  UpdateError.optionalAttribute,
);
const BAD_NEXT_HOP_LENGTH = problem(
  "next hop length does not fit the family",
  "reset",
  UpdateError.optionalAttribute,
);
const BAD_PREFIX = problem(
  "multiprotocol prefix is malformed",
  "reset",
  UpdateError.optionalAttribute,
);
const BAD_NEXT_HOP = problem(
  "next hop is no host address",
  "treat-as-withdraw",
  UpdateError.optionalAttribute,
);

/** The family of this list that the three octets at an offset name. */
function findFamily(
  families: readonly Family[],
  body: Uint8Array,
  offset: number,
): Family | undefined {
  const afi = read16(body, offset);
  const safi = body[offset + 2];
  for (const family of families) if (family.afi === afi && family.safi === safi) return family;
  return undefined;
}

/** RFC 4760, RFC 2545 section 3, RFC 8950 section 3; of another family than these, any length. */
function isNextHopLength(length: number, family: Family, context: UpdateContext): boolean {
  const ipv6 = length === 16 || length === 32;
  if (family.afi === Afi.ipv6) return ipv6;
  if (family.afi !== Afi.ipv4) return true;
  const { extendedNextHop } = context;
  const extended = extendedNextHop.some(({ afi, safi }) => afi === 1 && safi === family.safi);
  return length === 4 || (extended && ipv6);
}

/** Of a global and a link-local address one is enough: some peers put `::` for the former. */
function isNextHop(body: Uint8Array, offset: number, length: number): boolean {
  if (length === 4) return isIpv4Host(body, offset);
  if (length === 16) return isIpv6Host(body, offset);
  return length !== 32 || isIpv6Host(body, offset) || isIpv6Host(body, offset + 16);
}

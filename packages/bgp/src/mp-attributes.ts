import type { Family } from "./message.ts";
import { read16 } from "./octets.ts";

/** The value of MP_REACH_NLRI, cut; the octets are lent. @see RFC 4760 section 3 */
export interface MpReach {
  readonly family: Family;
  readonly nextHop: Uint8Array;
  readonly nlri: Uint8Array;
}

/** The value of MP_UNREACH_NLRI, cut; the octets are lent. @see RFC 4760 section 4 */
export interface MpUnreach {
  readonly family: Family;
  readonly nlri: Uint8Array;
}

/** Cuts MP_REACH_NLRI; undefined when its next hop runs past its end. */
export function readMpReach(value: Uint8Array): MpReach | undefined {
  const nextHopEnd = MP_REACH_FIXED - 1 + (value[3] ?? 0);
  if (value.length < MP_REACH_FIXED || nextHopEnd + 1 > value.length) return undefined;
  return {
    family: readFamily(value),
    nextHop: value.subarray(MP_REACH_FIXED - 1, nextHopEnd),
    // A reserved octet stands between: once a count of SNPAs, to be ignored.
    nlri: value.subarray(nextHopEnd + 1),
  };
}

/** Cuts MP_UNREACH_NLRI; undefined when it is too short to name a family. */
export function readMpUnreach(value: Uint8Array): MpUnreach | undefined {
  if (value.length < MP_UNREACH_FIXED) return undefined;
  return { family: readFamily(value), nlri: value.subarray(MP_UNREACH_FIXED) };
}

/** Octets of MP_REACH_NLRI besides next hop and prefixes. */
export const MP_REACH_FIXED = 5;
/** Octets of MP_UNREACH_NLRI besides prefixes. */
export const MP_UNREACH_FIXED = 3;

function readFamily(value: Uint8Array): Family {
  return { afi: read16(value, 0), safi: value[2] ?? 0 };
}

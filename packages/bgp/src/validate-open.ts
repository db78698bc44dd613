import { asnOf, findCapability, offeredFamilies, sameFamily } from "./abilities.ts";
import { encodeCapabilities } from "./capabilities.ts";
import { AS_TRANS, ErrorCode, OpenError } from "./constants.ts";
import { type Fault, faultOf } from "./fault.ts";
import type { Capability, Family, OpenMessage } from "./message.ts";
import { isCounterpart } from "./roles.ts";

/** What a peer's OPEN has to agree with. */
export interface ExpectedOpen {
  /** The peer's AS number; 0 for any. */
  readonly asn: number;
  readonly localAsn: number;
  readonly localRouterId: string;
  /** Families without which there is no session. Default: none. @see RFC 5492 section 5 */
  readonly requiredFamilies?: readonly Family[];
  /** Types of capabilities without which there is no session. Default: none. */
  readonly requiredCapabilities?: readonly PlainCapability[];
  /** Our own role; none by default. @see RFC 9234 section 4 */
  readonly role?: number;
  /** Whether the peer must have said its role too (strict mode). Default: no. */
  readonly roleRequired?: boolean;
}

/** The capabilities that say no more than that they are there. */
export type PlainCapability =
  | "route-refresh"
  | "enhanced-route-refresh"
  | "extended-message"
  | "link-local-next-hop";

/** A peer whose OPEN is in order. */
export interface NegotiableOpen {
  /** Its true AS number, of four octets. */
  readonly asn: number;
  readonly routerId: string;
  /** What it offers: 0 or at least 3. */
  readonly holdTimeS: number;
  /** Whether it is in our own AS. */
  readonly internal: boolean;
  /** What it offers; IPv4 unicast when it speaks of none. */
  readonly families: readonly Family[];
  readonly open: OpenMessage;
}

/**
 * Judges a peer's OPEN, in the order of RFC 4271 section 6.2.
 *
 * @see RFC 6286 section 2.3, RFC 6793 section 4.1, RFC 7607 section 3, RFC 9234 section 4.2
 */
export function validateOpen(
  open: OpenMessage,
  expected: ExpectedOpen,
): { readonly session: NegotiableOpen } | Fault {
  if (open.version !== 4) {
    return faultOf(ErrorCode.open, OpenError.version, Uint8Array.of(0x00, 0x04));
  }
  const asn = asnOf(open);
  if (!isAcceptableAsn(open, asn, expected)) return faultOf(ErrorCode.open, OpenError.peerAs);
  const internal = asn === expected.localAsn;
  if (open.routerId === "0.0.0.0" || (internal && open.routerId === expected.localRouterId)) {
    return faultOf(ErrorCode.open, OpenError.bgpIdentifier);
  }
  if (open.holdTimeS === 1 || open.holdTimeS === 2) {
    return faultOf(ErrorCode.open, OpenError.holdTime);
  }
  const families = offeredFamilies(open);
  const missing = missingCapabilities(open, families, expected);
  if (missing.length > 0) {
    return faultOf(ErrorCode.open, OpenError.capability, encodeCapabilities(missing));
  }
  if (!internal && !isAcceptableRole(open, expected)) {
    return faultOf(ErrorCode.open, OpenError.roleMismatch);
  }
  const { routerId, holdTimeS } = open;
  return { session: { asn, routerId, holdTimeS, internal, families, open } };
}

/** Both numbers are the same one, or the two-octet field stands for one that does not fit. */
function isAcceptableAsn(open: OpenMessage, asn: number, expected: ExpectedOpen): boolean {
  const fourOctet = findCapability(open, "four-octet-as") !== undefined;
  if (asn === 0 || open.asn === 0 || asn === AS_TRANS) return false;
  if (fourOctet && open.asn !== asn && open.asn !== AS_TRANS) return false;
  return expected.asn === 0 || expected.asn === asn;
}

function missingCapabilities(
  open: OpenMessage,
  families: readonly Family[],
  { requiredFamilies = [], requiredCapabilities = [] }: ExpectedOpen,
): Capability[] {
  const missing: Capability[] = [];
  for (const { afi, safi } of requiredFamilies) {
    if (families.some((family) => sameFamily(family, { afi, safi }))) continue;
    missing.push({ type: "multiprotocol", afi, safi });
  }
  for (const type of requiredCapabilities) {
    if (findCapability(open, type) === undefined) missing.push({ type });
  }
  return missing;
}

function isAcceptableRole(open: OpenMessage, { role, roleRequired }: ExpectedOpen): boolean {
  if (role === undefined) return true;
  const theirs = open.capabilities.flatMap((c) => (c.type === "role" ? [c.role] : []));
  if (theirs.length === 0) return roleRequired !== true;
  return theirs.every((their) => isCounterpart(role, their));
}

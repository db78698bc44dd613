import type { BfdPacket, MalformedReason } from "./packet.ts";

// RFC 5880 section 6.8.6 in its order; a packet is discarded by the first rule that it breaks:
//
//  decodeBfd       short                     fewer octets than the mandatory section
//                  version                   is not 1
//                  length                    less than 24 (26 with authentication), or more than the payload
//  discardReason   detectMultiplier          is zero
//                  multipoint                is set
//                  myDiscriminator           is zero
//                  yourDiscriminator         is zero in a packet that says Init or Up
//  the speaker     noSession                 Your Discriminator is nobody's, or nobody has this neighbour
//                  source                    the session's neighbour has another address, or another port
//                  ttl                       has come farther than the session allows
//  the session     unexpectedAuthentication  is there, and the session uses none
//                  missingAuthentication     is not there, and the session uses it
//  Authenticator   authenticationType        is not the session's
//                  authenticationKey         has an identifier that the session does not know
//                  authenticationLength      is not that of its type
//                  digest                    or password is wrong
//                  sequence                  is old, or far ahead

/** Which rule a received packet broke. */
export type DiscardReason =
  | MalformedReason
  | "detectMultiplier"
  | "multipoint"
  | "myDiscriminator"
  | "yourDiscriminator"
  | "noSession"
  | "source"
  | "ttl"
  | "unexpectedAuthentication"
  | "missingAuthentication"
  | AuthenticationFailure;

/** Which rule of authentication a received packet broke. */
export type AuthenticationFailure =
  | "authenticationType"
  | "authenticationKey"
  | "authenticationLength"
  | "digest"
  | "sequence";

/** How often each rule was broken; one that was not is left out. */
export type DiscardCounters = Readonly<Partial<Record<DiscardReason, number>>>;

/** Judges a packet by itself: which rule it breaks, whoever it is for; undefined when none. */
export function discardReason(packet: BfdPacket): DiscardReason | undefined {
  if (packet.detectMultiplier === 0) return "detectMultiplier";
  if (packet.multipoint) return "multipoint";
  if (packet.myDiscriminator === 0) return "myDiscriminator";
  const isStarting = packet.state === "down" || packet.state === "adminDown";
  if (packet.yourDiscriminator === 0 && !isStarting) return "yourDiscriminator";
  return undefined;
}

/** Counts one more packet in a record of its own. */
export function countDiscard(
  counters: Partial<Record<DiscardReason, number>>,
  reason: DiscardReason,
): void {
  counters[reason] = (counters[reason] ?? 0) + 1;
}

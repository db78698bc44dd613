import type { State } from "./transitions.ts";

/** A speaker as collisions compare it. */
export interface Identity {
  /** Dotted quad. */
  readonly routerId: string;
  readonly asn: number;
}

/** A connection that may have to go. */
export interface Contender {
  readonly state: State;
  /** Whether it was dialled here. */
  readonly isOurs: boolean;
}

/** What happens to a connection whose OPEN has come, and to the peer's other one. */
export type Verdict = "keep-both" | "dump-this" | "dump-other";

/**
 * Decides between two connections when OPEN has come on one of them: the one that the speaker with
 * the higher identifier dialled stays, but an Established one always does.
 *
 * RFC 4271 compares with connections in OpenConfirm alone. A speaker that has the higher identifier
 * decides in OpenSent already, as its own dial is up and will be preferred; the other must wait for
 * that OPEN, for the dial may have been given up meanwhile. So two speakers of this kind never drop
 * both.
 *
 * @see RFC 4271 section 6.8, RFC 6286 section 2.3 (equal identifiers: the higher AS number)
 */
export function resolveCollision(
  candidate: Contender,
  other: Contender,
  local: Identity,
  remote: Identity,
  compareEstablished: boolean,
): Verdict {
  if (!isLive(other.state)) return "keep-both";
  if (other.state === "established" && !compareEstablished) return "dump-this";
  if (candidate.isOurs === other.isOurs) return "dump-this";
  const oursStays = isHigher(local, remote);
  if (other.state === "open-sent" && !(oursStays && other.isOurs)) {
    // Our dial's OPEN came first: the peer's dial, of which nothing was heard, has lost.
    return oursStays && candidate.isOurs ? "dump-other" : "keep-both";
  }
  return candidate.isOurs === oursStays ? "dump-other" : "dump-this";
}

/** Whether OPEN was sent. */
export function isLive(state: State): boolean {
  return state === "open-sent" || state === "open-confirm" || state === "established";
}

/** Whether OPEN went both ways and was accepted here. */
export function isConfirmed(state: State): boolean {
  return state === "open-confirm" || state === "established";
}

function isHigher(local: Identity, remote: Identity): boolean {
  const ours = numberOf(local.routerId);
  const theirs = numberOf(remote.routerId);
  return ours === theirs ? local.asn > remote.asn : ours > theirs;
}

function numberOf(routerId: string): number {
  return routerId.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

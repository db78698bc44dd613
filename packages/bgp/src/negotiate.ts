import {
  asnOf,
  type CapabilityOf,
  findCapability,
  offeredFamilies,
  sameFamily,
} from "./abilities.ts";
import type { Capability, Family, OpenMessage } from "./message.ts";

/** What two OPENs make of a session. */
export interface Negotiated {
  readonly peerAsn: number;
  /** The peer's. */
  readonly routerId: string;
  /** The smaller of the two; 0, when either is: then nobody sends KEEPALIVEs. */
  readonly holdTimeS: number;
  /** Whether both ends are in one AS. */
  readonly internal: boolean;
  readonly fourOctetAs: boolean;
  readonly extendedMessage: boolean;
  readonly routeRefresh: boolean;
  readonly enhancedRouteRefresh: boolean;
  readonly linkLocalNextHop: boolean;
  /** What both offer, in our order. */
  readonly families: readonly Family[];
  /** Families of which a next hop may be of another address family. @see RFC 8950 section 4 */
  readonly extendedNextHop: readonly (Family & { readonly nextHopAfi: number })[];
  /** Families whose prefixes carry path identifiers, either way. @see RFC 7911 section 4 */
  readonly addPath: readonly (Family & { readonly send: boolean; readonly receive: boolean })[];
  /** The peer's, when we have it too. @see RFC 4724 section 3 */
  readonly gracefulRestart?: CapabilityOf<"graceful-restart">;
  /** The peer's, when we have it too; it counts only beside `gracefulRestart`. @see RFC 9494 */
  readonly longLivedGracefulRestart?: CapabilityOf<"long-lived-graceful-restart">;
}

/** What our OPEN and a valid one of the peer's agree on: what both can do. */
export function negotiate(local: OpenMessage, remote: OpenMessage, localAsn: number): Negotiated {
  const both = (type: Capability["type"]) =>
    findCapability(local, type) !== undefined && findCapability(remote, type) !== undefined;
  const theirFamilies = offeredFamilies(remote);
  const gracefulRestart = both("graceful-restart")
    ? findCapability(remote, "graceful-restart")
    : undefined;
  const longLived = both("long-lived-graceful-restart")
    ? findCapability(remote, "long-lived-graceful-restart")
    : undefined;
  const peerAsn = asnOf(remote);
  return {
    peerAsn,
    routerId: remote.routerId,
    holdTimeS: Math.min(local.holdTimeS, remote.holdTimeS),
    internal: peerAsn === localAsn,
    fourOctetAs: both("four-octet-as"),
    extendedMessage: both("extended-message"),
    routeRefresh: both("route-refresh"),
    enhancedRouteRefresh: both("enhanced-route-refresh"),
    linkLocalNextHop: both("link-local-next-hop"),
    families: offeredFamilies(local).filter((ours) =>
      theirFamilies.some((theirs) => sameFamily(ours, theirs)),
    ),
    extendedNextHop: agreeOnNextHops(local, remote),
    addPath: agreeOnPaths(local, remote),
    ...(gracefulRestart && { gracefulRestart }),
    ...(longLived && { longLivedGracefulRestart: longLived }),
  };
}

function agreeOnNextHops(local: OpenMessage, remote: OpenMessage): Negotiated["extendedNextHop"] {
  const theirs = findCapability(remote, "extended-next-hop")?.families ?? [];
  const ours = findCapability(local, "extended-next-hop")?.families ?? [];
  return ours.filter((our) =>
    theirs.some((their) => sameFamily(our, their) && our.nextHopAfi === their.nextHopAfi),
  );
}

function agreeOnPaths(local: OpenMessage, remote: OpenMessage): Negotiated["addPath"] {
  const theirs = findCapability(remote, "add-path")?.families ?? [];
  const ours = findCapability(local, "add-path")?.families ?? [];
  return ours.flatMap((our) => {
    const their = theirs.find((candidate) => sameFamily(our, candidate));
    const { afi, safi } = our;
    const send = sends(our.mode) && receives(their?.mode);
    const receive = receives(our.mode) && sends(their?.mode);
    return send || receive ? [{ afi, safi, send, receive }] : [];
  });
}

/** A mode that is none of the three is ignored: RFC 7911 section 4. */
function receives(mode: number | undefined): boolean {
  return mode === 1 || mode === 3;
}

function sends(mode: number | undefined): boolean {
  return mode === 2 || mode === 3;
}

import type { PathAttributes } from "@ingot/bgp";
import { familyOf } from "../address.ts";
import { communityValue } from "../config/community-value.ts";
import { isInternal, type PeerSettings } from "../reconcile/bgp-peers.ts";
import type { Route } from "../reconcile/route-table.ts";

/**
 * A route as a peer gets it: with this node as its next hop. LOCAL_PREF goes to internal peers
 * alone, and so the path is prolonged towards external ones alone: with its own number in the path,
 * an internal peer would take the route for a loop.
 *
 * @param aliases Community values by the names that the route may use.
 */
export function attributesOf(
  prefix: string,
  route: Route,
  peer: Pick<PeerSettings, "localAsn" | "peerAsn" | "interface">,
  aliases: ReadonlyMap<string, string>,
): PathAttributes {
  const internal = isInternal(peer);
  const values = route.communities.flatMap((text) => {
    const value = communityValue(aliases.get(text) ?? text);
    return value === undefined ? [] : [value];
  });
  const communities = values.flatMap((value) => (value.type === "standard" ? [value.value] : []));
  const largeCommunities = values.flatMap((value) => (value.type === "large" ? [value.value] : []));
  const extra = internal ? 0 : route.asPathPrepend;
  return {
    origin: "igp",
    asPath: extra === 0 ? [] : [{ type: "sequence", asns: Array(extra).fill(peer.localAsn) }],
    // An interface without addresses has an IPv6 one all the same (RFC 8950).
    nextHop: familyOf(prefix) === 4 && peer.interface === "" ? "0.0.0.0" : "::",
    ...(internal && route.localPref > 0 ? { localPref: route.localPref } : {}),
    ...(communities.length > 0 ? { communities } : {}),
    ...(largeCommunities.length > 0 ? { largeCommunities } : {}),
  };
}

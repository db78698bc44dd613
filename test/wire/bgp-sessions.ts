import type { PeerOptions } from "@ingot/bgp";
import { ASN, FAR, IPV4, IPV6, ipv4, ipv6, type Pair } from "./bgp-lab.ts";

/** A session between the two hosts, in words that every router's configuration can be made of. */
export interface Session {
  /** Letters, digits and underscores. */
  readonly name: string;
  readonly addresses: Pair;
  readonly asn: Pair<number>;
  readonly families: readonly ("ipv4" | "ipv6")[];
  /** Who dials; the other only listens. */
  readonly dials: "node" | "router" | "both";
  /** The router's. */
  readonly password?: string;
  /** The router's: it sends with a TTL of 255, and takes nothing less. */
  readonly ttlSecurity?: boolean;
  readonly multihop?: boolean;
  /** The router knows AS numbers of two octets only, and ours by AS_TRANS. @see RFC 6793 */
  readonly twoOctetAs?: boolean;
  readonly extendedNextHop?: boolean;
  readonly gracefulRestart?: boolean;
  /** What our side has besides. */
  readonly ours: Partial<PeerOptions>;
}

/** The options of our side. */
export function peerOptions(session: Session): PeerOptions {
  const { addresses, asn, dials, extendedNextHop, families, gracefulRestart, ours } = session;
  return {
    address: addresses.router,
    localAddress: addresses.node,
    asn: asn.router,
    localAsn: asn.node,
    passive: dials === "router",
    families: families.map((family) => (family === "ipv4" ? IPV4 : IPV6)),
    holdTimeS: 30,
    connectRetryMs: 300,
    damping: { baseMs: 200, mostMs: 500 },
    keepRoutes: true,
    // For the family that the connection is not of.
    nextHop: { ipv4: "10.90.0.1", ipv6: "2001:db8:90:1::1" },
    ...(extendedNextHop === true && { extendedNextHop }),
    ...(gracefulRestart === true && { gracefulRestart: { restartTimeS: 20 } }),
    ...ours,
  };
}

/** Those that come up, each for a reason of its own. */
export const COMING_UP: readonly Session[] = [
  session(1, "dialled"),
  session(2, "accepted", { dials: "router" }),
  session(3, "ipv6", { families: ["ipv6"] }, ipv6),
  session(4, "ipv6_accepted", { families: ["ipv6"], dials: "router" }, ipv6),
  session(5, "both_families", { families: ["ipv4", "ipv6"] }),
  // Without `nextHop` IPv4 routes get the only address that there is.
  session(6, "next_hop", { extendedNextHop: true, ours: { nextHop: {} } }, ipv6),
  session(7, "key", { password: "s3cret", ours: { password: "s3cret" } }),
  session(8, "key_accepted", { password: "in", dials: "router", ours: { password: "in" } }),
  session(9, "key_ipv6", { families: ["ipv6"], password: "6", ours: { password: "6" } }, ipv6),
  session(10, "ttl", { ttlSecurity: true, ours: { ttl: 255, minTtl: 255 } }),
  session(11, "ttl_accepted", {
    ...{ ttlSecurity: true, dials: "router" },
    ours: { ttl: 255, minTtl: 255 },
  }),
  session(12, "wide_asn", { asn: { node: 4_200_000_001, router: ASN.router } }),
  session(18, "narrow_asn", {
    ...{ asn: { node: 4_200_000_001, router: 65_002 }, twoOctetAs: true },
  }),
  // Nobody sends KEEPALIVEs.
  session(19, "hold_zero", { ours: { holdTimeS: 0 } }),
  session(20, "delayed", { ours: { delayOpenMs: 2_000 } }),
  session(21, "delayed_accepted", { dials: "router", ours: { delayOpenMs: 2_000 } }),
];

/** The kernel drops what is not signed as it wants. */
export const WRONG_KEY: Session = session(13, "key_wrong", {
  ...{ password: "right", dials: "both" },
  ours: { password: "wrong" },
});

/** The router's packets have a TTL of 1, as RFC 4271 has it for neighbours. */
export const LOW_TTL: Session = session(14, "ttl_low", { dials: "both", ours: { minTtl: 255 } });

/** Both dial; the higher identifier's connection stays, which is the router's and then ours. */
export const COLLIDING: readonly Session[] = [
  session(15, "collision_lost", { dials: "both", ours: { routerId: "1.1.1.1" } }),
  session(16, "collision_won", { dials: "both", ours: { routerId: "223.1.1.1" } }),
];

/** Of a speaker on the host behind `node`. */
export const MULTIHOP: Session = {
  ...session(0, "multihop", { multihop: true }),
  addresses: { node: FAR, router: ipv4(0).router },
};

/** Of a speaker that is killed and comes back, and that is to be missed soon. */
export const RESTARTING: Session = session(17, "restarting", {
  ...{ families: ["ipv4", "ipv6"], gracefulRestart: true },
  ours: { holdTimeS: 3 },
});

/** All that a router has to know. */
export const SESSIONS: readonly Session[] = [
  ...COMING_UP,
  ...[WRONG_KEY, LOW_TTL, ...COLLIDING, MULTIHOP, RESTARTING],
];

function session(
  number: number,
  name: string,
  options: Partial<Session> = {},
  transport: (number: number) => Pair = ipv4,
): Session {
  const addresses = transport(number);
  return { name, addresses, asn: ASN, families: ["ipv4"], dials: "node", ours: {}, ...options };
}

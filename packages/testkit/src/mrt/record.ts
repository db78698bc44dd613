/** The two ends of a session, as whoever recorded it saw them. */
export interface MrtSession {
  readonly peerAsn: number;
  readonly localAsn: number;
  /** Canonical IPv4 text, or IPv6 in eight groups. */
  readonly peer: string;
  /** As `peer`. */
  readonly local: string;
}

/** A BGP message on a session. */
export interface MrtMessage extends MrtSession {
  readonly type: "message";
  readonly timeMs: number;
  /** Whether AS numbers in it have four octets. */
  readonly fourOctetAs: boolean;
  /** Whether prefixes in it have path identifiers. @see RFC 8050 */
  readonly addPath: boolean;
  /** Whether the recorder sent it. By default recorders tell of what they receive alone. */
  readonly isLocal: boolean;
  /** Header and all; lent. */
  readonly message: Uint8Array;
}

/** A session that has got to another state of RFC 4271, 1 (Idle) to 6 (Established). */
export interface MrtStateChange extends MrtSession {
  readonly type: "state";
  readonly timeMs: number;
  readonly from: number;
  readonly to: number;
}

/** Whom the routes that follow are from, by their place in the list. */
export interface MrtPeers {
  readonly type: "peers";
  readonly timeMs: number;
  /** Identifier of the recorder, a dotted quad. */
  readonly collector: string;
  readonly view: string;
  readonly peers: readonly {
    readonly routerId: string;
    readonly address: string;
    readonly asn: number;
  }[];
}

/** A prefix in a table, with the ways to it. */
export interface MrtRoute {
  readonly type: "route";
  readonly timeMs: number;
  /** 1 is IPv4, 2 IPv6. */
  readonly afi: number;
  /** Length in bits, then as many octets as it takes, as in an UPDATE; lent. */
  readonly prefix: Uint8Array;
  readonly entries: readonly {
    /** Place in the list of peers. */
    readonly peer: number;
    readonly originatedMs: number;
    /**
     * Path attributes, AS numbers of four octets; lent. MP_REACH_NLRI has no more in it than the length
     * of the next hop and the next hop.
     */
    readonly attributes: Uint8Array;
  }[];
}

/** What this reader has no eyes for. */
export interface MrtOther {
  readonly type: "other";
  readonly timeMs: number;
  readonly mrtType: number;
  readonly subtype: number;
  /** Lent. */
  readonly octets: Uint8Array;
}

/** One record of a file. */
export type MrtRecord = MrtMessage | MrtStateChange | MrtPeers | MrtRoute | MrtOther;

import type { DampingOptions } from "./damping.ts";
import type { GracefulRestartOptions } from "./graceful-restart.ts";
import type { ImportHandler } from "./import.ts";
import type { Capability, Family } from "./message.ts";
import type { ExportFilter, NextHopSelf } from "./routes/session-class.ts";
import type { SocketOptions } from "./transport.ts";

/** Whom a peer's AS number may be: one, any of another AS, our own, or whoever. */
export type PeerAsn = number | "external" | "internal" | "any";

/** How to speak with a peer. Times default to what RFC 4271 and its successors have, if they have one. */
export interface SessionOptions extends SocketOptions {
  /** The peer's AS number. */
  readonly asn: PeerAsn;
  /** Our own AS number towards this peer; by default the speaker's. */
  readonly localAsn?: number;
  /** Our own identifier towards this peer; by default the speaker's. */
  readonly routerId?: string;
  /** 0 (nobody sends KEEPALIVEs) or 3–65,535; by default 90. */
  readonly holdTimeS?: number;
  /** Between KEEPALIVEs, 1–21,845; by default, and at most, a third of what hold time is agreed on. */
  readonly keepaliveS?: number;
  /** Between attempts while the peer is not there; 100–3,600,000, by default 5,000. */
  readonly connectRetryMs?: number;
  /** How long the peer may speak first; 0–240,000, by default 0: OPEN is sent at once. */
  readonly delayOpenMs?: number;
  /** How long the peer's OPEN is waited for; 1,000–3,600,000, by default 240,000. */
  readonly openHoldMs?: number;
  /** How long the peer may take nothing in; by default 480,000, or twice the hold time. @see RFC 9687 */
  readonly sendHoldMs?: number;
  /** How long a NOTIFICATION may take to leave; 0–60,000, by default 10,000. */
  readonly lingerMs?: number;
  /** How long a peer that keeps failing is left alone. */
  readonly damping?: DampingOptions;
  /** A collision may end an Established session. By default it never does. */
  readonly compareEstablished?: boolean;
  /** A NOTIFICATION may be sent before OPEN, while that is delayed. By default none is. */
  readonly notifyBeforeOpen?: boolean;
  /** What to speak of; by default IPv4 and IPv6 unicast. */
  readonly families?: readonly Family[];
  /** Families without which there shall be no session; by default none. */
  readonly requiredFamilies?: readonly Family[];
  /** IPv4 routes may have an IPv6 next hop, if the peer can. By default they may not. @see RFC 8950 */
  readonly extendedNextHop?: boolean;
  /** Messages of 65,535 octets, if the peer can. By default yes. @see RFC 8654 */
  readonly extendedMessage?: boolean;
  /** The peer is asked to keep routes over a restart. By default it is not. @see RFC 4724 */
  readonly gracefulRestart?: GracefulRestartOptions;
  /** Ours: 0 provider, 1 route server, 2 its client, 3 customer, 4 peer; by default none. @see RFC 9234 */
  readonly role?: number;
  /** The peer must have said its role as well. By default it need not. */
  readonly roleRequired?: boolean;
  /** Capabilities besides. */
  readonly capabilities?: readonly Capability[];
  /** What routes get whose next hop is `0.0.0.0` or `::`; by default the connection's own address. */
  readonly nextHop?: NextHopSelf;
  /** Which routes the peer is told of, and how; by default all, as they are. */
  readonly exportFilter?: ExportFilter;
  /** Called with what the peer announces; by default it is counted and dropped. */
  readonly onRoutes?: ImportHandler;
  /** The peer's routes are kept for `Peer.routes`. By default they are not. */
  readonly keepRoutes?: boolean;
  /** More prefixes than this in a family end the session; by default any number is taken. */
  readonly maximumPrefixes?: number;
  /** The peer's own AS number must begin its paths; by default yes, on eBGP. */
  readonly enforceFirstAs?: boolean;
}

/** A peer by its address. */
export interface PeerOptions extends SessionOptions {
  /** Canonical text, without a zone: that goes into `device`. */
  readonly address: string;
  /** By default 179. */
  readonly port?: number;
  /** It is never dialled. By default it is. */
  readonly passive?: boolean;
}

/** Any peer that connects from a range of addresses. */
export interface RangeOptions extends SessionOptions {
  /** Such as `192.0.2.0/24`. */
  readonly range: string;
  /** How many at most at a time; by default 1,000. */
  readonly mostPeers?: number;
}

/** A session's options with everything that has a default filled in. */
export type ResolvedOptions = SessionOptions &
  Required<
    Pick<
      SessionOptions,
      | "localAsn"
      | "routerId"
      | "holdTimeS"
      | "connectRetryMs"
      | "delayOpenMs"
      | "openHoldMs"
      | "lingerMs"
      | "compareEstablished"
      | "notifyBeforeOpen"
      | "families"
      | "extendedNextHop"
      | "extendedMessage"
      | "keepRoutes"
      | "enforceFirstAs"
    >
  > & { readonly damping: Required<DampingOptions> };

/** An address family by its numbers; `{ afi: 1, safi: 1 }` is IPv4 unicast. @see RFC 4760 */
export interface Family {
  readonly afi: number;
  readonly safi: number;
}

/** What a speaker says in its OPEN that it can do. @see RFC 5492 */
export type Capability =
  | ({ readonly type: "multiprotocol" } & Family)
  | { readonly type: "route-refresh" }
  | { readonly type: "enhanced-route-refresh" }
  | { readonly type: "extended-message" }
  | { readonly type: "link-local-next-hop" }
  | { readonly type: "four-octet-as"; readonly asn: number }
  | { readonly type: "role"; readonly role: number }
  | {
      readonly type: "extended-next-hop";
      readonly families: readonly (Family & { readonly nextHopAfi: number })[];
    }
  | {
      readonly type: "graceful-restart";
      /** R bit: the sender has just restarted. */
      readonly restarting: boolean;
      /** N bit: a NOTIFICATION keeps the routes too. @see RFC 8538 */
      readonly notification: boolean;
      /** 0–4095 s. */
      readonly restartTimeS: number;
      readonly families: readonly (Family & { readonly forwarding: boolean })[];
    }
  | {
      readonly type: "long-lived-graceful-restart";
      readonly families: readonly (Family & {
        readonly forwarding: boolean;
        /** 0–16,777,215 s. */
        readonly staleTimeS: number;
      })[];
    }
  | {
      readonly type: "add-path";
      /** 1 receive, 2 send, 3 both. @see RFC 7911 section 4 */
      readonly families: readonly (Family & { readonly mode: number })[];
    }
  /** Unknown, or known but malformed: kept as it came. */
  | { readonly type: "other"; readonly code: number; readonly bytes: Uint8Array };

/** An OPEN as it stood on the wire; what it means is for `validateOpen`. @see RFC 4271 section 4.2 */
export interface OpenMessage {
  readonly type: "open";
  readonly version: number;
  /** The two-octet field: `AS_TRANS` where the number needs four. */
  readonly asn: number;
  /** 0, or 3–65,535 s when valid. */
  readonly holdTimeS: number;
  /** Dotted quad. */
  readonly routerId: string;
  readonly capabilities: readonly Capability[];
}

/** @see RFC 4271 section 4.5 */
export interface NotificationMessage {
  readonly type: "notification";
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** @see RFC 4271 section 4.4 */
export interface KeepaliveMessage {
  readonly type: "keepalive";
}

/** `subtype` 0 asks, 1 begins and 2 ends a replay. @see RFC 2918, RFC 7313 */
export interface RouteRefreshMessage extends Family {
  readonly type: "route-refresh";
  readonly subtype: number;
}

/** A path attribute as it came: re-encodes byte for byte. @see RFC 4271 section 4.3 */
export interface RawAttribute {
  /** Attribute type code. */
  readonly type: number;
  /** The flags octet. */
  readonly flags: number;
  /** Its value, without flags, type and length. */
  readonly value: Uint8Array;
}

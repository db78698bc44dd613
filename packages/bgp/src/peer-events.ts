import type { DownReason } from "./machine-output.ts";
import type { OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import type { State } from "./transitions.ts";

/** A session that is Established. */
export interface PeerInfo {
  readonly negotiated: Negotiated;
  /** The peer's. */
  readonly open: OpenMessage;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

/** Events of a {@link Peer}. They come when what they tell of is done. */
export interface PeerEvents {
  established: [info: PeerInfo];
  /** An Established session has ended. */
  down: [reason: DownReason];
  /** An attempt ended before it was Established; it is repeated unless the peer is stopped. */
  failed: [reason: DownReason];
  state: [state: State];
}

/** How to end a session. */
export interface StopOptions {
  /** For the operator at the other end; at most 255 octets of it are sent. @see RFC 9003 */
  readonly text?: string;
  /** The peer shall keep the routes, as far as it can. By default they go. @see RFC 4724, RFC 8538 */
  readonly graceful?: boolean;
}

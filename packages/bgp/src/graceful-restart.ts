import { findCapability } from "./abilities.ts";
import type { Capability, Family, NotificationMessage, OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import { hardReset } from "./notification.ts";

/** What a peer is told about restarts of this speaker. @see RFC 4724 */
export interface GracefulRestartOptions {
  /** How long the peer keeps the routes of a speaker that is away; 1–4,095 s. By default 120. */
  readonly restartTimeS?: number;
  /** Whether packets are forwarded meanwhile (F bit). By default yes. */
  readonly forwarding?: boolean;
}

/** The capability, with the N bit of RFC 8538. `restarting` is the R bit. */
export function gracefulRestartCapability(
  { restartTimeS = 120, forwarding = true }: GracefulRestartOptions,
  families: readonly Family[],
  restarting: boolean,
): Capability {
  return {
    type: "graceful-restart",
    restarting,
    notification: true,
    restartTimeS,
    families: families.map(({ afi, safi }) => ({ afi, safi, forwarding })),
  };
}

/**
 * What is said when the operator ends a session; undefined: nothing, as any word would take the routes
 * away. When they shall go, and a plain NOTIFICATION would keep them, it is a hard reset.
 *
 * @see RFC 4724 section 4, RFC 8538 section 4
 */
export function partingOf(
  negotiated: Negotiated | undefined,
  notification: NotificationMessage,
  graceful: boolean,
): NotificationMessage | undefined {
  const theirs = negotiated?.gracefulRestart;
  if (theirs === undefined) return notification;
  if (graceful) return theirs.notification ? notification : undefined;
  return theirs.notification ? hardReset(notification) : notification;
}

/**
 * Whether a peer that comes with a new connection has restarted, so that the session that still
 * stands, for `upMs` by now, is a leftover. It says so with the R bit; without it the second
 * connection is a collision, and so it is when the session is young.
 *
 * @see RFC 4724 section 5
 */
export function isRestart(open: OpenMessage, session: Negotiated, upMs: number): boolean {
  if (session.gracefulRestart === undefined || upMs < RESTART_AGE_MS) return false;
  return findCapability(open, "graceful-restart")?.restarting === true;
}

const RESTART_AGE_MS = 10_000;

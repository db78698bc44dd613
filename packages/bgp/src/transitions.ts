// The finite state machine of RFC 4271 section 8, one row an event, one column a state. A cell names
// what is done; `slot.ts` has one method for each, which also says the state it leads to.
//
// Deviations from the letter of section 8.2.2, each in the direction of what works between speakers:
//
// - A NOTIFICATION (25) in OpenSent is not answered with an FSM error: whoever sent it has gone.
// - A second OPEN (19) in OpenConfirm or Established is an FSM error (RFC 6608): collisions are
//   between connections, and are decided before the event reaches the table.
// - A NOTIFICATION of an unsupported version (24) never counts as an oscillation.
// - A connection that is offered (16, 17) to a slot that has one is closed; the other slot of the
//   peer takes second connections.
// - Events 6 and 7 only wait: the wait ends with IdleHoldTimer_Expires (13), which dials or listens.

/** The states of a connection. @see RFC 4271 section 8.2.2 */
export const STATES = [
  "idle",
  "connect",
  "active",
  "open-sent",
  "open-confirm",
  "established",
] as const;
/** One of {@link STATES}. */
export type State = (typeof STATES)[number];

/** What a cell of the table does. Those that end a connection lead to Idle unless it says otherwise. */
export type Action =
  /** Nothing. */
  | "-"
  /** Starts to connect: Connect. */
  | "dial"
  /** Waits to be connected to: Active. */
  | "listen"
  /** Stays Idle for as long as damping wants. */
  | "hold-off"
  /** Dials or listens, as was to happen when the wait began. */
  | "resume"
  /** Gives up an attempt that takes too long and starts anew: Connect. */
  | "redial"
  /** Has a connection: sends OPEN (OpenSent), or first waits for the peer's (stays). */
  | "connected"
  /** Waited long enough for the peer's OPEN: OpenSent. */
  | "send-open"
  /** Closes the connection that is offered, without a word; nothing else changes. */
  | "refuse"
  /** TCP failed before OPEN: tries again after the connect-retry time; Active while delaying OPEN. */
  | "retry"
  /** TCP failed after OPEN: waits for the connect-retry time or the peer in Active. */
  | "lost"
  /** Answers the peer's OPEN with KEEPALIVE: OpenConfirm. */
  | "accept"
  /** Answers an OPEN that came while ours was delayed with OPEN and KEEPALIVE: OpenConfirm. */
  | "accept-early"
  /** The first KEEPALIVE: Established. */
  | "establish"
  /** The peer is alive: the hold timer starts anew. */
  | "alive"
  /** Sends KEEPALIVE. */
  | "keepalive"
  /** Ends for good, as the operator wants it; with a Cease once OPEN was sent. */
  | "stop"
  /** Ends with the Cease that the event brings. */
  | "cease"
  /** Ends with Hold Timer Expired. */
  | "expire"
  /** Ends with Send Hold Timer Expired. */
  | "stuck"
  /** Ends with the NOTIFICATION that the event brings. */
  | "notify"
  /** Ends like `notify`, but before OPEN: silently unless `notifyBeforeOpen`. */
  | "reject"
  /** Ends with Cease/7, and does not count as an oscillation. */
  | "collide"
  /** Ends with the state's FSM error. */
  | "unexpected"
  /** Ends without a word. */
  | "drop"
  /** Ends without a word, and does not count as an oscillation. */
  | "yield";

/**
 * Events 1 to 28 of RFC 4271 section 8.1 in their order, then SendHoldTimer_Expires of RFC 9687 and
 * a ROUTE-REFRESH, which RFC 2918 gave no number.
 */
export const EVENTS = [
  "manual-start",
  "manual-stop",
  "automatic-start",
  "manual-start-passive",
  "automatic-start-passive",
  "automatic-start-damped",
  "automatic-start-damped-passive",
  "automatic-stop",
  "connect-retry-expired",
  "hold-expired",
  "keepalive-expired",
  "delay-open-expired",
  "idle-hold-expired",
  "tcp-valid",
  "tcp-invalid",
  "tcp-acknowledged",
  "tcp-confirmed",
  "tcp-failed",
  "open",
  "open-delayed",
  "header-error",
  "open-error",
  "collision-dump",
  "version-error",
  "notification",
  "keepalive",
  "update",
  "update-error",
  "send-hold-expired",
  "route-refresh",
] as const;
/** One of {@link EVENTS}. */
export type EventName = (typeof EVENTS)[number];

/** A row: one action for each of {@link STATES}, in that order. */
export type Row = readonly [Action, Action, Action, Action, Action, Action];

/** The table. */
export const TRANSITIONS: Readonly<Record<EventName, Row>> = {
  // idle, connect, active, open-sent, open-confirm, established
  "manual-start": ["dial", "-", "-", "-", "-", "-"],
  "manual-stop": ["-", "stop", "stop", "stop", "stop", "stop"],
  "automatic-start": ["dial", "-", "-", "-", "-", "-"],
  "manual-start-passive": ["listen", "-", "-", "-", "-", "-"],
  "automatic-start-passive": ["listen", "-", "-", "-", "-", "-"],
  "automatic-start-damped": ["hold-off", "-", "-", "-", "-", "-"],
  "automatic-start-damped-passive": ["hold-off", "-", "-", "-", "-", "-"],
  "automatic-stop": ["-", "drop", "drop", "cease", "cease", "cease"],
  "connect-retry-expired": ["-", "redial", "redial", "unexpected", "unexpected", "unexpected"],
  "hold-expired": ["-", "drop", "drop", "expire", "expire", "expire"],
  "keepalive-expired": ["-", "drop", "drop", "unexpected", "keepalive", "keepalive"],
  "delay-open-expired": ["-", "send-open", "send-open", "unexpected", "unexpected", "unexpected"],
  "idle-hold-expired": ["resume", "drop", "drop", "unexpected", "unexpected", "unexpected"],
  "tcp-valid": ["-", "-", "-", "-", "-", "-"],
  "tcp-invalid": ["refuse", "refuse", "refuse", "refuse", "refuse", "refuse"],
  "tcp-acknowledged": ["refuse", "connected", "connected", "refuse", "refuse", "refuse"],
  "tcp-confirmed": ["refuse", "connected", "connected", "refuse", "refuse", "refuse"],
  "tcp-failed": ["-", "retry", "retry", "lost", "drop", "drop"],
  open: ["-", "drop", "drop", "accept", "unexpected", "unexpected"],
  "open-delayed": ["-", "accept-early", "accept-early", "unexpected", "unexpected", "unexpected"],
  "header-error": ["-", "reject", "reject", "notify", "notify", "notify"],
  "open-error": ["-", "reject", "reject", "notify", "notify", "notify"],
  "collision-dump": ["-", "drop", "drop", "collide", "collide", "collide"],
  "version-error": ["-", "yield", "yield", "yield", "yield", "yield"],
  notification: ["-", "drop", "drop", "drop", "drop", "drop"],
  keepalive: ["-", "drop", "drop", "unexpected", "establish", "alive"],
  update: ["-", "drop", "drop", "unexpected", "unexpected", "alive"],
  "update-error": ["-", "drop", "drop", "unexpected", "unexpected", "notify"],
  "send-hold-expired": ["-", "drop", "drop", "stuck", "stuck", "stuck"],
  "route-refresh": ["-", "drop", "drop", "unexpected", "unexpected", "-"],
};

/** What to do about an event in a state. */
export function actionFor(state: State, event: EventName): Action {
  return TRANSITIONS[event][STATES.indexOf(state)] as Action;
}

/** What one end of a session says of it (Sta). @see RFC 5880 section 6.8.1 */
export type BfdState = "adminDown" | "down" | "init" | "up";

/** The states in the order of their codes on the wire. */
export const BFD_STATES: readonly BfdState[] = ["adminDown", "down", "init", "up"];

/** Why the state was left that was left last (Diag); 9 to 31 are reserved. @see RFC 5880 section 4.1 */
export const BfdDiagnostic = {
  none: 0,
  detectionTimeExpired: 1,
  echoFailed: 2,
  neighborSignaledDown: 3,
  forwardingPlaneReset: 4,
  pathDown: 5,
  concatenatedPathDown: 6,
  administrativelyDown: 7,
  reverseConcatenatedPathDown: 8,
} as const;

/**
 * Why a session is no longer up. The two that somebody wanted, `adminDown` here and
 * `neighborAdminDown` there, are no failure of the path: a routing protocol stays as it is.
 *
 * @see RFC 5882 section 4.2
 */
export type DownReason =
  | "detectionTimeExpired"
  | "echoFailed"
  | "neighborDown"
  | "neighborAdminDown"
  | "adminDown";

/** Whether the path failed, and it was not just switched off at one of the ends. */
export function isFailure(reason: DownReason): boolean {
  return reason !== "adminDown" && reason !== "neighborAdminDown";
}

/** The state after a packet, from one's own state and the packet's. @see RFC 5880 section 6.8.6 */
export function stateAfter(own: BfdState, received: BfdState): BfdState {
  return TABLE[own][received];
}

// The row is one's own state, the column the state in the packet. Three ways up, as in a handshake:
// each end has to see that the other one hears it.
const TABLE: Readonly<Record<BfdState, Readonly<Record<BfdState, BfdState>>>> = {
  adminDown: { adminDown: "adminDown", down: "adminDown", init: "adminDown", up: "adminDown" },
  down: { adminDown: "down", down: "init", init: "up", up: "down" },
  init: { adminDown: "down", down: "init", init: "up", up: "up" },
  up: { adminDown: "down", down: "down", init: "up", up: "up" },
};

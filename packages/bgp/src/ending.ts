import { Cease, ErrorCode, FsmError } from "./constants.ts";
import type { DownReason } from "./machine-output.ts";
import type { NotificationMessage } from "./message.ts";
import { NO_OCTETS } from "./octets.ts";
import { messageTypeOf, type SlotEvent } from "./slot-event.ts";
import type { Action, State } from "./transitions.ts";

/** How a connection ends. */
export interface Ending {
  /** `quiet` does not count as an oscillation, `stopped` was wanted. */
  readonly kind: "stopped" | "quiet" | "failure";
  readonly reason: DownReason;
  /** What the peer is told; undefined: nothing. */
  readonly last?: NotificationMessage;
}

/** The actions of the table that lead to Idle. */
export type EndingAction = Extract<
  Action,
  | "stop"
  | "cease"
  | "expire"
  | "stuck"
  | "notify"
  | "reject"
  | "collide"
  | "unexpected"
  | "drop"
  | "yield"
>;

/** Whether an action leads to Idle. */
export function isEnding(action: Action): action is EndingAction {
  return ENDING_ACTIONS.includes(action);
}

/** What an action, for an event in a state, makes of the connection. */
export function endingOf(
  action: EndingAction,
  event: SlotEvent,
  state: State,
  notifyBeforeOpen: boolean,
): Ending {
  const brought = "notification" in event ? event.notification : undefined;
  switch (action) {
    case "stop":
      return saying("stopped", FSM_SUBCODES[state] === undefined ? undefined : brought);
    case "cease":
    case "notify":
      return saying("failure", brought);
    case "reject":
      return notifyBeforeOpen
        ? saying("failure", brought)
        : { kind: "failure", reason: reasonOf(event) };
    case "expire":
      return saying("failure", notification(ErrorCode.holdTimerExpired, 0));
    case "stuck":
      return saying("failure", notification(ErrorCode.sendHoldTimerExpired, 0));
    case "unexpected":
      return saying("failure", fsmError(state, event));
    case "collide":
      return saying("quiet", cease(Cease.collisionResolution));
    case "drop":
      return { kind: isHarmless(event) ? "quiet" : "failure", reason: reasonOf(event) };
    case "yield":
      return { kind: "quiet", reason: reasonOf(event) };
  }
}

/** The reason that an event gives for an end without a word of ours. */
export function reasonOf(event: SlotEvent): DownReason {
  if (event.name === "tcp-failed") return { type: "connection-failed", detail: event.detail };
  if (event.name === "notification" || event.name === "version-error") {
    return { type: "notification-received", notification: event.notification };
  }
  return { type: "connection-failed", detail: `${event.name} before OPEN` };
}

/** A Cease without data. @see RFC 4486 */
export function cease(subcode: number): NotificationMessage {
  return notification(ErrorCode.cease, subcode);
}

const ENDING_ACTIONS: readonly string[] = [
  "stop",
  "cease",
  "expire",
  "stuck",
  "notify",
  "reject",
  "collide",
  "unexpected",
  "drop",
  "yield",
] satisfies readonly EndingAction[];

const FSM_SUBCODES: Partial<Record<State, number>> = {
  "open-sent": FsmError.openSent,
  "open-confirm": FsmError.openConfirm,
  established: FsmError.established,
};

/** RFC 6608 section 3: the data is the type of the message that was not expected. */
function fsmError(state: State, event: SlotEvent): NotificationMessage {
  const type = messageTypeOf(event.name);
  const data = type === undefined ? NO_OCTETS : Uint8Array.of(type);
  return notification(ErrorCode.fsm, FSM_SUBCODES[state] ?? 0, data);
}

function saying(kind: Ending["kind"], last: NotificationMessage | undefined): Ending {
  if (last === undefined) return { kind, reason: { type: "closed" } };
  return { kind, reason: { type: "notification-sent", notification: last }, last };
}

function notification(code: number, subcode: number, data = NO_OCTETS): NotificationMessage {
  return { type: "notification", code, subcode, data };
}

/** A lost collision is nobody's fault. */
function isHarmless(event: SlotEvent): boolean {
  if (event.name === "collision-dump") return true;
  if (event.name !== "notification") return false;
  const { code, subcode } = event.notification;
  return code === ErrorCode.cease && subcode === Cease.collisionResolution;
}

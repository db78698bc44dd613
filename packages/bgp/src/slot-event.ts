import { MessageType } from "./constants.ts";
import type { NotificationMessage, OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import type { EventName } from "./transitions.ts";

/** An event of the table with what belongs to it. */
export type SlotEvent =
  | {
      readonly name: "automatic-start-damped" | "automatic-start-damped-passive";
      readonly delayMs: number;
    }
  | {
      readonly name: "tcp-acknowledged" | "tcp-confirmed" | "tcp-invalid";
      readonly connection: number;
    }
  | { readonly name: "tcp-failed"; readonly detail: string }
  | {
      readonly name: "open" | "open-delayed";
      readonly open: OpenMessage;
      /** Undefined where an OPEN is out of place, whatever it says. */
      readonly negotiated: Negotiated | undefined;
    }
  | {
      readonly name:
        | "header-error"
        | "open-error"
        | "update-error"
        | "notification"
        | "version-error"
        | "automatic-stop";
      readonly notification: NotificationMessage;
    }
  /** Without a NOTIFICATION the connection is closed in silence, so that the routes stay. */
  | { readonly name: "manual-stop"; readonly notification: NotificationMessage | undefined }
  | { readonly name: PlainEvent };

/** Events that say everything by their name. */
export type PlainEvent =
  | "manual-start"
  | "manual-start-passive"
  | "automatic-start"
  | "automatic-start-passive"
  | "connect-retry-expired"
  | "hold-expired"
  | "keepalive-expired"
  | "delay-open-expired"
  | "idle-hold-expired"
  | "send-hold-expired"
  | "tcp-valid"
  | "collision-dump"
  | "keepalive"
  | "update"
  | "route-refresh";

/** The type of the message that an event stands for: the data of an FSM error. @see RFC 6608 section 3 */
export function messageTypeOf(event: EventName): MessageType | undefined {
  switch (event) {
    case "open":
    case "open-delayed":
    case "open-error":
      return MessageType.open;
    case "update":
    case "update-error":
      return MessageType.update;
    case "notification":
    case "version-error":
      return MessageType.notification;
    case "keepalive":
      return MessageType.keepalive;
    case "route-refresh":
      return MessageType.routeRefresh;
    default:
      return undefined;
  }
}

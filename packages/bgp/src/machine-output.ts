import type { KeepaliveMessage, NotificationMessage, OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import type { State } from "./transitions.ts";

/** Why a session, or an attempt at one, ended. */
export type DownReason =
  /** We ended it, and said why. */
  | { readonly type: "notification-sent"; readonly notification: NotificationMessage }
  /** The peer ended it, and said why. */
  | { readonly type: "notification-received"; readonly notification: NotificationMessage }
  /** TCP did not come about, or broke. */
  | { readonly type: "connection-failed"; readonly detail: string }
  /** We ended it without a word: the routes shall stay. @see RFC 4724 section 4 */
  | { readonly type: "closed" }
  /** The peer restarted and came with a new connection. @see RFC 4724 section 5 */
  | { readonly type: "replaced" };

/** What the shell has to do, or may want to know. Connections are named by the number of their dial or accept. */
export type MachineOutput =
  | { readonly type: "dial"; readonly connection: number }
  | { readonly type: "cancel-dial"; readonly connection: number }
  | {
      readonly type: "send";
      readonly connection: number;
      readonly message: OpenMessage | KeepaliveMessage | NotificationMessage;
    }
  /** Close our direction once all is written; what arrives is thrown away; `destroy` follows. */
  | { readonly type: "end"; readonly connection: number }
  | { readonly type: "destroy"; readonly connection: number }
  | {
      readonly type: "established";
      readonly connection: number;
      readonly open: OpenMessage;
      readonly negotiated: Negotiated;
    }
  /** An Established session has ended. */
  | { readonly type: "down"; readonly connection: number; readonly reason: DownReason }
  /** An attempt ended before it was Established. */
  | { readonly type: "failed"; readonly reason: DownReason }
  /** The peer's state, that of the slot that is furthest. */
  | { readonly type: "state"; readonly state: State };

import type {
  KeepaliveMessage,
  NotificationMessage,
  OpenMessage,
  RouteRefreshMessage,
} from "./message.ts";

/** A message as the machine needs it: what an UPDATE says is for the session. */
export type MachineMessage =
  | OpenMessage
  | NotificationMessage
  | KeepaliveMessage
  | RouteRefreshMessage
  | { readonly type: "update" };

/** The operator ends the session. `graceful` keeps the routes if the peer can; otherwise they shall go. */
export interface StopInput {
  readonly type: "stop";
  readonly notification: NotificationMessage;
  readonly graceful: boolean;
}

/** The state of the path to the peer. `admin-down` is no failure. @see RFC 5882 section 3.2 */
export type BfdState = "up" | "down" | "admin-down";

/** What happens to a peer. Connections are named by the number of their dial or accept. */
export type MachineInput =
  | { readonly type: "start" }
  | StopInput
  /** Something ends the session, and it is tried again later: too many prefixes, for example. */
  | { readonly type: "fail"; readonly notification: NotificationMessage }
  | { readonly type: "bfd"; readonly state: BfdState }
  | { readonly type: "connected" | "accepted"; readonly connection: number }
  | {
      readonly type: "dial-failed" | "closed";
      readonly connection: number;
      readonly detail: string;
    }
  | { readonly type: "message"; readonly connection: number; readonly message: MachineMessage }
  /** The peer sent what must be answered with a NOTIFICATION. */
  | { readonly type: "fault"; readonly connection: number; readonly fault: NotificationMessage }
  /** Octets wait for the peer to take them, or do so no longer. */
  | { readonly type: "blocked"; readonly connection: number; readonly blocked: boolean }
  | { readonly type: "tick" };

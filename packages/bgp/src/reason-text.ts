import type { DownReason } from "./machine-output.ts";
import { describeNotification } from "./notification.ts";

/** Why a session ended, in words: `peer says Cease/Administrative Shutdown: maintenance`. */
export function describeReason(reason: DownReason): string {
  switch (reason.type) {
    case "notification-sent":
      return `told the peer ${describeNotification(reason.notification)}`;
    case "notification-received":
      return `peer says ${describeNotification(reason.notification)}`;
    case "connection-failed":
      return reason.detail;
    case "closed":
      return "closed without a word";
    case "replaced":
      return "the peer has restarted";
  }
}

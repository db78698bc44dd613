import type { NotificationMessage } from "./message.ts";
import { NO_OCTETS } from "./octets.ts";

/** What a peer sent is wrong, and this is the NOTIFICATION to answer it with. */
export interface Fault {
  readonly fault: NotificationMessage;
}

/** The fault that is answered with this code, subcode and as much of the data as fits a message. */
export function faultOf(code: number, subcode: number, data: Uint8Array = NO_OCTETS): Fault {
  return { fault: { type: "notification", code, subcode, data: data.slice(0, MAX_DATA) } };
}

/** What a NOTIFICATION of 4,096 octets holds. */
const MAX_DATA = 4075;

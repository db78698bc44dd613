import { MessageType } from "./constants.ts";
import { encodeMessage } from "./header.ts";
import { NO_OCTETS } from "./octets.ts";

/** The whole KEEPALIVE message: it never differs, so it is never encoded. @see RFC 4271 section 4.4 */
export const KEEPALIVE: Uint8Array = encodeMessage(MessageType.keepalive, NO_OCTETS);

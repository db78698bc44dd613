import { ErrorCode, HEADER_LENGTH, HeaderError, MessageType } from "./constants.ts";
import { type Fault, faultOf } from "./fault.ts";
import { encodeMessage } from "./header.ts";
import type { RouteRefreshMessage } from "./message.ts";
import { OctetWriter, read16 } from "./octets.ts";

/**
 * Reads the body of a ROUTE-REFRESH. Octets after the fourth are filters that only a peer with
 * another capability may send (RFC 5291): the request before them stands.
 *
 * @see RFC 2918 section 3, RFC 7313 section 5
 */
export function decodeRouteRefresh(body: Uint8Array): RouteRefreshMessage | Fault {
  const subtype = body[2] ?? 0;
  const marksReplay = subtype === 1 || subtype === 2;
  if (marksReplay && body.length !== BODY_LENGTH) {
    const message = encodeMessage(MessageType.routeRefresh, body);
    return faultOf(ErrorCode.routeRefresh, INVALID_LENGTH, message);
  }
  if (body.length < BODY_LENGTH) {
    const length = HEADER_LENGTH + body.length;
    return faultOf(ErrorCode.header, HeaderError.length, Uint8Array.of(length >>> 8, length));
  }
  return { type: "route-refresh", afi: read16(body, 0), subtype, safi: body[3] ?? 0 };
}

/** The whole message. @throws {RangeError} when a number does not fit its field. */
export function encodeRouteRefresh(message: RouteRefreshMessage): Uint8Array {
  const body = new OctetWriter();
  body.put16("afi", message.afi);
  body.put8("subtype", message.subtype);
  body.put8("safi", message.safi);
  return encodeMessage(MessageType.routeRefresh, body.toOctets());
}

const BODY_LENGTH = 4;
const INVALID_LENGTH = 1;

import { Parser } from "binary-parser";
import { Cease, ErrorCode, HEADER_LENGTH, HeaderError, MessageType } from "./constants.ts";
import { type Fault, faultOf } from "./fault.ts";
import { encodeMessage } from "./header.ts";
import type { NotificationMessage } from "./message.ts";
import { ERROR_NAMES } from "./notification-names.ts";
import { OctetWriter } from "./octets.ts";
import { decodeText, encodeText } from "./utf8.ts";

/** Reads the body of a NOTIFICATION; its data is a copy. @see RFC 4271 section 4.5 */
export function decodeNotification(body: Uint8Array): NotificationMessage | Fault {
  if (body.length < FIXED_LENGTH) {
    const length = HEADER_LENGTH + body.length;
    return faultOf(ErrorCode.header, HeaderError.length, Uint8Array.of(length >>> 8, length));
  }
  const { code, subcode } = layout.parse(body.subarray(0, FIXED_LENGTH)) as Layout;
  return { type: "notification", code, subcode, data: body.slice(FIXED_LENGTH) };
}

/**
 * The whole message.
 *
 * @throws {RangeError} when the code or subcode is no octet, or the data does not fit a message.
 */
export function encodeNotification(notification: NotificationMessage): Uint8Array {
  return encodeMessage(MessageType.notification, encodeBody(notification));
}

/**
 * The data of an administrative shutdown or reset: a text for the operator at the other end, cut to
 * 255 octets at the boundary of a character.
 *
 * @see RFC 9003 section 2
 */
export function shutdownData(text: string): Uint8Array {
  const octets = encodeText(text, MAX_TEXT);
  return Uint8Array.of(octets.length, ...octets);
}

/**
 * The text in the data of an administrative shutdown or reset, what is not UTF-8 replaced and control
 * characters made visible; undefined when there is none, or its length is wrong.
 *
 * @see RFC 9003 section 2
 */
export function shutdownText(data: Uint8Array): string | undefined {
  const length = data[0] ?? 0;
  if (length === 0 || length > data.length - 1) return undefined;
  return decodeText(data.subarray(1, 1 + length));
}

/** The Cease that takes the routes away too, around the reason for it. @see RFC 8538 section 3.1 */
export function hardReset(inner: NotificationMessage): NotificationMessage {
  const data = encodeBody(inner);
  return { type: "notification", code: ErrorCode.cease, subcode: Cease.hardReset, data };
}

/** The reason within a hard reset; undefined for another NOTIFICATION, or when none is given. */
export function unwrapHardReset(
  notification: NotificationMessage,
): NotificationMessage | undefined {
  const { code, subcode, data } = notification;
  if (code !== ErrorCode.cease || subcode !== Cease.hardReset) return undefined;
  const inner = decodeNotification(data);
  return "fault" in inner ? undefined : inner;
}

/**
 * A NOTIFICATION in words, with what its data says: `Cease/Administrative Shutdown: maintenance`,
 * `OPEN Message Error/Bad Peer AS`, `Error 9/3 (0a0b)`.
 */
export function describeNotification(notification: NotificationMessage): string {
  const { code, subcode, data } = notification;
  const error = ERROR_NAMES[code];
  if (error === undefined) return `Error ${code}/${subcode}${inHex(data)}`;
  const name = subcode === 0 ? error.name : `${error.name}/${error.subcodes[subcode] ?? subcode}`;
  if (code === ErrorCode.cease) return `${name}${describeCease(notification)}`;
  return `${name}${inHex(data)}`;
}

const FIXED_LENGTH = 2;
const MAX_TEXT = 255;

// |  Error code   | Error subcode |   Data (variable)
const layout = new Parser().endianness("big").uint8("code").uint8("subcode");

interface Layout {
  readonly code: number;
  readonly subcode: number;
}

function encodeBody(notification: NotificationMessage): Uint8Array {
  const body = new OctetWriter();
  body.put8("code", notification.code);
  body.put8("subcode", notification.subcode);
  body.putOctets(notification.data);
  return body.toOctets();
}

function describeCease(notification: NotificationMessage): string {
  const { subcode, data } = notification;
  if (subcode === Cease.hardReset) {
    const inner = unwrapHardReset(notification);
    if (inner === undefined) return inHex(data);
    const nested = inner.code === ErrorCode.cease && inner.subcode === Cease.hardReset;
    // A peer could nest them a thousand deep.
    return nested ? inHex(data) : ` (${describeNotification(inner)})`;
  }
  if (subcode !== Cease.administrativeShutdown && subcode !== Cease.administrativeReset) {
    return inHex(data);
  }
  const text = shutdownText(data);
  return text === undefined ? inHex(data) : `: ${text}`;
}

/** As much of the data as a line of a log can take. */
function inHex(data: Uint8Array): string {
  if (data.length === 0) return "";
  const shown = data.subarray(0, 32);
  const digits = Array.from(shown, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return ` (${digits}${shown.length < data.length ? "…" : ""})`;
}

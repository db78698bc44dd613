import { Parser } from "binary-parser";
import { formatIpv4, parseIpv4 } from "./address.ts";
import { decodeCapabilities, encodeCapabilities } from "./capabilities.ts";
import {
  ErrorCode,
  HEADER_LENGTH,
  HeaderError,
  MAX_MESSAGE_LENGTH,
  MessageType,
  OpenError,
} from "./constants.ts";
import { type Fault, faultOf } from "./fault.ts";
import { encodeMessage } from "./header.ts";
import type { Capability, OpenMessage } from "./message.ts";
import { OctetWriter, read16 } from "./octets.ts";

/**
 * Reads the body of an OPEN: capabilities one or many to a parameter, and parameters in the extended
 * form. The parameters of another version than 4 are not looked at, as they could be anything; that
 * the version is wrong is for `validateOpen` to say.
 *
 * @see RFC 4271 section 4.2, RFC 5492 section 4, RFC 9072 section 2
 */
export function decodeOpen(body: Uint8Array): OpenMessage | Fault {
  if (body.length < FIXED_LENGTH) {
    const length = HEADER_LENGTH + body.length;
    return faultOf(ErrorCode.header, HeaderError.length, Uint8Array.of(length >>> 8, length));
  }
  const fields = layout.parse(body.subarray(0, FIXED_LENGTH)) as Layout;
  const capabilities = fields.version === VERSION ? decodeParameters(body) : [];
  if ("fault" in capabilities) return capabilities;
  return {
    type: "open",
    version: fields.version,
    asn: fields.asn,
    holdTimeS: fields.holdTimeS,
    routerId: formatIpv4(body, 5),
    capabilities,
  };
}

/**
 * The whole message, its capabilities in one parameter; in the extended form when they need it.
 *
 * @throws {RangeError} when a field does not fit, or the message would have more than 4,096 octets.
 * @throws {TypeError} when the router id is no dotted quad.
 */
export function encodeOpen(open: OpenMessage): Uint8Array {
  const body = new OctetWriter();
  body.put8("version", open.version);
  body.put16("asn", open.asn);
  body.put16("holdTimeS", open.holdTimeS);
  body.putOctets(parseIpv4("routerId", open.routerId));
  const capabilities = encodeCapabilities(open.capabilities);
  if (capabilities.length === 0) {
    body.put8("parameters", 0);
  } else if (capabilities.length + 2 <= 0xff) {
    body.put8("parameters", capabilities.length + 2);
    body.put8("parameter type", CAPABILITIES);
    body.put8("capabilities", capabilities.length);
  } else {
    body.put8("parameters", EXTENDED);
    body.put8("parameters", EXTENDED);
    body.put16("parameters", capabilities.length + 3);
    body.put8("parameter type", CAPABILITIES);
    body.put16("capabilities", capabilities.length);
  }
  body.putOctets(capabilities);
  const message = encodeMessage(MessageType.open, body.toOctets());
  if (message.length <= MAX_MESSAGE_LENGTH) return message;
  throw new RangeError(
    `capabilities must fit an OPEN of 4096 octets, got ${message.length} octets in all`,
  );
}

const VERSION = 4;
const FIXED_LENGTH = 10;
const CAPABILITIES = 2;
/** As the length and then the type of parameters in the extended form. */
const EXTENDED = 0xff;

// RFC 4271 section 4.2:
//
// |    version    |              asn              |   holdTimeS ..
// |   .. holdTimeS|                   routerId ..
// | .. routerId   |parametersLen  |   parameters (variable)
const layout = new Parser()
  .endianness("big")
  .uint8("version")
  .uint16("asn")
  .uint16("holdTimeS")
  .uint32("routerId")
  .uint8("parametersLength");

interface Layout {
  readonly version: number;
  readonly asn: number;
  readonly holdTimeS: number;
}

function decodeParameters(body: Uint8Array): Capability[] | Fault {
  const plainLength = body[FIXED_LENGTH - 1] ?? 0;
  const extended = plainLength !== 0 && body[FIXED_LENGTH] === EXTENDED;
  const start = extended ? FIXED_LENGTH + 3 : FIXED_LENGTH;
  const length = extended ? read16(body, FIXED_LENGTH + 1) : plainLength;
  if (start + length !== body.length) return MALFORMED;
  const headLength = extended ? 3 : 2;
  const capabilities: Capability[] = [];
  for (let at = start; at < body.length; ) {
    const valueAt = at + headLength;
    const end = valueAt + (extended ? read16(body, at + 1) : (body[at + 1] ?? 0));
    if (valueAt > body.length || end > body.length) return MALFORMED;
    if (body[at] !== CAPABILITIES) return UNKNOWN_PARAMETER;
    const decoded = decodeCapabilities(body.subarray(valueAt, end));
    if (decoded === undefined) return MALFORMED;
    capabilities.push(...decoded);
    at = end;
  }
  return capabilities;
}

/** A parameter that is recognised but malformed has no subcode: RFC 4271 section 6.2. */
const MALFORMED = faultOf(ErrorCode.open, 0);
const UNKNOWN_PARAMETER = faultOf(ErrorCode.open, OpenError.optionalParameter);

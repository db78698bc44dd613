import { encodeAttribute } from "../attributes.ts";
import { HEADER_LENGTH } from "../constants.ts";
import { encodePrefix } from "../prefix.ts";
import { decodeUpdate, encodeUpdate, type UpdateContext } from "../update.ts";
import { type UpdateVerdict, validateUpdate } from "../validate-update.ts";
import { concat, hex } from "./octets.ts";

/** What a session of the tests has agreed on: eBGP, four-octet AS numbers, both unicast families. */
export const CONTEXT: UpdateContext = {
  internal: false,
  fourOctetAs: true,
  families: [
    { afi: 1, safi: 1 },
    { afi: 2, safi: 1 },
  ],
  extendedNextHop: [],
  addPath: [],
};

/** One attribute; the value in hexadecimal. */
export function attribute(type: number, flags: number, value: string): Uint8Array {
  return encodeAttribute({ type, flags, value: hex(value) });
}

/** ORIGIN IGP. */
export const ORIGIN: Uint8Array = attribute(1, 0x40, "00");
/** AS_PATH 65001. */
export const AS_PATH: Uint8Array = attribute(2, 0x40, "0201 0000fde9");
/** NEXT_HOP 192.0.2.1. */
export const NEXT_HOP: Uint8Array = attribute(3, 0x40, "c0000201");
/** LOCAL_PREF 100. */
export const LOCAL_PREF: Uint8Array = attribute(5, 0x40, "00000064");
/** The attributes that must be there. */
export const MANDATORY: readonly Uint8Array[] = [ORIGIN, AS_PATH, NEXT_HOP];

/** Prefixes one after the other. */
export function prefixes(...texts: readonly string[]): Uint8Array {
  return concat(...texts.map(encodePrefix));
}

/** The body of an UPDATE. */
export function updateBody(parts: {
  withdrawn?: Uint8Array;
  attributes?: readonly Uint8Array[];
  announced?: Uint8Array;
}): Uint8Array {
  const { attributes = [], ...prefixFields } = parts;
  return encodeUpdate({ ...prefixFields, attributes: concat(...attributes) }).subarray(
    HEADER_LENGTH,
  );
}

/** One prefix to announce. */
export const ANNOUNCED: Uint8Array = prefixes("192.0.2.0/24");
/** The same within one AS. */
export const INTERNAL: UpdateContext = { ...CONTEXT, internal: true };
/** The same with a peer of two-octet AS numbers. */
export const OLD: UpdateContext = { ...CONTEXT, fourOctetAs: false };
/** An AS_PATH for such a peer. */
export const AS_PATH_OLD: Uint8Array = attribute(2, 0x40, "0201 fde9");

/** The verdict on the body of an UPDATE. */
export function judge(body: Uint8Array, context: UpdateContext = CONTEXT): UpdateVerdict {
  return validateUpdate(decodeUpdate(body, context), context);
}

/** The verdict on a sound route with these attributes beside the mandatory ones. */
export function judgeWith(
  extra: readonly Uint8Array[],
  context: UpdateContext = CONTEXT,
): UpdateVerdict {
  const path = context.fourOctetAs ? AS_PATH : AS_PATH_OLD;
  const internal = context.internal ? [LOCAL_PREF] : [];
  const attributes = [ORIGIN, path, NEXT_HOP, ...internal, ...extra];
  return judge(updateBody({ attributes, announced: ANNOUNCED }), context);
}

/** A reset with this subcode and data. */
export const reset = (subcode: number, data = ""): object => ({
  action: "reset",
  notification: { type: "notification", code: 3, subcode, data: hex(data) },
});

/** MP_REACH_NLRI of IPv6 unicast with this next hop. */
export const reach = (nextHop: string, nlri = "20 20010db8", flags = 0x80): Uint8Array =>
  attribute(
    14,
    flags,
    `0002 01 ${hex(nextHop).length.toString(16).padStart(2, "0")} ${nextHop} 00 ${nlri}`,
  );
/** 2001:db8::1. */
export const GLOBAL = "20010db8000000000000000000000001";
/** fe80::1. */
export const LOCAL = "fe800000000000000000000000000001";

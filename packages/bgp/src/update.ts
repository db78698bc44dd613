import { includesFamily, sameFamily } from "./abilities.ts";
import { encodeAttribute } from "./attributes.ts";
import { Afi, AttributeFlag, AttributeType, MessageType, Safi } from "./constants.ts";
import { encodeMessage } from "./header.ts";
import type { Family, RawAttribute } from "./message.ts";
import { readMpReach, readMpUnreach } from "./mp-attributes.ts";
import { Nlri } from "./nlri.ts";
import { NO_OCTETS, OctetWriter, read16 } from "./octets.ts";

/** What the reading of UPDATEs depends on: what the session has agreed on. */
export interface UpdateContext {
  /** Whether the peer is in our own AS. */
  readonly internal: boolean;
  readonly fourOctetAs: boolean;
  readonly families: readonly Family[];
  /** Families whose next hop may be IPv6 though they are IPv4. @see RFC 8950 */
  readonly extendedNextHop: readonly Family[];
  /** Families whose prefixes the peer sends with path identifiers. @see RFC 7911 */
  readonly addPath: readonly Family[];
  /** What an unrecognised well-known attribute leads to. Default: treat-as-withdraw. */
  readonly unrecognizedWellKnown?: "treat-as-withdraw" | "reset";
  /** The AS number that paths must begin with: the peer's, unless it is a route server. Default: any. */
  readonly firstAsn?: number;
}

/** Prefixes of MP_REACH_NLRI and the next hop they share. */
export interface MpReachView {
  readonly nextHop: Uint8Array;
  readonly nlri: Nlri;
}

/** Cuts the body of an UPDATE into its fields and no further; what it means is for `validateUpdate`. */
export function decodeUpdate(body: Uint8Array, context: UpdateContext): UpdateView {
  return new UpdateView(body, context);
}

/**
 * An UPDATE as it stands on the wire, read as far as one asks. It holds on to the body it was made
 * from, and lends it as the body is lent: copy what is to be kept. Of a family that was not agreed on
 * it shows no prefixes.
 *
 * @see RFC 4271 section 4.3
 */
export class UpdateView {
  readonly body: Uint8Array;
  /** False when the two lengths do not fit the body: then every field is empty. */
  readonly lengthsFit: boolean;
  /** Where the withdrawn prefixes end; they begin at 2. */
  readonly withdrawnEnd: number;
  readonly attributesStart: number;
  /** Where the attributes end, and the announced prefixes begin. */
  readonly attributesEnd: number;
  readonly #context: UpdateContext;

  constructor(body: Uint8Array, context: UpdateContext) {
    const withdrawnEnd = 2 + read16(body, 0);
    const attributesEnd = withdrawnEnd + 2 + read16(body, withdrawnEnd);
    const fits = attributesEnd <= body.length;
    this.body = body;
    this.lengthsFit = fits;
    this.withdrawnEnd = fits ? withdrawnEnd : Math.min(2, body.length);
    this.attributesStart = fits ? withdrawnEnd + 2 : body.length;
    this.attributesEnd = fits ? attributesEnd : body.length;
    this.#context = context;
  }

  /** IPv4 unicast prefixes that are withdrawn. */
  get withdrawn(): Nlri {
    return this.#nlri(IPV4_UNICAST, octetsBetween(this.body, 2, this.withdrawnEnd));
  }

  /** IPv4 unicast prefixes that are announced with NEXT_HOP. */
  get announced(): Nlri {
    return this.#nlri(IPV4_UNICAST, octetsBetween(this.body, this.attributesEnd, this.body.length));
  }

  /** What MP_REACH_NLRI announces; undefined without it, or when it cannot be cut. */
  get mpReach(): MpReachView | undefined {
    const attribute = this.find(AttributeType.mpReachNlri);
    const reach = attribute && readMpReach(attribute.value);
    return reach && { nextHop: reach.nextHop, nlri: this.#nlri(reach.family, reach.nlri) };
  }

  /** What MP_UNREACH_NLRI withdraws; undefined without it, or when it cannot be cut. */
  get mpUnreach(): Nlri | undefined {
    const attribute = this.find(AttributeType.mpUnreachNlri);
    const unreach = attribute && readMpUnreach(attribute.value);
    return unreach && this.#nlri(unreach.family, unreach.nlri);
  }

  /** All attributes in their order, up to one that runs past the end. */
  get attributes(): RawAttribute[] {
    const attributes: RawAttribute[] = [];
    this.forEachAttribute((attribute) => {
      attributes.push(attribute);
    });
    return attributes;
  }

  /** The first attribute of a type. */
  find(type: number): RawAttribute | undefined {
    const { body, attributesEnd } = this;
    for (let at = this.attributesStart; at < attributesEnd; ) {
      const end = valueEnd(body, at);
      if (end > attributesEnd) return undefined;
      if (body[at + 1] === type) return attributeAt(body, at, end);
      at = end;
    }
    return undefined;
  }

  /** Visits each attribute, with the offset in the body at which it begins. */
  forEachAttribute(visit: (attribute: RawAttribute, offset: number) => void): void {
    const { body, attributesEnd } = this;
    for (let at = this.attributesStart; at < attributesEnd; ) {
      const end = valueEnd(body, at);
      if (end > attributesEnd) return;
      visit(attributeAt(body, at, end), at);
      at = end;
    }
  }

  #nlri(family: Family, octets: Uint8Array): Nlri {
    const { families, addPath } = this.#context;
    if (!includesFamily(families, family)) return new Nlri(family, NO_OCTETS);
    return new Nlri(family, octets, includesFamily(addPath, family));
  }
}

/** The parts of an UPDATE, encoded. */
export interface UpdateParts {
  /** Withdrawn IPv4 prefixes, one after the other. */
  readonly withdrawn?: Uint8Array;
  /** Attributes, one after the other. */
  readonly attributes?: Uint8Array;
  /** Announced IPv4 prefixes, one after the other. */
  readonly announced?: Uint8Array;
}

/** The whole message of these parts. @throws {RangeError} when a part is too long for its field. */
export function encodeUpdate(parts: UpdateParts): Uint8Array {
  const { withdrawn = NO_OCTETS, attributes = NO_OCTETS, announced = NO_OCTETS } = parts;
  const body = new OctetWriter();
  body.put16("length of withdrawn", withdrawn.length);
  body.putOctets(withdrawn);
  body.put16("length of attributes", attributes.length);
  body.putOctets(attributes);
  body.putOctets(announced);
  return encodeMessage(MessageType.update, body.toOctets());
}

/**
 * The family that an UPDATE marks the end of: IPv4 unicast if it is empty, another if it has nothing
 * but an empty MP_UNREACH_NLRI. Undefined when it is no such mark.
 *
 * @see RFC 4724 section 2
 */
export function endOfRib(view: UpdateView): Family | undefined {
  const { body, attributesStart, attributesEnd } = view;
  const plain = view.lengthsFit && attributesStart === 4 && attributesEnd === body.length;
  if (!plain) return undefined;
  if (attributesEnd === 4) return IPV4_UNICAST;
  if (body[attributesStart + 1] !== AttributeType.mpUnreachNlri) return undefined;
  if (valueEnd(body, attributesStart) !== attributesEnd) return undefined;
  const unreach = view.mpUnreach;
  return unreach?.octets.length === 0 ? unreach.family : undefined;
}

/** The whole message that marks the end of a family's routes. @see RFC 4724 section 2 */
export function encodeEndOfRib(family: Family): Uint8Array {
  if (sameFamily(family, IPV4_UNICAST)) return encodeUpdate({});
  const value = new OctetWriter();
  value.put16("afi", family.afi);
  value.put8("safi", family.safi);
  const attributes = encodeAttribute({
    type: AttributeType.mpUnreachNlri,
    flags: AttributeFlag.optional,
    value: value.toOctets(),
  });
  return encodeUpdate({ attributes });
}

/** Where the value of the attribute at an offset begins. */
export function valueStart(body: Uint8Array, offset: number): number {
  return offset + (((body[offset] ?? 0) & AttributeFlag.extendedLength) === 0 ? 3 : 4);
}

/** Where the value of the attribute at an offset ends, as far as its own length says. */
export function valueEnd(body: Uint8Array, offset: number): number {
  const extended = ((body[offset] ?? 0) & AttributeFlag.extendedLength) !== 0;
  return extended ? offset + 4 + read16(body, offset + 2) : offset + 3 + (body[offset + 2] ?? 0);
}

/** Most messages leave one of their fields empty, and a view of octets takes its time to make. */
function octetsBetween(body: Uint8Array, start: number, end: number): Uint8Array {
  return start < end ? body.subarray(start, end) : NO_OCTETS;
}

function attributeAt(body: Uint8Array, at: number, end: number): RawAttribute {
  const value = body.subarray(valueStart(body, at), end);
  return { type: body[at + 1] ?? 0, flags: body[at] ?? 0, value };
}

const IPV4_UNICAST: Family = { afi: Afi.ipv4, safi: Safi.unicast };

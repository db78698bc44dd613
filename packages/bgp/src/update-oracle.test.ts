import { Parser } from "binary-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RawAttribute } from "./message.ts";
import { concat, hex } from "./testing/octets.ts";
import { attribute, CONTEXT, updateBody } from "./testing/update.ts";
import { decodeUpdate } from "./update.ts";

// A second opinion on well-formed messages, by other means: schemas, and no code of the codec's.

const body = new Parser()
  .endianness("big")
  .uint16("withdrawnLength")
  .buffer("withdrawn", { length: "withdrawnLength" })
  .uint16("attributesLength")
  .buffer("attributes", { length: "attributesLength" })
  .buffer("announced", { readUntil: "eof" });

const short = new Parser()
  .endianness("big")
  .uint8("flags")
  .uint8("type")
  .uint8("length")
  .buffer("value", { length: "length" })
  .buffer("rest", { readUntil: "eof" });

const long = new Parser()
  .endianness("big")
  .uint8("flags")
  .uint8("type")
  .uint16("length")
  .buffer("value", { length: "length" })
  .buffer("rest", { readUntil: "eof" });

const prefix = new Parser().uint8("lengthBits").buffer("rest", { readUntil: "eof" });

const mpReach = new Parser()
  .endianness("big")
  .uint16("afi")
  .uint8("safi")
  .uint8("nextHopLength")
  .buffer("nextHop", { length: "nextHopLength" })
  .uint8("reserved")
  .buffer("nlri", { readUntil: "eof" });

interface Body {
  readonly withdrawn: Uint8Array;
  readonly attributes: Uint8Array;
  readonly announced: Uint8Array;
}

interface Attribute extends RawAttribute {
  readonly rest: Uint8Array;
}

function attributesOf(octets: Uint8Array): RawAttribute[] {
  const attributes: RawAttribute[] = [];
  for (let rest = octets; rest.length > 0; ) {
    const schema = ((rest[0] ?? 0) & 0x10) === 0 ? short : long;
    const { flags, type, value, rest: after } = schema.parse(rest) as Attribute;
    attributes.push({ type, flags, value: Uint8Array.from(value) });
    rest = after;
  }
  return attributes;
}

function prefixesOf(octets: Uint8Array): [number, Uint8Array][] {
  const prefixes: [number, Uint8Array][] = [];
  for (let rest = octets; rest.length > 0; ) {
    const { lengthBits, rest: after } = prefix.parse(rest) as {
      lengthBits: number;
      rest: Uint8Array;
    };
    const length = Math.ceil(lengthBits / 8);
    prefixes.push([lengthBits, Uint8Array.from(after.subarray(0, length))]);
    rest = after.subarray(length);
  }
  return prefixes;
}

function visited(nlri: ReturnType<typeof decodeUpdate>["announced"]): [number, Uint8Array][] {
  const prefixes: [number, Uint8Array][] = [];
  nlri.forEach((lengthBits, offset) => {
    const end = offset + Math.ceil(lengthBits / 8);
    prefixes.push([lengthBits, nlri.octets.slice(offset, end)]);
  });
  return prefixes;
}

const nlri = (maxBits: number) =>
  fc
    .array(
      fc.nat(maxBits).chain((lengthBits) => {
        const length = Math.ceil(lengthBits / 8);
        const octets = fc.uint8Array({ minLength: length, maxLength: length });
        return octets.map((packed) => Uint8Array.of(lengthBits, ...packed));
      }),
      { maxLength: 12 },
    )
    .map((prefixes) => concat(...prefixes));

const plain = fc
  .tuple(
    fc.constantFrom(1, 2, 3, 4, 5, 8, 16, 32, 99, 200),
    fc.nat(255),
    fc.uint8Array({ maxLength: 300 }),
  )
  .map(([type, flags, value]) => attribute(type, flags, Buffer.from(value).toString("hex")));

const reach = nlri(128).map((prefixes) => {
  const head = "0002 01 10 20010db8000000000000000000000001 00";
  return attribute(14, 0x80, head + Buffer.from(prefixes).toString("hex"));
});

describe("well-formed UPDATEs", () => {
  it("are read as binary-parser reads them", () => {
    const message = fc.tuple(nlri(32), fc.array(plain, { maxLength: 6 }), reach, nlri(32));
    fc.assert(
      fc.property(message, ([withdrawn, attributes, mp, announced]) => {
        const octets = updateBody({ withdrawn, attributes: [...attributes, mp], announced });
        const view = decodeUpdate(octets, CONTEXT);
        const expected = body.parse(octets) as Body;
        expect(visited(view.withdrawn)).toEqual(prefixesOf(expected.withdrawn));
        expect(visited(view.announced)).toEqual(prefixesOf(expected.announced));
        const raw = attributesOf(expected.attributes);
        expect(view.attributes).toEqual(raw);
        const value = raw.find(({ type }) => type === 14)?.value ?? hex("");
        const cut = mpReach.parse(value) as { nextHop: Uint8Array; nlri: Uint8Array };
        expect(view.mpReach?.nextHop).toEqual(Uint8Array.from(cut.nextHop));
        expect(view.mpReach && visited(view.mpReach.nlri)).toEqual(prefixesOf(cut.nlri));
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prefixTexts } from "./prefix.ts";
import { concat, hex } from "./testing/octets.ts";
import { attribute, CONTEXT, MANDATORY, prefixes, updateBody } from "./testing/update.ts";
import { decodeUpdate, encodeEndOfRib, encodeUpdate, endOfRib } from "./update.ts";

const v4 = { afi: 1, safi: 1 };
const v6 = { afi: 2, safi: 1 };
const MARKER = "ff".repeat(16);

describe("update", () => {
  const body = updateBody({
    withdrawn: prefixes("198.51.100.0/24", "0.0.0.0/0"),
    attributes: [
      ...MANDATORY,
      attribute(14, 0x90, "0002 01 10 20010db8000000000000000000000001 00 20 20010db8"),
      attribute(15, 0x80, "0002 01 10 2001"),
      attribute(99, 0xe0, "01"),
    ],
    announced: prefixes("192.0.2.0/24", "192.0.2.1/32"),
  });

  it("is cut into its fields", () => {
    const view = decodeUpdate(body, CONTEXT);
    expect(view.lengthsFit).toBe(true);
    expect(prefixTexts(view.withdrawn)).toEqual(["198.51.100.0/24", "0.0.0.0/0"]);
    expect(prefixTexts(view.announced)).toEqual(["192.0.2.0/24", "192.0.2.1/32"]);
    expect(view.mpReach && prefixTexts(view.mpReach.nlri)).toEqual(["2001:db8::/32"]);
    expect(view.mpReach?.nextHop).toEqual(hex("20010db8000000000000000000000001"));
    expect(view.mpUnreach && prefixTexts(view.mpUnreach)).toEqual(["2001::/16"]);
    expect(view.attributes.map(({ type, flags }) => [type, flags])).toEqual([
      [1, 0x40],
      [2, 0x40],
      [3, 0x40],
      [14, 0x90],
      [15, 0x80],
      [99, 0xe0],
    ]);
    expect(view.find(99)).toEqual({ type: 99, flags: 0xe0, value: hex("01") });
    expect(view.find(98)).toBeUndefined();
  });

  it("re-encodes byte for byte from its raw attributes", () => {
    const view = decodeUpdate(body, CONTEXT);
    const attributes = view.attributes.map(({ type, flags, value }) => {
      const digits = Buffer.from(value).toString("hex");
      return attribute(type, flags, digits);
    });
    const parts = {
      withdrawn: view.withdrawn.octets,
      attributes: concat(...attributes),
      announced: view.announced.octets,
    };
    expect(encodeUpdate(parts).subarray(19)).toEqual(body);
  });

  it("shows no prefixes of a family that was not agreed on", () => {
    const view = decodeUpdate(body, { ...CONTEXT, families: [] });
    const shown = [view.withdrawn, view.announced, view.mpReach?.nlri, view.mpUnreach];
    expect(shown.map((nlri) => nlri?.octets.length)).toEqual([0, 0, 0, 0]);
  });

  it("RFC 7911: reads path identifiers of the families that have them", () => {
    const withPaths = updateBody({ announced: hex("00000007 18 c00002") });
    const { announced } = decodeUpdate(withPaths, { ...CONTEXT, addPath: [v4] });
    expect(prefixTexts(announced)).toEqual(["192.0.2.0/24"]);
    expect(announced.addPath).toBe(true);
  });

  it.each(["", "00", "0000", "000000", "0001 0000", "0000 0001", "ffff 0000", "0000 ffff"])(
    "has empty fields when its lengths do not fit: %j",
    (octets) => {
      const view = decodeUpdate(hex(octets), CONTEXT);
      expect(view.lengthsFit).toBe(false);
      expect(view.attributes).toEqual([]);
      expect([view.withdrawn.count(), view.announced.count()]).toEqual([0, 0]);
      expect(endOfRib(view)).toBeUndefined();
    },
  );

  it("refuses to write a field that is too long", () => {
    expect(() => encodeUpdate({ withdrawn: new Uint8Array(65_536) })).toThrow(
      new RangeError("length of withdrawn must be a whole number from 0 to 65535, got 65536"),
    );
    expect(() => encodeUpdate({ announced: new Uint8Array(65_513) })).toThrow(
      new RangeError("message must have at most 65535 octets, got 65536"),
    );
  });

  it("can be cut whatever the octets, without a look past their end", () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .uint8Array({ maxLength: 80 })
        .map((attributes) => updateBody({ attributes: [attributes] })),
    );
    fc.assert(
      fc.property(any, fc.uint8Array({ maxLength: 40 }), (octets, behind) => {
        const alone = decodeUpdate(octets, CONTEXT);
        const within = concat(octets, behind).subarray(0, octets.length);
        const amid = decodeUpdate(within, CONTEXT);
        expect(amid.attributes).toEqual(alone.attributes);
        expect(amid.mpReach).toEqual(alone.mpReach);
        expect(amid.mpUnreach).toEqual(alone.mpUnreach);
        expect(prefixTexts(amid.announced)).toEqual(prefixTexts(alone.announced));
        expect(prefixTexts(amid.withdrawn)).toEqual(prefixTexts(alone.withdrawn));
        expect(endOfRib(amid)).toEqual(endOfRib(alone));
      }),
    );
  });
});

describe("End-of-RIB (RFC 4724 section 2)", () => {
  it.each([
    ["IPv4 unicast", v4, "0017 02 0000 0000"],
    ["IPv6 unicast", v6, "001d 02 0000 0006 80 0f 03 0002 01"],
  ])("of %s is written and recognised", (_, family, rest) => {
    expect(encodeEndOfRib(family)).toEqual(hex(MARKER + rest));
    expect(endOfRib(decodeUpdate(encodeEndOfRib(family).subarray(19), CONTEXT))).toEqual(family);
  });

  it.each([
    ["has prefixes", updateBody({ announced: prefixes("0.0.0.0/0") })],
    ["withdraws", updateBody({ withdrawn: prefixes("0.0.0.0/0") })],
    ["withdraws IPv6", updateBody({ attributes: [attribute(15, 0x80, "0002 01 00")] })],
    [
      "has another attribute too",
      updateBody({ attributes: [attribute(15, 0x80, "0002 01"), attribute(1, 0x40, "00")] }),
    ],
    ["has another attribute", updateBody({ attributes: [attribute(1, 0x40, "00")] })],
    ["has a cut attribute", updateBody({ attributes: [hex("800f 04 0002 01")] })],
  ])("is no UPDATE that %s", (_, octets) => {
    expect(endOfRib(decodeUpdate(octets, CONTEXT))).toBeUndefined();
  });

  it("is recognised with a two-octet length too", () => {
    const octets = updateBody({ attributes: [attribute(15, 0x90, "0002 01")] });
    expect(endOfRib(decodeUpdate(octets, CONTEXT))).toEqual(v6);
  });
});

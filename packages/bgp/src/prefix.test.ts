import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afiOf, decodePrefixes, encodePrefix, formatPrefix, prefixTexts } from "./prefix.ts";
import { hex } from "./testing/octets.ts";

describe("prefix", () => {
  // The octets of FRR's tests of multiprotocol attributes, and the ends of either range.
  it.each([
    ["10.1.0.0/16", "10 0a01"],
    ["10.2.0.0/17", "11 0a0200"],
    ["0.0.0.0/0", "00"],
    ["192.0.2.1/32", "20 c0000201"],
    ["fffe:102::/32", "20 fffe0102"],
    ["fffe:1:2:3::/64", "40 fffe000100020003"],
    ["::/0", "00"],
    ["2001:db8::1/128", "80 20010db8000000000000000000000001"],
  ])("reads and writes %s", (text, octets) => {
    expect(encodePrefix(text)).toEqual(hex(octets));
    expect(formatPrefix(afiOf(text), hex(octets))).toBe(text);
  });

  it.each([
    "",
    "192.0.2.1",
    "192.0.2.0/",
    "192.0.2.0/33",
    "192.0.2.0/08",
    "192.0.2.0/-1",
    "192.0.2.0/24/24",
    "2001:db8::/129",
    "2001:db8::/1e1",
  ])("refuses %j", (text) => {
    expect(() => encodePrefix(text)).toThrow(
      new TypeError(`prefix must be text such as 192.0.2.0/24 or 2001:db8::/32, got ${text}`),
    );
  });

  it.each(["192.0.2.1/24", "192.0.2.0/22", "2001:db8::1/127", "128.0.0.0/0"])(
    "refuses the bits after the length of %s",
    (text) => {
      expect(() => encodePrefix(text)).toThrow(
        new TypeError(`prefix must have no bits set after its length, got ${text}`),
      );
    },
  );

  it("RFC 4271 section 4.3: takes no notice of received bits after the length", () => {
    expect(formatPrefix(1, hex("11 0a02ff"))).toBe("10.2.128.0/17");
    expect(formatPrefix(1, hex("09 0aff"))).toBe("10.128.0.0/9");
  });

  it("survives a round trip", () => {
    const prefix = fc.tuple(
      fc.constantFrom(1, 2),
      fc.nat(128),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    fc.assert(
      fc.property(prefix, ([afi, length, octets]) => {
        const lengthBits = afi === 1 ? length % 33 : length;
        const text = formatPrefix(afi, Uint8Array.of(lengthBits, ...octets));
        expect(formatPrefix(afi, encodePrefix(text))).toBe(text);
      }),
    );
  });
});

describe("prefixes of a field", () => {
  const field = hex("10 0a01  11 0a0200  00");

  it("are visited with their length and place", () => {
    const seen: number[][] = [];
    decodePrefixes(field, 1).forEach((length, offset, pathId) => {
      seen.push([length, offset, pathId]);
    });
    expect(seen).toEqual([
      [16, 1, 0],
      [17, 4, 0],
      [0, 8, 0],
    ]);
    expect(prefixTexts(decodePrefixes(field, 1))).toEqual([
      "10.1.0.0/16",
      "10.2.0.0/17",
      "0.0.0.0/0",
    ]);
    expect(decodePrefixes(field, 1).count()).toBe(3);
  });

  it("RFC 7911: carry path identifiers", () => {
    const seen: number[][] = [];
    const nlri = decodePrefixes(hex("00000007 10 0a01  ffffffff 00"), 1, true);
    nlri.forEach((length, offset, pathId) => {
      seen.push([length, offset, pathId]);
    });
    expect(seen).toEqual([
      [16, 5, 7],
      [0, 12, 0xffff_ffff],
    ]);
  });

  it("end at the first malformed one, whatever the octets", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.constantFrom(1, 2, 3),
        fc.boolean(),
        (octets, afi, addPath) => {
          decodePrefixes(octets, afi, addPath).forEach((lengthBits, offset) => {
            expect(offset + Math.ceil(lengthBits / 8)).toBeLessThanOrEqual(octets.length);
          });
        },
      ),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  as4PathOf,
  decodeAsPath,
  encodeAsPath,
  mergeAs4Path,
  pathLength,
  prependAsn,
} from "./as-path.ts";
import type { AsPathSegment } from "./path-attributes.ts";
import { hex } from "./testing/octets.ts";

const sequence = (...asns: number[]): AsPathSegment => ({ type: "sequence", asns });
const set = (...asns: number[]): AsPathSegment => ({ type: "set", asns });
const confederation = (...asns: number[]): AsPathSegment => ({
  type: "confederation-sequence",
  asns,
});

describe("AS path", () => {
  it.each<[string, boolean, string, AsPathSegment[]]>([
    // From Quagga's tests of AS paths.
    ["a sequence", false, "02 03 2212 cd3f 1000", [sequence(0x2212, 0xcd3f, 0x1000)]],
    ["a set", false, "01 02 2212 0003", [set(0x2212, 3)]],
    ["a sequence of four octets", true, "02 02 00002212 fffe0001", [sequence(0x2212, 0xfffe_0001)]],
    [
      "confederations",
      false,
      "03 01 0001 04 01 0002",
      [confederation(1), { type: "confederation-set", asns: [2] }],
    ],
    ["an empty path", true, "", []],
  ])("reads and writes %s", (_, fourOctetAs, octets, path) => {
    expect(decodeAsPath(hex(octets), fourOctetAs)).toEqual(path);
    expect(encodeAsPath(path, fourOctetAs)).toEqual(hex(octets));
  });

  it.each(["02", "02 00", "05 01 0001", "00 01 0001", "02 02 0001", "02 01 0001 00"])(
    "RFC 7606 section 7.2: does not read %s",
    (octets) => {
      expect(decodeAsPath(hex(octets), false)).toBeUndefined();
    },
  );

  it("writes AS_TRANS for what needs four octets", () => {
    expect(encodeAsPath([sequence(65_001, 4_200_000_001)], false)).toEqual(hex("02 02 fde9 5ba0"));
  });

  it("cuts a sequence of more than 255 numbers, and refuses such a set", () => {
    const asns = Array.from({ length: 300 }, (_, i) => i + 1);
    const decoded = decodeAsPath(encodeAsPath([sequence(...asns)], true), true);
    expect(decoded).toEqual([sequence(...asns.slice(0, 255)), sequence(...asns.slice(255))]);
    expect(() => encodeAsPath([set(...asns)], true)).toThrow(RangeError);
    expect(() => encodeAsPath([sequence()], true)).toThrow(RangeError);
    expect(() => encodeAsPath([sequence(2 ** 32)], false)).toThrow(
      new RangeError("asn must be a whole number from 0 to 4294967295, got 4294967296"),
    );
  });

  it.each<[string, AsPathSegment[], AsPathSegment[] | undefined]>([
    ["is not needed", [sequence(1, 2)], undefined],
    ["holds the whole path", [sequence(1, 70_000), set(3)], [sequence(1, 70_000), set(3)]],
    ["holds no confederations", [confederation(1), sequence(70_000)], [sequence(70_000)]],
    ["is not needed for confederations", [confederation(70_000), sequence(1)], undefined],
  ])("RFC 6793 section 4.2.2: AS4_PATH %s", (_, path, as4Path) => {
    expect(as4PathOf(path)).toEqual(as4Path);
  });

  it.each<[string, AsPathSegment[], AsPathSegment[], AsPathSegment[]]>([
    [
      "takes AS4_PATH's numbers",
      [sequence(1, 23_456)],
      [sequence(1, 70_000)],
      [sequence(1, 70_000)],
    ],
    [
      "keeps what was put before",
      [sequence(9, 8, 23_456)],
      [sequence(70_000)],
      [sequence(9, 8, 70_000)],
    ],
    ["ignores a longer AS4_PATH", [sequence(1)], [sequence(70_000, 2)], [sequence(1)]],
    [
      "counts a set as one",
      [sequence(9), set(1, 23_456)],
      [set(1, 70_000)],
      [sequence(9), set(1, 70_000)],
    ],
    [
      "keeps leading confederations, and none of AS4_PATH",
      [confederation(5), sequence(23_456)],
      [confederation(6), sequence(70_000)],
      [confederation(5), sequence(70_000)],
    ],
  ])("RFC 6793 section 4.2.3: merging %s", (_, path, as4Path, merged) => {
    expect(mergeAs4Path(path, as4Path)).toEqual(merged);
  });

  it("has a length in which a set is one and a confederation nothing", () => {
    expect(pathLength([sequence(1, 2), set(3, 4), confederation(5, 6)])).toBe(3);
  });

  it("is prepended to its sequence, or to a new one", () => {
    expect(prependAsn([sequence(2)], 1, 3)).toEqual([sequence(1, 1, 1, 2)]);
    expect(prependAsn([set(2)], 1)).toEqual([sequence(1), set(2)]);
    expect(prependAsn([], 1, 0)).toEqual([]);
  });

  it("survives a round trip, and through an old speaker", () => {
    const segment = fc.record({
      type: fc.constantFrom("sequence" as const, "set" as const),
      asns: fc.array(fc.nat(0xffff_ffff), { minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 5 }), (path) => {
        expect(decodeAsPath(encodeAsPath(path, true), true)).toEqual(path);
        const two = decodeAsPath(encodeAsPath(path, false), false) ?? [];
        const merged = mergeAs4Path(two, as4PathOf(path) ?? path);
        expect(pathLength(merged)).toBe(pathLength(path));
        expect(merged.flatMap(({ asns }) => asns)).toEqual(path.flatMap(({ asns }) => asns));
      }),
    );
  });

  it("answers any octets with a path or none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (octets, fourOctetAs) => {
        const path = decodeAsPath(octets, fourOctetAs);
        if (path !== undefined) expect(encodeAsPath(path, fourOctetAs)).toEqual(octets);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressText, ipv6Octets } from "./address.ts";

const groupsOf = (octets: Uint8Array) =>
  Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  );

describe("address text", () => {
  it.each([
    [[192, 0, 2, 1], "192.0.2.1"],
    [[0, 0, 0, 0], "0.0.0.0"],
    [
      [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x90, 0x68, 0xda, 0xff, 0xfe, 0xb3, 0x29, 0xf5],
      "fe80::9068:daff:feb3:29f5",
    ],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "::"],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "::1"],
    [[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "fd00::"],
    // RFC 5952 section 4.2.2: a single zero is written out.
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], "2001:db8:0:1:1:1:1:1"],
    // Section 4.2.3: of equal runs the first is shortened.
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], "2001:db8::1:0:0:1"],
  ])("writes %j as %s", (octets, text) => {
    expect(addressText(Uint8Array.from(octets))).toBe(text);
  });

  it("agrees with the URL parser about every IPv6 address", () => {
    const octet = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(255));
    fc.assert(
      fc.property(fc.array(octet, { minLength: 16, maxLength: 16 }), (values) => {
        const octets = Uint8Array.from(values);
        const url = new URL(`http://[${groupsOf(octets).join(":")}]/`);
        expect(`[${addressText(octets)}]`).toBe(url.hostname);
      }),
    );
  });
});

describe("IPv6 octets", () => {
  it.each([
    ["::", []],
    ["::1", [[15, 1]]],
    ["fd00::", [[0, 0xfd]]],
    [
      "FF02::1:ff00:99",
      [
        [0, 0xff],
        [1, 2],
        [11, 1],
        [12, 0xff],
        [15, 0x99],
      ],
    ],
    [
      "::ffff:192.0.2.1",
      [
        [10, 0xff],
        [11, 0xff],
        [12, 192],
        [14, 2],
        [15, 1],
      ],
    ],
    [
      "64:ff9b::1.2.3.4",
      [
        [1, 0x64],
        [2, 0xff],
        [3, 0x9b],
        [12, 1],
        [13, 2],
        [14, 3],
        [15, 4],
      ],
    ],
    [
      "1:2:3:4:5:6:0.7.0.8",
      [
        [1, 1],
        [3, 2],
        [5, 3],
        [7, 4],
        [9, 5],
        [11, 6],
        [13, 7],
        [15, 8],
      ],
    ],
  ])("reads %s", (text, octets) => {
    const expected = new Uint8Array(16);
    for (const [at = 0, value = 0] of octets) expected[at] = value;
    expect(ipv6Octets("address", text)).toEqual(expected);
  });

  it("reads what addressText writes, shortened or not", () => {
    const octet = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(255));
    fc.assert(
      fc.property(fc.array(octet, { minLength: 16, maxLength: 16 }), (values) => {
        const octets = Uint8Array.from(values);
        expect(ipv6Octets("address", addressText(octets))).toEqual(octets);
        expect(ipv6Octets("address", groupsOf(octets).join(":"))).toEqual(octets);
      }),
    );
  });

  it.each(["", "192.0.2.1", "fe80::1%eth0", "2001:db8::/64", "::1 ", "1:2:3", "[::1]"])(
    "refuses %j, naming it",
    (text) => {
      expect(() => ipv6Octets("target", text)).toThrow(
        new RangeError(
          `target must be an IPv6 address without a zone, got ${JSON.stringify(text)}`,
        ),
      );
    },
  );
});

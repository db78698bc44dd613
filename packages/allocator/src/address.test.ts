import { isIP } from "node:net";
import fc from "fast-check";
import { Address6 } from "ip-address";
import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "./address.ts";

const ipv4 = fc.bigInt({ min: 0n, max: 0xffff_ffffn });
const groups = fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.nat(0xffff)), {
  minLength: 8,
  maxLength: 8,
});
const ipv6 = groups.map((words) => words.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n));

describe("address", () => {
  it.each([
    ["192.0.2.1", 4, 0xc0000201n, "192.0.2.1"],
    ["0.0.0.0", 4, 0n, "0.0.0.0"],
    ["255.255.255.255", 4, 0xffff_ffffn, "255.255.255.255"],
    ["2001:DB8:0:0:0:0:0:1", 6, 0x2001_0db8_0000_0000_0000_0000_0000_0001n, "2001:db8::1"],
    ["::", 6, 0n, "::"],
    ["::1", 6, 1n, "::1"],
    ["1::", 6, 1n << 112n, "1::"],
    ["1:0:0:2:0:0:0:3", 6, (1n << 112n) | (2n << 64n) | 3n, "1:0:0:2::3"],
    ["1:0:0:2:3:0:0:4", 6, (1n << 112n) | (2n << 64n) | (3n << 48n) | 4n, "1::2:3:0:0:4"],
    ["64:ff9b::192.0.2.1", 6, (0x64ff9bn << 96n) | 0xc0000201n, "64:ff9b::c000:201"],
    ["::ffff:192.0.2.1", 4, 0xc0000201n, "192.0.2.1"],
    ["::FFFF:c000:201", 4, 0xc0000201n, "192.0.2.1"],
  ])("reads %s", (text, family, value, canonical) => {
    expect(parseAddress(text)).toEqual({ family, value, text: canonical });
  });

  it.each([
    "",
    " 192.0.2.1",
    "192.0.2.1/32",
    "192.0.2",
    "192.0.2.01",
    "192.0.2.256",
    "192.0.2.1.1",
    "::1/128",
    "fe80::1%eth0",
    "[::1]",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "::12345",
    "router.example",
  ])("refuses %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it("takes for an address what the platform does", () => {
    const character = fc.constantFrom(..."0123459af:.%/ ".split(""));
    const text = fc.oneof(
      fc.string({ unit: character, maxLength: 20 }),
      fc.ipV4(),
      fc.ipV6(),
      fc.ipV6().map((address) => address.replace(/:[^:]*$/, ":")),
    );
    fc.assert(
      fc.property(text, (any) => {
        const address = parseAddress(any);
        expect(address === undefined).toBe(isIP(any) === 0 || any.includes("%"));
      }),
      { numRuns: 2_000 },
    );
  });

  it("writes IPv4 addresses that read back as themselves", () => {
    fc.assert(
      fc.property(ipv4, (value) => {
        const text = formatAddress(4, value);
        expect(parseAddress(text)).toEqual({ family: 4, value, text });
      }),
    );
  });

  it("writes IPv6 addresses as ip-address does, and they read back as themselves", () => {
    fc.assert(
      fc.property(ipv6, (value) => {
        const text = formatAddress(6, value);
        expect(text).toBe(Address6.fromBigInt(value).correctForm());
        if (value >> 32n === 0xffffn) return;
        expect(parseAddress(text)).toEqual({ family: 6, value, text });
      }),
      { numRuns: 2_000 },
    );
  });
});

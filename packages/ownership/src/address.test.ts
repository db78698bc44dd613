import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressFromBytes, addressToBytes } from "./address.ts";

describe("address", () => {
  it.each([
    ["192.0.2.10", "192.0.2.10"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::", "fe80::"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
  ])("reads %s and writes %s", (text, canonical) => {
    expect(addressFromBytes(addressToBytes(text))).toBe(canonical);
  });

  it.each([
    "",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.256",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8::",
    "g::",
    "::1.2.3",
    "fe80::1%eth0",
    "10.0.0.0/8",
  ])("refuses %j", (text) => {
    expect(() => addressToBytes(text)).toThrow(
      new TypeError(`address must be IPv4 or IPv6, got ${text}`),
    );
  });

  it("survives a round trip", () => {
    const octets = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc
        .array(fc.constantFrom(0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
        .map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(octets, (bytes) => {
        expect(addressToBytes(addressFromBytes(bytes))).toEqual(bytes);
      }),
    );
  });
});

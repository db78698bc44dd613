import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv6, ipv6ToBytes, parseIpv6 } from "./address.ts";
import { maskPrefix, parsePrefix } from "./prefix.ts";
import { anyAddress } from "./testing/arbitrary.ts";

describe("prefix", () => {
  it.each([
    ["2001:db8:1::/64", "2001:db8:1::", 64],
    ["::/0", "::", 0],
    ["2001:db8::1/128", "2001:db8::1", 128],
    ["2001:DB8:0:8000::/49", "2001:db8:0:8000::", 49],
  ])("reads %s", (text, address, prefixLength) => {
    expect(parsePrefix(text)).toEqual({ prefix: parseIpv6(address), prefixLength });
  });

  it.each([
    "2001:db8::",
    "2001:db8::/",
    "2001:db8::/129",
    "2001:db8::/064",
    "2001:db8::/-1",
    "2001:db8::/64/64",
    "2001:db8::1/64",
    "2001:db8:0:8000::/48",
  ])("refuses %s, naming it", (text) => {
    expect(() => parsePrefix(text)).toThrow(
      new TypeError(`prefix must be text such as 2001:db8:1::/64, got ${text}`),
    );
  });

  it("refuses what is no address before the slash", () => {
    expect(() => parsePrefix("192.0.2.0/24")).toThrow(TypeError);
  });

  it("is masked bit by bit", () => {
    const bits = (bytes: Uint8Array) =>
      Array.from(bytes, (octet) => octet.toString(2).padStart(8, "0")).join("");
    fc.assert(
      fc.property(anyAddress, fc.nat(128), (address, length) => {
        const expected = bits(ipv6ToBytes(address)).slice(0, length).padEnd(128, "0");
        const masked = maskPrefix(address, length);
        expect(bits(ipv6ToBytes(masked))).toBe(expected);
        expect(parsePrefix(`${formatIpv6(masked)}/${length}`).prefix).toBe(masked);
      }),
    );
  });
});

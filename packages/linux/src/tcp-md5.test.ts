import { describe, expect, it } from "vitest";
import { ipAddress } from "./ip-address.ts";
import { encodeMd5Signature, passwordOctets } from "./tcp-md5.ts";

describe("TCP MD5 key", () => {
  const key = new TextEncoder().encode("s3cret");

  it("of one IPv4 peer is laid out as struct tcp_md5sig", () => {
    const address = ipAddress("address", "192.0.2.1");
    const bytes = encodeMd5Signature({ address, prefixLength: 32 }, key);
    const expected = new Uint8Array(216);
    expected.set([2, 0, 0, 0, 192, 0, 2, 1], 0);
    expected.set([0, 0, 6, 0, 0, 0, 0, 0], 128);
    expected.set(key, 136);
    expect(bytes).toEqual(expected);
  });

  it("of the peers within an IPv6 prefix says so", () => {
    const address = ipAddress("address", "2001:db8::");
    const bytes = encodeMd5Signature({ address, prefixLength: 48 }, key);
    const expected = new Uint8Array(216);
    expected.set([10, 0, 0, 0, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8], 0);
    expected.set([1, 48, 6, 0, 0, 0, 0, 0], 128);
    expected.set(key, 136);
    expect(bytes).toEqual(expected);
  });

  it("is taken away by one of no octets", () => {
    const address = ipAddress("address", "192.0.2.1");
    const bytes = encodeMd5Signature({ address, prefixLength: 32 }, new Uint8Array(0));
    expect(bytes.subarray(128).every((octet) => octet === 0)).toBe(true);
  });

  it("has 1 to 80 octets, not characters", () => {
    expect(passwordOctets("x".repeat(80))).toHaveLength(80);
    expect(passwordOctets("ü")).toEqual(Uint8Array.of(0xc3, 0xbc));
    expect(() => passwordOctets("")).toThrow(
      new RangeError("password must have 1 to 80 octets, got 0"),
    );
    expect(() => passwordOctets("ü".repeat(41))).toThrow(
      new RangeError("password must have 1 to 80 octets, got 82"),
    );
  });
});

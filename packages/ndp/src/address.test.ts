import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatIpv6,
  formatMac,
  ipv6FromBytes,
  ipv6ToBytes,
  linkLocalOf,
  macFromBytes,
  macToBytes,
  parseIpv6,
  parseMac,
} from "./address.ts";

const mostMac = 0xffff_ffff_ffff;
const bytes16 = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** With runs of zeros, which are what is hard about the text. */
const sparse16 = fc
  .array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff])));

describe("IPv6 address", () => {
  it.each([
    // RFC 4291 section 2.2 and RFC 5952 sections 2 and 4, and what they come to.
    ["ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"],
    ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
    ["FF01:0:0:0:0:0:0:101", "ff01::101"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:13.1.68.3", "::d01:4403"],
    ["0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["10:0:0:0:1:0:0:0", "10::1:0:0:0"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["fe80::", "fe80::"],
  ])("reads %s and writes it %s", (text, canonical) => {
    expect(formatIpv6(parseIpv6(text))).toBe(canonical);
    expect(parseIpv6(canonical)).toBe(parseIpv6(text));
  });

  it.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "::1:2:3:4:5:6:7:8",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "::00001",
    "::g",
    "::1\n",
    " ::1",
    "::-1",
    "fe80::1%eth0",
    "2001:db8::/32",
    "[::1]",
    "192.0.2.10",
    "::256.0.0.1",
    "::1.2.3",
    "::01.2.3.4",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
    "localhost",
  ])("refuses %j, naming it", (text) => {
    expect(() => parseIpv6(text)).toThrow(
      new TypeError(`address must be IPv6 text such as 2001:db8::10, got ${text}`),
    );
  });

  it.each([undefined, null, 1, {}, ["::1"]])("refuses %j", (value) => {
    expect(() => parseIpv6(value as string)).toThrow(TypeError);
  });

  it("survives a round trip through text and octets", () => {
    fc.assert(
      fc.property(fc.oneof(bytes16, sparse16), (bytes) => {
        const address = ipv6FromBytes(bytes);
        expect(parseIpv6(formatIpv6(address))).toBe(address);
        expect(ipv6ToBytes(address)).toEqual(bytes);
      }),
    );
  });

  it("writes what the platform's own URL parser writes", () => {
    fc.assert(
      fc.property(fc.oneof(bytes16, sparse16), (bytes) => {
        const text = formatIpv6(ipv6FromBytes(bytes));
        fc.pre(!text.includes("."));
        expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname);
      }),
    );
  });

  it.each([0, 4, 15, 17])("refuses %i octets", (length) => {
    expect(() => ipv6FromBytes(new Uint8Array(length))).toThrow(
      new RangeError(`address must have 16 octets, got ${length}`),
    );
  });
});

describe("link-local address of a MAC address", () => {
  it.each([
    // RFC 2464 section 4, one of these tests', and the least and the most.
    ["34:56:78:9a:bc:de", "fe80::3656:78ff:fe9a:bcde"],
    ["02:00:00:00:00:0b", "fe80::ff:fe00:b"],
    ["00:00:00:00:00:00", "fe80::200:ff:fe00:0"],
    ["ff:ff:ff:ff:ff:ff", "fe80::fdff:ffff:feff:ffff"],
  ])("is made of %s", (mac, address) => {
    expect(formatIpv6(linkLocalOf(parseMac(mac)))).toBe(address);
  });
});

describe("MAC address", () => {
  it.each([
    ["00:00:00:00:00:00", 0, [0, 0, 0, 0, 0, 0]],
    ["02:00:5e:10:00:0a", 0x0200_5e10_000a, [0x02, 0x00, 0x5e, 0x10, 0x00, 0x0a]],
    ["ff:ff:ff:ff:ff:ff", mostMac, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])("reads and writes %s", (text, mac, octets) => {
    expect(parseMac(text)).toBe(mac);
    expect(parseMac(text.toUpperCase())).toBe(mac);
    expect(formatMac(mac)).toBe(text);
    expect(macFromBytes(Uint8Array.from(octets))).toBe(mac);
    expect(macToBytes(mac)).toEqual(Uint8Array.from(octets));
  });

  it.each(["", "02:00:00:00:00", "02:00:00:00:00:00:01", "2:0:0:0:0:1", "02-00-00-00-00-01"])(
    "refuses %j, naming it",
    (text) => {
      expect(() => parseMac(text)).toThrow(
        new TypeError(`mac must be text such as 02:00:00:00:00:01, got ${text}`),
      );
    },
  );

  it.each([0, 5, 7, 20])("refuses %i octets", (length) => {
    expect(() => macFromBytes(new Uint8Array(length))).toThrow(
      new RangeError(`mac must have 6 octets, got ${length}`),
    );
  });

  it("survives a round trip", () => {
    fc.assert(
      fc.property(fc.nat(mostMac), (mac) => {
        expect(parseMac(formatMac(mac))).toBe(mac);
        expect(macFromBytes(macToBytes(mac))).toBe(mac);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv4, formatMac, macFromBytes, macToBytes, parseIpv4, parseMac } from "./address.ts";

const mostMac = 0xffff_ffff_ffff;

describe("IPv4 address", () => {
  it.each([
    ["0.0.0.0", 0],
    ["192.0.2.10", 0xc000_020a],
    ["255.255.255.255", 0xffff_ffff],
  ])("reads and writes %s", (text, address) => {
    expect(parseIpv4(text)).toBe(address);
    expect(formatIpv4(address)).toBe(text);
  });

  it.each([
    "",
    "192.0.2",
    "192.0.2.10.1",
    "192.0.2.010",
    "192.0.2.256",
    "192.0.2.-1",
    "192.0.2.1e1",
    "192.0.2.0x1",
    "192.0.2.1\n",
    " 192.0.2.1",
    "192.0.2.1/32",
    "::ffff:192.0.2.1",
    "localhost",
  ])("refuses %j, naming it", (text) => {
    expect(() => parseIpv4(text)).toThrow(
      new TypeError(`address must be IPv4 text such as 192.0.2.10, got ${text}`),
    );
  });

  it.each([undefined, null, 3_221_225_994, {}, ["192.0.2.10"]])("refuses %j", (value) => {
    expect(() => parseIpv4(value as string)).toThrow(TypeError);
  });

  it("survives a round trip", () => {
    fc.assert(
      fc.property(fc.nat(0xffff_ffff), (address) => {
        expect(parseIpv4(formatIpv4(address))).toBe(address);
      }),
    );
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

  it.each([
    "",
    "02:00:00:00:00",
    "02:00:00:00:00:00:01",
    "2:0:0:0:0:1",
    "02-00-00-00-00-01",
    "02:00:00:00:00:0g",
  ])("refuses %j, naming it", (text) => {
    expect(() => parseMac(text)).toThrow(
      new TypeError(`mac must be text such as 02:00:00:00:00:01, got ${text}`),
    );
  });

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

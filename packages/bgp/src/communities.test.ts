import { describe, expect, it } from "vitest";
import {
  decodeLinkBandwidth,
  encodeIpv6RouteMark,
  encodeLinkBandwidth,
  encodeRouteMark,
  formatCommunity,
  formatLargeCommunity,
  parseCommunity,
  parseLargeCommunity,
  WellKnownCommunity,
} from "./communities.ts";
import { hex } from "./testing/octets.ts";

describe("communities", () => {
  it.each([
    ["65001:100", 0xfde9_0064],
    ["0:0", 0],
    ["65535:65535", 0xffff_ffff],
    // RFC 8326 section 5, RFC 7999 section 5, RFC 1997.
    ["65535:0", WellKnownCommunity.gracefulShutdown],
    ["65535:666", WellKnownCommunity.blackhole],
    ["65535:65281", WellKnownCommunity.noExport],
  ])("reads and writes %s", (text, value) => {
    expect(parseCommunity(text)).toBe(value);
    expect(formatCommunity(value)).toBe(text);
  });

  it.each(["", "1", "1:2:3", "65536:0", "0:65536", "-1:0", "01:1", "a:b", "1: 2"])(
    "refuses %j",
    (text) => {
      expect(() => parseCommunity(text)).toThrow(
        new TypeError(`community must be text such as 65001:100, got ${text}`),
      );
    },
  );

  it("reads and writes large ones (RFC 8092)", () => {
    const community = { globalAdministrator: 4_294_967_295, localData1: 0, localData2: 7 };
    expect(parseLargeCommunity("4294967295:0:7")).toEqual(community);
    expect(formatLargeCommunity(community)).toBe("4294967295:0:7");
    expect(() => parseLargeCommunity("4294967296:0:7")).toThrow(TypeError);
    expect(() => parseLargeCommunity("1:2")).toThrow(TypeError);
  });

  it.each([
    // RFC 4360 sections 3.1, 3.2, 4 and 5; RFC 5668.
    [{ kind: "route-target", administrator: 65_001, value: 100 }, "0002 fde9 00000064"],
    [{ kind: "route-origin", administrator: 65_001, value: 100 }, "0003 fde9 00000064"],
    [{ kind: "route-target", administrator: "192.0.2.1", value: 100 }, "0102 c0000201 0064"],
    [{ kind: "route-origin", administrator: 4_200_000_001, value: 1 }, "0203 fa56ea01 0001"],
  ] as const)("writes %j", (mark, octets) => {
    expect(encodeRouteMark(mark)).toEqual(hex(octets));
  });

  it("refuses a value beyond what the administrator leaves room for", () => {
    const mark = { kind: "route-target", administrator: 70_000, value: 70_000 } as const;
    expect(() => encodeRouteMark(mark)).toThrow(RangeError);
  });

  it("RFC 5701: writes a target whose administrator is an IPv6 address", () => {
    const mark = { kind: "route-target", administrator: "2001:db8::1", value: 7 } as const;
    const address = "20010db8000000000000000000000001";
    expect(encodeIpv6RouteMark(mark)).toEqual(hex(`0002${address}0007`));
    expect(encodeIpv6RouteMark({ ...mark, kind: "route-origin" })).toEqual(
      hex(`0003${address}0007`),
    );
    expect(() => encodeIpv6RouteMark({ ...mark, administrator: 65_001 })).toThrow(
      "administrator must be an IPv6 address, got 65001",
    );
    expect(() => encodeIpv6RouteMark({ ...mark, value: 65_536 })).toThrow(/^value must be/);
  });

  it("reads and writes a link's bandwidth", () => {
    // 1.25e9 octets a second (10 Gbit/s), as an IEEE number.
    const octets = hex("4004 fde9 4e9502f9");
    expect(encodeLinkBandwidth(65_001, 1.25e9)).toEqual(octets);
    expect(decodeLinkBandwidth(octets)).toEqual({ asn: 65_001, bytesPerSecond: 1.25e9 });
    expect(decodeLinkBandwidth(hex("0004 fde9 4e9502f9"))).toMatchObject({ asn: 65_001 });
    expect(decodeLinkBandwidth(hex("0002 fde9 00000064"))).toBeUndefined();
    expect(() => encodeLinkBandwidth(70_000, 1)).toThrow(RangeError);
    expect(() => encodeLinkBandwidth(1, -1)).toThrow(RangeError);
  });
});

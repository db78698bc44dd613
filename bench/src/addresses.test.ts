import { describe, expect, it } from "vitest";
import { ipv4Addresses, ipv6Addresses } from "./addresses.ts";

describe("IPv4 addresses", () => {
  it("are in a row, across octets", () => {
    expect(ipv4Addresses("198.18.64.254", 4)).toEqual([
      "198.18.64.254",
      "198.18.64.255",
      "198.18.65.0",
      "198.18.65.1",
    ]);
    expect(ipv4Addresses("198.19.255.255", 2)[1]).toBe("198.20.0.0");
  });

  it.each(["255.255.255.255", "host"])("do not go on behind %s", (first) => {
    expect(() => ipv4Addresses(first, 2)).toThrow(
      new RangeError(`no 2 addresses from ${first} on`),
    );
  });
});

describe("IPv6 addresses", () => {
  it("are in a row from 1 on", () => {
    const addresses = ipv6Addresses("2001:2::", 0xffff);
    expect([addresses[0], addresses[15], addresses.at(-1)]).toEqual([
      "2001:2::1",
      "2001:2::10",
      "2001:2::ffff",
    ]);
  });

  it("are no more than two octets can tell apart", () => {
    expect(() => ipv6Addresses("2001:2::", 65_536)).toThrow(
      new RangeError("count must be at most 65535, got 65536"),
    );
  });
});

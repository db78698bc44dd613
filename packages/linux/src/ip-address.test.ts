import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalAddress, ipAddress, isLinkLocal, isUnicast } from "./ip-address.ts";

describe("IP address", () => {
  it.each([
    ["192.0.2.1", 4, "192.0.2.1"],
    ["2001:DB8:0::1", 6, "2001:db8::1"],
    ["::", 6, "::"],
    ["::ffff:192.0.2.1", 4, "192.0.2.1"],
    ["::FFFF:c000:201", 4, "192.0.2.1"],
    // Not mapped, but translated and compatible (RFC 4291 section 2.5.5.1): IPv6 all the same.
    ["64:ff9b::192.0.2.1", 6, "64:ff9b::c000:201"],
    ["::192.0.2.1", 6, "::c000:201"],
  ])("reads %s", (text, family, canonical) => {
    const address = ipAddress("address", text);
    expect(address).toMatchObject({ family, text: canonical });
    expect(address.octets).toHaveLength(family === 4 ? 4 : 16);
  });

  it("reads every IPv4 address, mapped or not", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(ipAddress("address", text).text).toBe(text);
        expect(ipAddress("address", `::ffff:${text}`)).toEqual(ipAddress("address", text));
      }),
    );
  });

  it.each(["", "router.example", "192.0.2", "192.0.2.256", "192.0.2.01", "1.2.3.4/32"])(
    "refuses %j, naming it",
    (text) => {
      expect(() => ipAddress("localAddress", text)).toThrow(
        new RangeError(`localAddress must be an IP address, got ${JSON.stringify(text)}`),
      );
    },
  );

  it("refuses a zone", () => {
    expect(() => ipAddress("address", "fe80::1%eth0")).toThrow(
      new RangeError('address must be an IPv6 address without a zone, got "fe80::1%eth0"'),
    );
  });

  it.each([
    ["fe80::1", true],
    ["febf::1", true],
    ["fec0::1", false],
    ["2001:db8::1", false],
    ["169.254.0.1", false],
  ])("knows whether %s is link-local: %s", (text, expected) => {
    expect(isLinkLocal(ipAddress("address", text))).toBe(expected);
  });

  it.each([
    ["192.0.2.1", true],
    ["::1", true],
    ["0.0.0.0", false],
    ["::", false],
    ["224.0.0.5", false],
    ["255.255.255.255", false],
    ["ff02::1", false],
  ])("knows whether %s is a host's: %s", (text, expected) => {
    expect(isUnicast(ipAddress("address", text))).toBe(expected);
  });

  it("takes away what Node adds", () => {
    expect(canonicalAddress("fe80::1%eth0.7")).toBe("fe80::1");
    expect(canonicalAddress("::ffff:192.0.2.1")).toBe("192.0.2.1");
  });
});

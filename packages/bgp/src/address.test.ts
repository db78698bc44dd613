import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatAddress,
  formatIpv6,
  isIpv4Host,
  isIpv6Host,
  parseAddress,
  parseIpv4,
  readAddress,
} from "./address.ts";
import { hex } from "./testing/octets.ts";

describe("address", () => {
  it.each([
    ["192.0.2.10", "c000020a"],
    ["0.0.0.0", "00000000"],
    ["255.255.255.255", "ffffffff"],
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["2001:db8::10", "20010db8000000000000000000000010"],
    ["fe80::", "fe800000000000000000000000000000"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["::ffff:192.0.2.1", "00000000000000000000ffffc0000201"],
    // RFC 5952 section 4.2.2: one group alone is not shortened; 4.2.3: of equals the first is.
    ["2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001"],
    ["2001:db8::1:0:0:1", "20010db8000000000001000000000001"],
  ])("reads and writes the canonical text %s", (text, octets) => {
    expect(parseAddress(text)).toEqual(hex(octets));
    expect(formatAddress(hex(octets))).toBe(text);
  });

  it.each([
    ["2001:DB8:0:0:0:0:0:10", "2001:db8::10"],
    ["1::2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
    ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
    ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ])("takes %s for %s", (text, canonical) => {
    expect(formatAddress(parseAddress(text))).toBe(canonical);
  });

  it.each([
    "",
    "192.0.2",
    "192.0.2.",
    "192.0.2.256",
    "192.0.02.1",
    "192.0.2.1.5",
    "192.0.2.1000",
    "192.0.2.a",
    " 192.0.2.1",
    ":",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:",
    ":1:2:3:4:5:6:7",
    "::1::",
    "1::2:3:4:5:6:7:8",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "2001:db8::/32",
    "::1.2.3",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
  ])("refuses %j", (text) => {
    expect(readAddress(text)).toHaveLength(0);
    expect(() => parseAddress(text)).toThrow(TypeError);
  });

  it("names the field of a wrong IPv4 address", () => {
    expect(() => parseIpv4("routerId", "::1")).toThrow(
      new TypeError("routerId must be an IPv4 address such as 192.0.2.10, got ::1"),
    );
  });

  it("survives a round trip, and shortens as a URL does", () => {
    const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
    const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(
        fc.oneof(
          octets,
          sparse.map((list) => Uint8Array.from(list)),
        ),
        (address) => {
          const text = formatIpv6(address, 0);
          expect(parseAddress(text)).toEqual(address);
          // A URL writes mapped addresses in hexadecimal.
          if (!text.includes(".")) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
        },
      ),
    );
  });

  it("answers any text with four octets, sixteen, or none", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789abcf:.%"), maxLength: 45 });
    fc.assert(
      fc.property(fc.oneof(digits, fc.string()), (text) => {
        expect([0, 4, 16]).toContain(readAddress(text).length);
      }),
    );
  });

  it("tells hosts from what no host can have", () => {
    const host = (text: string) => {
      const octets = parseAddress(text);
      return octets.length === 4 ? isIpv4Host(octets, 0) : isIpv6Host(octets, 0);
    };
    expect(["192.0.2.1", "10.0.0.0", "2001:db8::1", "fe80::1", "::2"].filter(host)).toHaveLength(5);
    const none = ["0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "ff02::1"];
    expect(none.filter(host)).toEqual([]);
  });
});

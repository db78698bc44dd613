import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Capability, OpenMessage } from "./message.ts";
import { decodeOpen, encodeOpen } from "./open.ts";
import { concat, hex } from "./testing/octets.ts";

const MARKER = "ff".repeat(16);
const FIXED = "04 fde9 00b4 c0000201";

function open(capabilities: readonly Capability[]): OpenMessage {
  return {
    type: "open",
    version: 4,
    asn: 65_001,
    holdTimeS: 180,
    routerId: "192.0.2.1",
    capabilities,
  };
}

const fault = (subcode: number, code = 2, data = "") => ({
  fault: { type: "notification", code, subcode, data: hex(data) },
});

const both: Capability[] = [
  { type: "multiprotocol", afi: 1, safi: 1 },
  { type: "multiprotocol", afi: 2, safi: 1 },
];

describe("open", () => {
  it.each<[string, string, OpenMessage]>([
    ["without capabilities", `001d 01 ${FIXED} 00`, open([])],
    [
      "with several in one parameter",
      `002b 01 ${FIXED} 0e 02 0c 0104 0001 0001 0104 0002 0001`,
      open(both),
    ],
  ])("reads and writes one %s", (_, rest, message) => {
    expect(encodeOpen(message)).toEqual(hex(MARKER + rest));
    expect(decodeOpen(hex(MARKER + rest).subarray(19))).toEqual(message);
  });

  // The parameters of FRR's tests of capabilities.
  it("gobgp #1037, dpkt #118, bgpkit-parser #245: reads one capability a parameter and many alike", () => {
    const old: Capability = { type: "other", code: 128, bytes: hex("") };
    const expected = open([...both, old, { type: "route-refresh" }]);
    const singlets = "18 0206 0104 0001 0001 0206 0104 0002 0001 0202 8000 0202 0200";
    const series = "12 0210 0104 0001 0001 0104 0002 0001 8000 0200";
    expect(decodeOpen(hex(FIXED + singlets))).toEqual(expected);
    expect(decodeOpen(hex(FIXED + series))).toEqual(expected);
  });

  it("maghemite #322, pbgp #22: reads FRR's OPEN with capabilities that it does not know", () => {
    const parameters =
      "3a 0206 0104 00010001 0206 0104 00020001 0202 8000 0202 0200 0206 4104 0000fc03" +
      "0209 8207 0001000101 8003 0209 0307 0001000101 4003 0202 4200";
    const decoded = decodeOpen(hex(FIXED + parameters));
    const codes = [128, 130, 3, 66];
    expect(decoded).toMatchObject({ capabilities: { length: 8, 4: { asn: 64_515 } } });
    const others = "fault" in decoded ? [] : decoded.capabilities.filter((c) => c.type === "other");
    expect(others.map(({ code }) => code)).toEqual(codes);
  });

  it.each([
    ["exabgp #289: an unknown parameter", "04 01 02 0000", fault(4)],
    ["a parameter that runs past the end", "04 02 04 0200", fault(0)],
    ["a parameter that is cut within its head", "01 02", fault(0)],
    ["a capability that runs past its parameter", "04 02 02 0201", fault(0)],
    ["a length that leaves octets over", "04 02 02 0200 00", fault(0)],
    ["a length beyond the end", "06 02 02 0200", fault(0)],
    // CVE-2022-40302 and CVE-2022-43681 read past the end of these.
    ["CVE-2022-40302: an extended length that is cut", "ff ff 00", fault(0)],
    ["CVE-2022-43681: an extended parameter that is cut", "ff ff 0002 02 00", fault(0)],
    ["an extended length of the wrong size", "ff ff 0006 02 0002 0200", fault(0)],
    ["an unknown parameter in the extended form", "ff ff 0003 01 0000", fault(4)],
  ])("answers %s", (_, parameters, expected) => {
    expect(decodeOpen(hex(FIXED + parameters))).toEqual(expected);
  });

  it("answers a body of less than ten octets with the length of the message", () => {
    expect(decodeOpen(hex(FIXED))).toEqual(fault(2, 1, "001c"));
  });

  it("does not look into the parameters of another version", () => {
    expect(decodeOpen(hex("05 fde9 00b4 c0000201 ff 00"))).toMatchObject({ version: 5 });
  });

  describe("extended parameters (RFC 9072)", () => {
    it("are read where they are not needed", () => {
      const parameters = "ff ff 000f 02 000c 0104 0001 0001 0104 0002 0001";
      expect(decodeOpen(hex(FIXED + parameters))).toEqual(open(both));
    });

    it("are read whatever the length before them says, unless it says none", () => {
      expect(decodeOpen(hex(`${FIXED} 01 ff 0005 02 0002 0200`))).toEqual(
        open([{ type: "route-refresh" }]),
      );
      expect(decodeOpen(hex(`${FIXED} 00 ff 0005 02 0002 0200`))).toEqual(fault(0));
    });

    it("are written when 255 octets do not hold the capabilities, and not before", () => {
      const filling = (lengthBytes: number): OpenMessage =>
        open([
          { type: "other", code: 200, bytes: new Uint8Array(100) },
          { type: "other", code: 201, bytes: new Uint8Array(lengthBytes - 104) },
        ]);
      const plain = encodeOpen(filling(253));
      expect(plain.subarray(28, 31)).toEqual(hex("ff 02 fd"));
      expect(decodeOpen(plain.subarray(19))).toEqual(filling(253));
      const extended = encodeOpen(filling(254));
      expect(extended.subarray(28, 35)).toEqual(hex("ff ff 0101 02 00fe"));
      expect(decodeOpen(extended.subarray(19))).toEqual(filling(254));
    });
  });

  it("refuses what does not fit, naming it", () => {
    const large: Capability = { type: "other", code: 200, bytes: new Uint8Array(255) };
    expect(() => encodeOpen(open(Array(16).fill(large)))).toThrow(/^capabilities must fit an OPEN/);
    expect(() => encodeOpen({ ...open([]), asn: 65_536 })).toThrow(/^asn must be/);
    expect(() => encodeOpen({ ...open([]), routerId: "1.2.3" })).toThrow(/^routerId must be/);
  });

  it("survives a round trip", () => {
    const other = fc.record({
      type: fc.constant("other" as const),
      code: fc.constant(200),
      bytes: fc.uint8Array({ maxLength: 255 }),
    });
    const message = fc.record({
      type: fc.constant("open" as const),
      version: fc.constant(4),
      asn: fc.nat(0xffff),
      holdTimeS: fc.nat(0xffff),
      routerId: fc.ipV4(),
      capabilities: fc.array(other, { maxLength: 12 }),
    });
    fc.assert(
      fc.property(message, (value) => {
        expect(decodeOpen(encodeOpen(value).subarray(19))).toEqual(value);
      }),
    );
  });

  it("answers any octets with a value or a fault", () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((tail) => concat(hex(FIXED), tail)),
    );
    fc.assert(
      fc.property(body, (octets) => {
        const decoded = decodeOpen(octets);
        if ("fault" in decoded) expect([1, 2]).toContain(decoded.fault.code);
        else expect(decoded.routerId).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      }),
    );
  });
});

import { describe, expect, it } from "vitest";
import type { Capability, OpenMessage } from "./message.ts";
import { hex } from "./testing/octets.ts";
import { type ExpectedOpen, validateOpen } from "./validate-open.ts";

const expected: ExpectedOpen = { asn: 65_002, localAsn: 65_001, localRouterId: "192.0.2.1" };

const as4 = (asn: number): Capability => ({ type: "four-octet-as", asn });
const role = (value: number): Capability => ({ type: "role", role: value });

function open(fields: Partial<OpenMessage> = {}): OpenMessage {
  const capabilities = [as4(fields.asn ?? 65_002)];
  const common = { version: 4, asn: 65_002, holdTimeS: 90, routerId: "192.0.2.2", capabilities };
  return { type: "open", ...common, ...fields };
}

const fault = (subcode: number, data = "") => ({
  fault: { type: "notification", code: 2, subcode, data: hex(data) },
});

describe("validation of an OPEN", () => {
  it("tells who the peer is", () => {
    expect(validateOpen(open(), expected)).toEqual({
      session: {
        asn: 65_002,
        routerId: "192.0.2.2",
        holdTimeS: 90,
        internal: false,
        families: [{ afi: 1, safi: 1 }],
        open: open(),
      },
    });
  });

  it.each<[string, OpenMessage, Partial<ExpectedOpen>, string, string?]>([
    ["RFC 4271 section 6.2: a higher version", open({ version: 5 }), {}, "1", "0004"],
    ["RFC 4271 section 6.2: a lower version", open({ version: 3 }), {}, "1", "0004"],
    ["metallb #1114: another AS", open({ asn: 65_003 }), {}, "2"],
    ["RFC 7607: AS 0", open({ asn: 0, capabilities: [] }), { asn: 0 }, "2"],
    ["RFC 7607: AS 0 in four octets", open({ capabilities: [as4(0)] }), { asn: 0 }, "2"],
    ["RFC 6793: AS_TRANS in four octets", open({ asn: 23_456 }), { asn: 0 }, "2"],
    [
      "RFC 6793: two numbers that differ",
      open({ capabilities: [as4(65_003)] }),
      { asn: 65_003 },
      "2",
    ],
    ["RFC 6286: identifier 0", open({ routerId: "0.0.0.0" }), {}, "3"],
    [
      "RFC 6286, FRR #5836: our identifier within our AS",
      open({ asn: 65_001, routerId: "192.0.2.1" }),
      { asn: 65_001 },
      "3",
    ],
    ["a hold time of 1", open({ holdTimeS: 1 }), {}, "6"],
    ["a hold time of 2", open({ holdTimeS: 2 }), {}, "6"],
    [
      "RFC 5492: families that are missing, with their capabilities",
      open(),
      {
        requiredFamilies: [
          { afi: 1, safi: 1 },
          { afi: 2, safi: 1 },
        ],
      },
      "7",
      "0104 0002 0001",
    ],
    [
      "RFC 5492: capabilities that are missing",
      open(),
      { requiredCapabilities: ["route-refresh", "extended-message"] },
      "7",
      "0200 0600",
    ],
    ["RFC 9234: two providers", open({ capabilities: [role(0)] }), { role: 0 }, "11"],
    ["RFC 9234: two roles", open({ capabilities: [role(3), role(4)] }), { role: 0 }, "11"],
    ["RFC 9234: no role where one is required", open(), { role: 0, roleRequired: true }, "11"],
  ])("answers %s", (_, message, more, subcode, data) => {
    expect(validateOpen(message, { ...expected, ...more })).toEqual(fault(Number(subcode), data));
  });

  it.each<[string, OpenMessage, Partial<ExpectedOpen>, object]>([
    [
      "metallb #491, quagga #65: a peer of two octets",
      open({ capabilities: [] }),
      {},
      { asn: 65_002 },
    ],
    [
      "an AS of four octets",
      open({ asn: 23_456, capabilities: [as4(4_200_000_001)] }),
      { asn: 4_200_000_001 },
      { asn: 4_200_000_001 },
    ],
    ["any AS, when any is expected", open(), { asn: 0 }, { asn: 65_002 }],
    ["hold time 0", open({ holdTimeS: 0 }), {}, { holdTimeS: 0 }],
    ["hold time 3", open({ holdTimeS: 3 }), {}, { holdTimeS: 3 }],
    [
      "RFC 6286: our identifier in another AS",
      open({ routerId: "192.0.2.1" }),
      {},
      { internal: false },
    ],
    ["our AS", open({ asn: 65_001 }), { asn: 65_001 }, { internal: true }],
    ["the counterpart of our role", open({ capabilities: [role(3)] }), { role: 0 }, {}],
    ["the same role twice", open({ capabilities: [role(1), role(1)] }), { role: 2 }, {}],
    ["no role, where none is required", open(), { role: 0 }, {}],
    ["a role, where we have none", open({ capabilities: [role(0)] }), {}, {}],
    [
      "any role within our AS",
      open({ asn: 65_001, capabilities: [role(0)] }),
      { asn: 65_001, role: 0 },
      {},
    ],
    [
      "a family that is offered twice, once",
      open({
        capabilities: [
          { type: "multiprotocol", afi: 2, safi: 1 },
          { type: "multiprotocol", afi: 2, safi: 1 },
        ],
      }),
      { requiredFamilies: [{ afi: 2, safi: 1 }] },
      { families: [{ afi: 2, safi: 1 }] },
    ],
  ])("accepts %s", (_, message, more, session) => {
    expect(validateOpen(message, { ...expected, ...more })).toMatchObject({ session });
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prefixTexts } from "./prefix.ts";
import { concat, hex } from "./testing/octets.ts";
import {
  ANNOUNCED,
  AS_PATH,
  AS_PATH_OLD,
  attribute,
  CONTEXT,
  GLOBAL,
  INTERNAL,
  judge,
  LOCAL,
  LOCAL_PREF,
  MANDATORY,
  NEXT_HOP,
  OLD,
  ORIGIN,
  reach,
  reset,
  updateBody,
} from "./testing/update.ts";
import { decodeUpdate } from "./update.ts";

const announced = ANNOUNCED;

describe("a sound UPDATE", () => {
  it.each([
    ["a route", updateBody({ attributes: MANDATORY, announced }), CONTEXT],
    ["a withdrawal", updateBody({ withdrawn: announced }), CONTEXT],
    ["End-of-RIB", updateBody({}), CONTEXT],
    ["an IPv6 route", updateBody({ attributes: [ORIGIN, AS_PATH, reach(GLOBAL)] }), CONTEXT],
    [
      "an IPv6 withdrawal",
      updateBody({ attributes: [attribute(15, 0x80, "0002 01 00")] }),
      CONTEXT,
    ],
    [
      "an internal route",
      updateBody({ attributes: [...MANDATORY, LOCAL_PREF], announced }),
      INTERNAL,
    ],
    [
      "an old speaker's route",
      updateBody({ attributes: [ORIGIN, AS_PATH_OLD, NEXT_HOP], announced }),
      OLD,
    ],
    [
      "an internal route with an empty path",
      updateBody({ attributes: [ORIGIN, attribute(2, 0x40, ""), NEXT_HOP, LOCAL_PREF], announced }),
      INTERNAL,
    ],
    [
      "an unknown optional attribute",
      updateBody({ attributes: [...MANDATORY, attribute(99, 0xc0, "01")], announced }),
      CONTEXT,
    ],
    [
      "attributes in any order",
      updateBody({ attributes: [...MANDATORY].reverse(), announced }),
      CONTEXT,
    ],
    [
      "a needless two-octet length",
      updateBody({ attributes: [attribute(1, 0x50, "00"), AS_PATH, NEXT_HOP], announced }),
      CONTEXT,
    ],
    [
      "the Partial bit",
      updateBody({ attributes: [...MANDATORY, attribute(8, 0xe0, "fde90064")], announced }),
      CONTEXT,
    ],
  ])("is accepted: %s", (_, body, context) => {
    expect(judge(body, context)).toEqual({ action: "accept", findings: [] });
  });

  it.each([
    ["RFC 2545: 16 octets", GLOBAL],
    ["RFC 2545: 32 octets", GLOBAL + LOCAL],
    ["FRR #4940: 32 octets with :: as the global", "00".repeat(16) + LOCAL],
    ["FRR #8071: 32 octets, link-local twice", LOCAL + LOCAL],
    ["16 octets, link-local", LOCAL],
  ])("is accepted with a next hop of %s", (_, nextHop) => {
    const body = updateBody({ attributes: [ORIGIN, AS_PATH, reach(nextHop)] });
    expect(judge(body).action).toBe("accept");
  });

  it("RFC 8950: has an IPv6 next hop for IPv4 only when that was agreed on", () => {
    const attributes = [ORIGIN, AS_PATH, attribute(14, 0x80, `0001 01 10 ${GLOBAL} 00 18 c00002`)];
    const body = updateBody({ attributes });
    const agreed = { ...CONTEXT, extendedNextHop: [{ afi: 1, safi: 1 }] };
    expect(judge(body, agreed).action).toBe("accept");
    expect(judge(body)).toMatchObject({ action: "reset", notification: { subcode: 9 } });
  });
});

describe("structure", () => {
  it.each([
    ["RFC 4271 section 6.3: withdrawn prefixes beyond the end", "0003 0000"],
    ["RFC 4271 section 6.3: attributes beyond the end", "0000 0001"],
    ["no room for the second length", "0001 00"],
  ])("resets: %s", (_, body) => {
    expect(judge(hex(body))).toMatchObject(reset(1));
  });

  it.each([
    ["RFC 7606 section 4, FRR #14129: one leftover octet", hex("40")],
    ["RFC 7606 section 4, FRR #14175: two leftover octets", hex("4001")],
    ["RFC 7606 section 4: a two-octet length that is cut", hex("500100")],
    ["RFC 7606 section 4, gobgp #1147: a length past the end", hex("c06305 01")],
    ["a length far past the end", hex("d063ffff 01")],
  ])("withdraws, and still finds the prefixes: %s", (_, tail) => {
    const body = updateBody({ attributes: [...MANDATORY, tail], announced });
    expect(judge(body)).toMatchObject({ action: "treat-as-withdraw", findings: { length: 1 } });
    expect(prefixTexts(decodeUpdate(body, CONTEXT).announced)).toEqual(["192.0.2.0/24"]);
  });

  it.each([
    ["a tunnel without a length", "0001"],
    ["a tunnel past the end", "000100ff01"],
    ["octets of any kind", "ffffffffffff"],
    ["nothing", ""],
  ])("CVE-2023-38802, CVE-2023-38283, VU#347067: passes on attribute 23 with %s", (_, value) => {
    const attributes = [...MANDATORY, attribute(23, 0xe0, value)];
    const body = updateBody({ attributes, announced });
    expect(judge(body).action).toBe("accept");
    expect(decodeUpdate(body, CONTEXT).find(23)?.value).toEqual(hex(value));
  });

  it("CVE-2023-38406: reads no flow specification, of whatever length", () => {
    const attributes = [...MANDATORY, attribute(14, 0x80, "0001 85 00 00 00")];
    const verdict = judge(updateBody({ attributes, announced }));
    expect(verdict).toMatchObject({ action: "discard-attribute", findings: { length: 1 } });
  });

  it("resets when the attribute past the end is one that holds prefixes", () => {
    const body = updateBody({ attributes: [...MANDATORY, hex("800e20 0002")], announced });
    expect(judge(body)).toMatchObject(reset(1));
  });

  it.each([
    ["too long", "21 c0000200 00"],
    ["running past the end", "20 c00002"],
    ["a length and no more", "08"],
  ])("RFC 7606 section 5.3: resets on an announced prefix %s", (_, nlri) => {
    expect(judge(updateBody({ attributes: MANDATORY, announced: hex(nlri) }))).toMatchObject(
      reset(10),
    );
    expect(judge(updateBody({ withdrawn: hex(nlri) }))).toMatchObject(reset(10));
  });

  it("RFC 7606 section 3 (g): resets when an attribute with prefixes is repeated", () => {
    const attributes = [ORIGIN, AS_PATH, reach(GLOBAL), reach(GLOBAL)];
    expect(judge(updateBody({ attributes }))).toMatchObject(reset(1));
    const unreach = attribute(15, 0x80, "0002 01");
    expect(judge(updateBody({ attributes: [unreach, unreach] }))).toMatchObject(reset(1));
  });

  it.each([
    ["a multiple-protocol prefix too long", `0002 01 10 ${GLOBAL} 00 81 ${"00".repeat(17)}`],
    ["a prefix past the end", `0002 01 10 ${GLOBAL} 00 78 fffe0102 40 fffe000100020003 00`],
    ["a next hop of 4 octets", "0002 01 04 fffe0102 00 20 20010db8"],
    ["a next hop of 5 octets", "0002 01 05 fffe0102aa 00 20 20010db8"],
    ["a next hop past the end", `0002 01 20 ${GLOBAL}`],
    ["no reserved octet", `0002 01 10 ${GLOBAL}`],
    ["nothing but a family", "0002 01"],
    ["IPv4 with a next hop of 32 octets", "0001 01 20 c0a80001 00 10 0a01"],
    ["IPv4 with a prefix past the end", "0001 01 04 c0a80001 00 10 0a01 1e 0a00"],
  ])("RFC 7606 section 7.11: resets on MP_REACH_NLRI with %s", (_, value) => {
    const wrong = attribute(14, 0x80, value);
    const verdict = judge(updateBody({ attributes: [ORIGIN, AS_PATH, wrong] }));
    expect(verdict).toMatchObject(reset(9, Buffer.from(wrong).toString("hex")));
  });

  it.each(["0002", "0002 01 81", "0002 01 78 fffe0102", "0001 01 10 0a01 1e 0a00"])(
    "RFC 7606 section 7.12: resets on MP_UNREACH_NLRI %s",
    (value) => {
      const wrong = attribute(15, 0x80, value);
      expect(judge(updateBody({ attributes: [wrong] }))).toMatchObject(
        reset(9, Buffer.from(wrong).toString("hex")),
      );
    },
  );

  it("discards prefixes of a family that was not agreed on, unread", () => {
    const attributes = [
      ...MANDATORY,
      attribute(14, 0x80, "0019 46 00 00 ff"),
      attribute(15, 0x80, "4004 47 ff"),
    ];
    const verdict = judge(updateBody({ attributes, announced }));
    expect(verdict).toMatchObject({ action: "discard-attribute", findings: { length: 2 } });
  });

  it("cuts the attribute in the NOTIFICATION to what fits", () => {
    const wrong = attribute(14, 0x90, `0002 01 04 ${"00".repeat(5000)}`);
    const verdict = judge(updateBody({ attributes: [wrong] }));
    expect(verdict.action === "reset" && verdict.notification.data.length).toBe(4075);
  });
});

describe("RFC 7606 section 5.2, FRR #22563: an UPDATE that announces nothing", () => {
  it.each<[string, Uint8Array[], object]>([
    ["ORIGIN of 2 octets", [attribute(1, 0x40, "0000")], reset(5, "400102 0000")],
    ["ORIGIN 3", [attribute(1, 0x40, "03")], reset(6, "400101 03")],
    ["malformed AS_PATH", [attribute(2, 0x40, "0501")], reset(11)],
    ["NEXT_HOP that is none", [attribute(3, 0x40, "00000000")], reset(8, "400304 00000000")],
    ["wrong flags", [attribute(1, 0xc0, "00")], reset(4, "c00101 00")],
    ["an unrecognised well-known attribute", [attribute(50, 0x40, "")], reset(2, "403200")],
    ["leftover octets", [hex("40")], reset(1)],
    ["COMMUNITIES of 3 octets", [attribute(8, 0xc0, "000000")], reset(9, "c00803 000000")],
  ])("is answered with a reset for %s", (_, wrong, expected) => {
    expect(judge(updateBody({ attributes: wrong }))).toMatchObject(expected);
    const unreach = attribute(15, 0x80, "0002 01 00");
    expect(judge(updateBody({ attributes: [unreach, ...wrong] }))).toMatchObject(expected);
    expect(judge(updateBody({ withdrawn: announced, attributes: wrong }))).toMatchObject(expected);
  });

  it("is not, when discarding is enough", () => {
    const attributes = [attribute(15, 0x80, "0002 01 00"), attribute(6, 0x40, "00")];
    expect(judge(updateBody({ attributes })).action).toBe("discard-attribute");
  });
});

describe("any octets", () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc
      .tuple(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 20 }))
      .map(([attributes, nlri]) => updateBody({ attributes: [attributes], announced: nlri })),
    fc.array(fc.tuple(fc.nat(40), fc.nat(255), fc.uint8Array({ maxLength: 20 }))).map((list) => {
      const attributes = list.map(([type, flags, value]) =>
        attribute(type, flags, Buffer.from(value).toString("hex")),
      );
      return updateBody({ attributes, announced });
    }),
  );
  const context = fc.record({
    internal: fc.boolean(),
    fourOctetAs: fc.boolean(),
    families: fc.constantFrom(CONTEXT.families, []),
    extendedNextHop: fc.constantFrom([], [{ afi: 1, safi: 1 }]),
    addPath: fc.constantFrom([], CONTEXT.families),
  });

  it("are judged, the same wherever they lie, and a reset has its NOTIFICATION", () => {
    fc.assert(
      fc.property(body, context, fc.uint8Array({ maxLength: 20 }), (octets, session, behind) => {
        const verdict = judge(octets, session);
        const amid = concat(octets, behind).subarray(0, octets.length);
        expect(judge(amid, session)).toEqual(verdict);
        if (verdict.action === "accept") expect(verdict.findings).toEqual([]);
        else expect(verdict.findings.length).toBeGreaterThan(0);
        for (const { offset } of verdict.findings)
          expect(offset).toBeLessThanOrEqual(octets.length);
        if (verdict.action === "reset") expect(verdict.notification.code).toBe(3);
      }),
    );
  });

  it("are judged to the end, however much is wrong before", () => {
    const repeated = Array.from({ length: 5000 }, () => attribute(99, 0xc0, ""));
    const attributes = [...MANDATORY, ...repeated, attribute(4, 0x80, "00")];
    const verdict = judge(updateBody({ attributes, announced }));
    expect(verdict).toMatchObject({ action: "treat-as-withdraw", findings: { length: 5000 } });
  });
});

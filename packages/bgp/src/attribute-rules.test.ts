import { describe, expect, it } from "vitest";
import { concat, hex } from "./testing/octets.ts";
import {
  ANNOUNCED,
  AS_PATH,
  attribute,
  CONTEXT,
  GLOBAL,
  INTERNAL,
  judge,
  judgeWith,
  LOCAL_PREF,
  MANDATORY,
  NEXT_HOP,
  OLD,
  ORIGIN,
  reach,
  reset,
  updateBody,
} from "./testing/update.ts";
import { decodeUpdate, type UpdateContext } from "./update.ts";
import { acceptedAttributes, validateUpdate } from "./validate-update.ts";

const announced = ANNOUNCED;

describe("attributes", () => {
  const withdraw = "treat-as-withdraw";
  const discard = "discard-attribute";

  it.each<[string, string, Uint8Array, UpdateContext?]>([
    // RFC 7606 section 7, by number.
    ["7.4 MULTI_EXIT_DISC of 3 octets", withdraw, attribute(4, 0x80, "000000")],
    ["7.5 LOCAL_PREF of another AS", discard, LOCAL_PREF],
    ["7.5 LOCAL_PREF of another AS, malformed", discard, attribute(5, 0x40, "00")],
    ["7.6 ATOMIC_AGGREGATE that is not empty", discard, attribute(6, 0x40, "00")],
    [
      "7.7 AGGREGATOR of 6 octets, with four-octet AS numbers",
      discard,
      attribute(7, 0xc0, "fde9c0000209"),
    ],
    [
      "7.7 AGGREGATOR of 8 octets, with two-octet AS numbers",
      discard,
      attribute(7, 0xc0, "0000fde9c0000209"),
      OLD,
    ],
    ["7.8 COMMUNITIES that are empty", withdraw, attribute(8, 0xc0, "")],
    ["7.8 COMMUNITIES of 5 octets", withdraw, attribute(8, 0xc0, "fde9006400")],
    ["7.9 ORIGINATOR_ID of another AS", discard, attribute(9, 0x80, "c0000207")],
    ["7.9 ORIGINATOR_ID of 5 octets", withdraw, attribute(9, 0x80, "c000020700"), INTERNAL],
    ["7.10 CLUSTER_LIST of another AS", discard, attribute(10, 0x80, "c0000207")],
    ["7.10 CLUSTER_LIST that is empty", withdraw, attribute(10, 0x80, ""), INTERNAL],
    ["7.10 CLUSTER_LIST of 5 octets", withdraw, attribute(10, 0x80, "c000020700"), INTERNAL],
    ["7.14 extended communities that are empty", withdraw, attribute(16, 0xc0, "")],
    ["7.14 extended communities of 7 octets", withdraw, attribute(16, 0xc0, "0002fde9000000")],
    ["7.15 IPv6 extended communities of 21 octets", withdraw, attribute(25, 0xc0, "00".repeat(21))],
    [
      "RFC 8092 section 6: large communities of 13 octets",
      withdraw,
      attribute(32, 0xc0, "00".repeat(13)),
    ],
    ["RFC 8092 section 6: large communities that are empty", withdraw, attribute(32, 0xc0, "")],
    ["RFC 9234 section 5: ONLY_TO_CUSTOMER of 2 octets", withdraw, attribute(35, 0xc0, "fde9")],
    [
      "RFC 6793 section 6: AS4_PATH that is malformed",
      discard,
      attribute(17, 0xc0, "0202 0000fde9"),
      OLD,
    ],
    ["RFC 6793 section 6: AS4_PATH that is empty", discard, attribute(17, 0xc0, ""), OLD],
    [
      "RFC 6793 section 6: AS4_AGGREGATOR of 6 octets",
      discard,
      attribute(18, 0xc0, "fde9c0000209"),
      OLD,
    ],
    [
      "RFC 6793 section 4.1: AS4_PATH of a new speaker",
      discard,
      attribute(17, 0xc0, "0201 0000fde9"),
    ],
    [
      "RFC 6793 section 4.1: AS4_AGGREGATOR of a new speaker",
      discard,
      attribute(18, 0xc0, "0000fde9c0000209"),
    ],
    ["RFC 7607: AS 0 in AGGREGATOR", discard, attribute(7, 0xc0, "00000000c0000209")],
    ["RFC 7607: AS 0 in AS4_PATH", discard, attribute(17, 0xc0, "0201 00000000"), OLD],
    ["RFC 7607: AS 0 in AS4_AGGREGATOR", discard, attribute(18, 0xc0, "00000000c0000209"), OLD],
    ["3 (c) flags of MULTI_EXIT_DISC", withdraw, attribute(4, 0xc0, "00000001")],
    ["3 (c) flags of COMMUNITIES", withdraw, attribute(8, 0x80, "fde90064")],
    ["3 (c) flags of MP_UNREACH_NLRI", withdraw, attribute(15, 0xc0, "0002 01")],
    ["3 (c) flags of ATOMIC_AGGREGATE", discard, attribute(6, 0xc0, "")],
    ["3 (c) flags of AGGREGATOR", discard, attribute(7, 0x40, "0000fde9c0000209")],
    [
      "3 (g) a second MULTI_EXIT_DISC",
      discard,
      concat(attribute(4, 0x80, "00000001"), attribute(4, 0x80, "00")),
    ],
    [
      "3 (g) a second unknown one",
      discard,
      concat(attribute(99, 0xc0, ""), attribute(99, 0xc0, "")),
    ],
    ["RFC 4271 section 6.3: an unrecognised well-known one", withdraw, attribute(50, 0x40, "01")],
  ])("%s: %s", (_, action, wrong, context) => {
    expect(judgeWith([wrong], context)).toMatchObject({ action, findings: { length: 1 } });
  });

  it.each<[string, Uint8Array[], UpdateContext?]>([
    ["7.1 ORIGIN of 2 octets", [attribute(1, 0x40, "0000"), AS_PATH, NEXT_HOP]],
    ["7.1 ORIGIN 3", [attribute(1, 0x40, "03"), AS_PATH, NEXT_HOP]],
    [
      "7.2 AS_PATH with an unknown segment",
      [ORIGIN, attribute(2, 0x40, "0501 0000fde9"), NEXT_HOP],
    ],
    ["7.2 AS_PATH with an empty segment", [ORIGIN, attribute(2, 0x40, "0200"), NEXT_HOP]],
    [
      "7.2 AS_PATH with a segment past the end",
      [ORIGIN, attribute(2, 0x40, "0202 0000fde9"), NEXT_HOP],
    ],
    [
      "7.2 AS_PATH with an octet left over",
      [ORIGIN, attribute(2, 0x40, "0201 0000fde9 02"), NEXT_HOP],
    ],
    ["RFC 7607: AS 0 in AS_PATH", [ORIGIN, attribute(2, 0x40, "0202 0000fde9 00000000"), NEXT_HOP]],
    [
      "RFC 7607: AS 0 in a short AS_PATH",
      [ORIGIN, attribute(2, 0x40, "0202 fde9 0000"), NEXT_HOP],
      OLD,
    ],
    [
      "RFC 5065 section 5: confederations of another AS",
      [ORIGIN, attribute(2, 0x40, "0301 0000fde9"), NEXT_HOP],
    ],
    ["7.3 NEXT_HOP of 16 octets", [ORIGIN, AS_PATH, attribute(3, 0x40, GLOBAL)]],
    ["NEXT_HOP 0.0.0.0", [ORIGIN, AS_PATH, attribute(3, 0x40, "00000000")]],
    ["NEXT_HOP 224.0.0.1", [ORIGIN, AS_PATH, attribute(3, 0x40, "e0000001")]],
    ["3 (c) flags of ORIGIN", [attribute(1, 0xc0, "00"), AS_PATH, NEXT_HOP]],
    ["3 (d) no ORIGIN", [AS_PATH, NEXT_HOP]],
    ["3 (d) no AS_PATH", [ORIGIN, NEXT_HOP]],
    ["3 (d) no NEXT_HOP", [ORIGIN, AS_PATH]],
    ["3 (d) no LOCAL_PREF within the AS", [ORIGIN, AS_PATH, NEXT_HOP], INTERNAL],
  ])("RFC 7606 withdraws: %s", (_, attributes, context) => {
    const verdict = judge(updateBody({ attributes, announced }), context);
    expect(verdict).toMatchObject({ action: withdraw, findings: { length: 1 } });
  });

  it.each([
    ["no ORIGIN", [AS_PATH, reach(GLOBAL)]],
    ["a next hop of ::", [ORIGIN, AS_PATH, reach("00".repeat(16))]],
    ["a multicast next hop", [ORIGIN, AS_PATH, reach("ff02".padEnd(32, "0"))]],
    ["wrong flags of MP_REACH_NLRI", [ORIGIN, AS_PATH, reach(GLOBAL, "00", 0xc0)]],
  ])("withdraws an IPv6 route with %s", (_, attributes) => {
    expect(judge(updateBody({ attributes }))).toMatchObject({ action: withdraw });
  });

  it("resets on an unrecognised well-known attribute when told to", () => {
    const strict: UpdateContext = { ...CONTEXT, unrecognizedWellKnown: "reset" };
    expect(judgeWith([attribute(50, 0x40, "01")], strict)).toMatchObject(reset(2, "403201 01"));
  });

  it("RFC 4271 section 6.3: holds paths to the peer's AS when told to", () => {
    const with1 = (context: Partial<UpdateContext>) =>
      judgeWith([], { ...CONTEXT, ...context }).action;
    expect(with1({ firstAsn: 65_001 })).toBe("accept");
    expect(with1({ firstAsn: 65_002 })).toBe(withdraw);
    expect(with1({ firstAsn: 65_002, internal: true })).toBe("accept");
    expect(with1({ firstAsn: 65_001, fourOctetAs: false })).toBe("accept");
    const empty = updateBody({ attributes: [ORIGIN, attribute(2, 0x40, ""), NEXT_HOP], announced });
    expect(judge(empty, { ...CONTEXT, firstAsn: 65_001 }).action).toBe(withdraw);
  });

  it("decides by the strongest of several findings", () => {
    const mild = attribute(6, 0x40, "00");
    const strong = attribute(4, 0x80, "00");
    expect(judgeWith([mild, strong]).action).toBe(withdraw);
    expect(judgeWith([strong, mild]).action).toBe(withdraw);
    expect(judgeWith([strong, mild, attribute(14, 0x80, "00")])).toMatchObject(
      reset(9, "800e01 00"),
    );
  });

  it("tells which attribute, which rule, and where", () => {
    const body = updateBody({ attributes: [...MANDATORY, attribute(6, 0x40, "00")], announced });
    expect(judge(body).findings).toEqual([
      { attribute: 6, rule: "ATOMIC_AGGREGATE is not empty", offset: 24, action: discard },
    ]);
  });

  it("leaves the attributes that are to be processed", () => {
    const attributes = [
      ...MANDATORY,
      attribute(6, 0x40, "00"),
      attribute(4, 0x80, "00000001"),
      attribute(4, 0x80, "00000002"),
    ];
    const view = decodeUpdate(updateBody({ attributes, announced }), CONTEXT);
    const accepted = acceptedAttributes(view, validateUpdate(view, CONTEXT));
    expect(accepted.map(({ type }) => type)).toEqual([1, 2, 3, 4]);
    expect(accepted[3]?.value).toEqual(hex("00000001"));
  });
});

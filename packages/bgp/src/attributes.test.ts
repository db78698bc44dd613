import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EncodingContext, encodeAttributes, encodeMpReachHeader } from "./attributes.ts";
import { AttributeType } from "./constants.ts";
import { decodeAttributes } from "./decode-attributes.ts";
import type { RawAttribute } from "./message.ts";
import type { PathAttributes } from "./path-attributes.ts";
import { concat, hex } from "./testing/octets.ts";
import { attribute, CONTEXT } from "./testing/update.ts";
import { decodeUpdate, encodeUpdate } from "./update.ts";
import { validateUpdate } from "./validate-update.ts";

const external: EncodingContext = { fourOctetAs: true, internal: false, afi: 1 };
const internal: EncodingContext = { ...external, internal: true };
const old: EncodingContext = { ...external, fourOctetAs: false };

const plain: PathAttributes = {
  origin: "igp",
  asPath: [{ type: "sequence", asns: [65_001] }],
  nextHop: "192.0.2.1",
};

const full: PathAttributes = {
  origin: "incomplete",
  asPath: [
    { type: "sequence", asns: [65_001, 4_200_000_001] },
    { type: "set", asns: [1, 2] },
  ],
  nextHop: "192.0.2.1",
  multiExitDisc: 0,
  localPref: 200,
  atomicAggregate: true,
  aggregator: { asn: 4_200_000_001, address: "192.0.2.9" },
  communities: [0xfde9_0064, 0xffff_0000],
  extendedCommunities: [hex("0002fde900000064")],
  ipv6ExtendedCommunities: [hex("000220010db80000000000000000000000010064")],
  largeCommunities: [{ globalAdministrator: 4_200_000_001, localData1: 1, localData2: 2 }],
  originatorId: "192.0.2.7",
  clusterList: ["192.0.2.8", "192.0.2.9"],
  onlyToCustomer: 65_001,
};

/** Through the octets and back. */
function roundTrip(attributes: PathAttributes, context: EncodingContext): PathAttributes {
  const octets = encodeAttributes(attributes, context);
  const message = encodeUpdate({ attributes: octets, announced: hex("18c00002") });
  const session = { ...CONTEXT, internal: context.internal, fourOctetAs: context.fourOctetAs };
  const view = decodeUpdate(message.subarray(19), session);
  expect(validateUpdate(view, session)).toEqual({ action: "accept", findings: [] });
  return decodeAttributes(view.attributes, { ...context, prefixes: "classic" });
}

describe("encoded attributes", () => {
  it("of a plain route are the three mandatory ones", () => {
    expect(encodeAttributes(plain, external)).toEqual(
      hex("400101 00  400206 0201 0000fde9  400304 c0000201"),
    );
  });

  it("stand in ascending order of type, those unknown here among them", () => {
    const others = [99, 22, 200].map((type) => ({ type, flags: 0xc0, value: hex("") }));
    const message = encodeUpdate({ attributes: encodeAttributes({ ...full, others }, internal) });
    const types = decodeUpdate(message.subarray(19), CONTEXT).attributes.map(({ type }) => type);
    expect(types).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 22, 25, 32, 35, 99, 200]);
  });

  it("RFC 4271 section 5.1.5, RFC 4456: keep to our AS what is for it", () => {
    expect(
      encodeAttributes(
        { ...plain, localPref: 7, originatorId: "1.1.1.1", clusterList: ["1.1.1.1"] },
        external,
      ),
    ).toEqual(encodeAttributes(plain, external));
    expect(encodeAttributes(plain, internal)).toEqual(
      concat(encodeAttributes(plain, external), hex("400504 00000064")),
    );
  });

  it("RFC 6793 section 4.2.2: tell an old speaker the long numbers beside the short", () => {
    const attributes = { ...plain, asPath: full.asPath, aggregator: full.aggregator };
    expect(encodeAttributes(attributes as PathAttributes, old)).toEqual(
      hex(
        `400101 00
         40020c 0202 fde9 5ba0 0102 0001 0002
         400304 c0000201
         c00706 5ba0 c0000209
         c01114 0202 0000fde9 fa56ea01 0102 00000001 00000002
         c01208 fa56ea01 c0000209`,
      ),
    );
  });

  it("metallb #491: tell an old speaker nothing beside numbers that fit", () => {
    expect(encodeAttributes(plain, old)).toEqual(
      hex("400101 00  400204 0201 fde9  400304 c0000201"),
    );
  });

  it("have NEXT_HOP for IPv4 by IPv4 only", () => {
    const without = hex("400101 00  400206 0201 0000fde9");
    expect(encodeAttributes({ ...plain, nextHop: "2001:db8::1" }, external)).toEqual(without);
    expect(encodeAttributes(plain, { ...external, afi: 2 })).toEqual(without);
  });

  it("have two octets of length where one is not enough", () => {
    const communities = Array.from({ length: 64 }, (_, i) => i);
    const octets = encodeAttributes({ ...plain, communities }, external);
    expect(octets.subarray(20, 24)).toEqual(hex("d008 0100"));
    expect(roundTrip({ ...plain, communities }, external)).toMatchObject({ communities });
  });

  it("RFC 4271 section 5: pass on what is unknown byte for byte, and as Partial", () => {
    const others = [
      { type: 99, flags: 0xc0, value: hex("0102") },
      { type: 100, flags: 0xf0, value: hex("03") },
      { type: 101, flags: 0x80, value: hex("04") },
      { type: 102, flags: 0x40, value: hex("") },
    ];
    expect(encodeAttributes({ ...plain, others }, external)).toEqual(
      concat(encodeAttributes(plain, external), hex("e06302 0102  f0640001 03  406600")),
    );
  });

  it("have no empty lists", () => {
    const lists = {
      communities: [],
      extendedCommunities: [],
      largeCommunities: [],
      clusterList: [],
    };
    expect(encodeAttributes({ ...plain, ...lists }, internal)).toEqual(
      encodeAttributes(plain, internal),
    );
  });

  it.each<[string, Partial<PathAttributes>]>([
    ["multiExitDisc must be a whole number from 0 to 4294967295, got -1", { multiExitDisc: -1 }],
    ["localPref must be a whole number from 0 to 4294967295, got 0.5", { localPref: 0.5 }],
    [
      "community must be a whole number from 0 to 4294967295, got NaN",
      { communities: [Number.NaN] },
    ],
    ["extended community must have 8 octets, got 7", { extendedCommunities: [new Uint8Array(7)] }],
    ["nextHop must be an IPv4 address such as 192.0.2.10, got 192.0.2", { nextHop: "192.0.2" }],
    [
      "aggregator.address must be an IPv4 address such as 192.0.2.10, got ::1",
      { aggregator: { asn: 1, address: "::1" } },
    ],
  ])("refuse: %s", (message, wrong) => {
    expect(() => encodeAttributes({ ...plain, ...wrong }, internal)).toThrow(message);
  });

  it("refuse an origin that is none", () => {
    const wrong = { ...plain, origin: JSON.parse('"bgp"') };
    expect(() => encodeAttributes(wrong, external)).toThrow(
      new RangeError("origin must be igp, egp or incomplete, got bgp"),
    );
  });

  it("give back what went in", () => {
    expect(roundTrip(full, internal)).toEqual(full);
    expect(roundTrip(full, { ...internal, fourOctetAs: false })).toEqual(full);
    expect(roundTrip(plain, external)).toEqual(plain);
  });

  it("survive a round trip", () => {
    const word = fc.nat(0xffff_ffff);
    const asn = fc.integer({ min: 1, max: 0xffff_ffff }).filter((n) => n !== 23_456);
    const asns = fc.array(asn, { minLength: 1, maxLength: 5 });
    const octets = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
    const some = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: 1, maxLength: 80 });
    const attributes = fc.record(
      {
        origin: fc.constantFrom("igp" as const, "egp" as const, "incomplete" as const),
        asPath: fc.tuple(asns, asns).map(([first, second]) => [
          { type: "sequence" as const, asns: first },
          { type: "set" as const, asns: second },
        ]),
        nextHop: fc.constant("192.0.2.1"),
        multiExitDisc: word,
        localPref: word,
        aggregator: fc.record({ asn, address: fc.ipV4() }),
        communities: some(word),
        extendedCommunities: some(octets(8)),
        ipv6ExtendedCommunities: some(octets(20)),
        largeCommunities: some(
          fc.record({ globalAdministrator: word, localData1: word, localData2: word }),
        ),
        originatorId: fc.ipV4(),
        clusterList: some(fc.ipV4()),
        onlyToCustomer: word,
      },
      { requiredKeys: ["origin", "asPath", "nextHop", "localPref"] },
    );
    fc.assert(
      fc.property(attributes, fc.boolean(), (value, fourOctetAs) => {
        expect(roundTrip(value, { ...internal, fourOctetAs })).toEqual(value);
      }),
    );
  });
});

describe("decoded attributes", () => {
  const decode = (octets: Uint8Array, prefixes: "classic" | "multiprotocol" = "classic") => {
    const view = decodeUpdate(encodeUpdate({ attributes: octets }).subarray(19), CONTEXT);
    return decodeAttributes(view.attributes, { fourOctetAs: true, prefixes });
  };
  const reach = (nextHop: string) =>
    attribute(
      14,
      0x80,
      `0002 01 ${hex(nextHop).length.toString(16).padStart(2, "0")} ${nextHop} 00`,
    );
  const global = "20010db8000000000000000000000001";
  const local = "fe800000000000000000000000000001";
  const zero = "00".repeat(16);

  it.each([
    ["RFC 2545: global", global, { nextHop: "2001:db8::1" }],
    [
      "RFC 2545: global and link-local",
      global + local,
      { nextHop: "2001:db8::1", linkLocalNextHop: "fe80::1" },
    ],
    ["FRR #4940: :: and link-local", zero + local, { nextHop: "fe80::1" }],
    ["FRR #8071: link-local twice", local + local, { nextHop: "fe80::1" }],
    ["link-local alone", local, { nextHop: "fe80::1" }],
    ["global and ::", global + zero, { nextHop: "2001:db8::1" }],
    ["rustbgpd #11: global twice", global + global, { nextHop: "2001:db8::1" }],
    [
      "rustbgpd #11: global and another one",
      `${global}20010db8000000000000000000000002`,
      { nextHop: "2001:db8::1" },
    ],
    ["RFC 4760: IPv4", "c0000201", { nextHop: "192.0.2.1" }],
  ])("take the next hop of %s", (_, nextHop, expected) => {
    const { nextHop: main, linkLocalNextHop } = decode(reach(nextHop), "multiprotocol");
    expect({ nextHop: main, ...(linkLocalNextHop && { linkLocalNextHop }) }).toEqual(expected);
  });

  it("take the next hop that belongs to the prefixes asked for", () => {
    const both = concat(attribute(3, 0x40, "c0000201"), reach(global));
    expect(decode(both, "classic").nextHop).toBe("192.0.2.1");
    expect(decode(both, "multiprotocol").nextHop).toBe("2001:db8::1");
  });

  it("RFC 6793 section 4.2.3: leave AS4_PATH and AS4_AGGREGATOR when another has aggregated since", () => {
    const octets = hex(
      `400204 0201 5ba0  c00706 fde9 c0000209
       c01106 0201 fa56ea01  c01208 fa56ea01 c0000209`,
    );
    const view = decodeUpdate(encodeUpdate({ attributes: octets }).subarray(19), CONTEXT);
    const decoded = decodeAttributes(view.attributes, { fourOctetAs: false, prefixes: "classic" });
    expect(decoded.aggregator).toEqual({ asn: 65_001, address: "192.0.2.9" });
    expect(decoded.asPath).toEqual([{ type: "sequence", asns: [23_456] }]);
  });

  it("RFC 7606 section 3 (g): take the first of several", () => {
    const twice = concat(attribute(4, 0x80, "00000001"), attribute(4, 0x80, "00000002"));
    expect(decode(twice).multiExitDisc).toBe(1);
  });

  it("are there for any octets, and not lent", () => {
    const octets = concat(attribute(99, 0xc0, "0102"));
    const view = decodeUpdate(encodeUpdate({ attributes: octets }).slice(19), CONTEXT);
    const decoded = decodeAttributes(view.attributes, { fourOctetAs: true, prefixes: "classic" });
    view.body.fill(0);
    expect(decoded).toEqual({
      origin: "incomplete",
      asPath: [],
      nextHop: "invalid",
      others: [{ type: 99, flags: 0xc0, value: hex("0102") }],
    });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (arbitrary, fourOctetAs) => {
        const { attributes } = decodeUpdate(
          encodeUpdate({ attributes: arbitrary }).subarray(19),
          CONTEXT,
        );
        for (const prefixes of ["classic", "multiprotocol"] as const) {
          expect(decodeAttributes(attributes, { fourOctetAs, prefixes }).nextHop).toBeTypeOf(
            "string",
          );
        }
      }),
    );
  });

  it("keeps nothing of a call that failed for the next one", () => {
    const torn: RawAttribute = {
      type: AttributeType.asPath,
      flags: 0x40,
      get value(): Uint8Array {
        throw new Error("torn");
      },
    };
    const origin: RawAttribute = { type: AttributeType.origin, flags: 0x40, value: hex("00") };
    const context = { fourOctetAs: true, prefixes: "classic" } as const;
    expect(() => decodeAttributes([origin, torn], context)).toThrow("torn");
    expect(decodeAttributes([], context)).toMatchObject({ origin: "incomplete" });
  });
});

describe("head of MP_REACH_NLRI", () => {
  it.each([
    ["RFC 2545: IPv6", [2, 1, "2001:db8::1"], "0002 01 10 20010db8000000000000000000000001 00"],
    [
      "RFC 2545: IPv6 with link-local",
      [2, 1, "2001:db8::1", "fe80::1"],
      "0002 01 20 20010db8000000000000000000000001 fe800000000000000000000000000001 00",
    ],
    [
      "RFC 8950, FRR #6579: IPv4 over IPv6, one next hop only",
      [1, 1, "2001:db8::1", "fe80::1"],
      "0001 01 10 20010db8000000000000000000000001 00",
    ],
    ["RFC 4760: IPv4 over IPv4", [1, 1, "192.0.2.1"], "0001 01 04 c0000201 00"],
  ] as const)("of %s", (_, [afi, safi, nextHop, linkLocal], octets) => {
    expect(encodeMpReachHeader(afi, safi, nextHop, linkLocal)).toEqual(hex(octets));
  });

  it("refuses IPv6 over IPv4", () => {
    expect(() => encodeMpReachHeader(2, 1, "192.0.2.1")).toThrow(
      new TypeError("nextHop of an IPv6 route must be IPv6, got 192.0.2.1"),
    );
    expect(() => encodeMpReachHeader(2, 1, "2001:db8::1", "192.0.2.1")).toThrow(TypeError);
    expect(() => encodeMpReachHeader(1, 1, "host")).toThrow(TypeError);
  });
});

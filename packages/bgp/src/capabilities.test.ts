import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCapabilities, encodeCapabilities } from "./capabilities.ts";
import type { Capability } from "./message.ts";
import { hex } from "./testing/octets.ts";

const family = fc.record({ afi: fc.nat(0xffff), safi: fc.nat(0xff) });
const families = <T extends object>(more: fc.Arbitrary<T>) =>
  fc.array(
    fc.tuple(family, more).map(([a, b]) => ({ ...a, ...b })),
    { maxLength: 20 },
  );
const capability: fc.Arbitrary<Capability> = fc.oneof(
  family.map((f) => ({ type: "multiprotocol" as const, ...f })),
  fc
    .constantFrom(
      "route-refresh" as const,
      "enhanced-route-refresh" as const,
      "extended-message" as const,
      "link-local-next-hop" as const,
    )
    .map((type) => ({ type })),
  fc.nat(0xffff_ffff).map((asn) => ({ type: "four-octet-as" as const, asn })),
  fc.nat(255).map((role) => ({ type: "role" as const, role })),
  families(fc.record({ nextHopAfi: fc.nat(0xffff) })).map((list) => ({
    type: "extended-next-hop" as const,
    families: list,
  })),
  fc.record({
    type: fc.constant("graceful-restart" as const),
    restarting: fc.boolean(),
    notification: fc.boolean(),
    restartTimeS: fc.nat(4095),
    families: families(fc.record({ forwarding: fc.boolean() })),
  }),
  families(fc.record({ forwarding: fc.boolean(), staleTimeS: fc.nat(0xff_ffff) })).map((list) => ({
    type: "long-lived-graceful-restart" as const,
    families: list,
  })),
  families(fc.record({ mode: fc.nat(255) })).map((list) => ({
    type: "add-path" as const,
    families: list,
  })),
  fc.record({
    type: fc.constant("other" as const),
    code: fc.constantFrom(0, 3, 66, 73, 128, 255),
    bytes: fc.uint8Array({ maxLength: 255 }),
  }),
);

describe("capabilities", () => {
  it.each<[string, string, Capability]>([
    // From FRR's tests of capabilities.
    ["multiprotocol IPv4 unicast", "01 04 0001 00 01", { type: "multiprotocol", afi: 1, safi: 1 }],
    [
      "multiprotocol of an unknown family",
      "01 04 000a 00 81",
      { type: "multiprotocol", afi: 10, safi: 129 },
    ],
    ["four-octet AS", "41 04 abcdef12", { type: "four-octet-as", asn: 2_882_400_018 }],
    ["route refresh", "02 00", { type: "route-refresh" }],
    ["dynamic (unknown here)", "42 00", { type: "other", code: 66, bytes: hex("") }],
    // Laid out by the RFC named.
    ["extended message, RFC 8654", "06 00", { type: "extended-message" }],
    ["enhanced route refresh, RFC 7313", "46 00", { type: "enhanced-route-refresh" }],
    ["role, RFC 9234", "09 01 03", { type: "role", role: 3 }],
    ["link-local next hop", "4d 00", { type: "link-local-next-hop" }],
    [
      "extended next hop, RFC 8950",
      "05 06 0001 0001 0002",
      { type: "extended-next-hop", families: [{ afi: 1, safi: 1, nextHopAfi: 2 }] },
    ],
    [
      "graceful restart, RFC 4724 and 8538",
      "40 0a c078 0001 01 80 0002 01 00",
      {
        type: "graceful-restart",
        restarting: true,
        notification: true,
        restartTimeS: 120,
        families: [
          { afi: 1, safi: 1, forwarding: true },
          { afi: 2, safi: 1, forwarding: false },
        ],
      },
    ],
    [
      "long-lived graceful restart, RFC 9494",
      "47 07 0001 01 80 015180",
      {
        type: "long-lived-graceful-restart",
        families: [{ afi: 1, safi: 1, forwarding: true, staleTimeS: 86_400 }],
      },
    ],
    [
      "ADD-PATH, RFC 7911",
      "45 08 0001 01 03 0002 01 01",
      {
        type: "add-path",
        families: [
          { afi: 1, safi: 1, mode: 3 },
          { afi: 2, safi: 1, mode: 1 },
        ],
      },
    ],
  ])("reads and writes %s", (_, octets, value) => {
    expect(decodeCapabilities(hex(octets))).toEqual([value]);
    expect(encodeCapabilities([value])).toEqual(hex(octets));
  });

  it("reads FRR's graceful restart with reserved bits set", () => {
    const octets = hex("40 0e f112 0001 01 0f 0002 01 00 0002 02 01");
    expect(decodeCapabilities(octets)).toMatchObject([
      { restarting: true, notification: true, restartTimeS: 0x112, families: { length: 3 } },
    ]);
  });

  it.each([
    ["multiprotocol", "01 02 0001"],
    ["route refresh", "02 02 0000"],
    ["four-octet AS", "41 05 abcdef1212"],
    ["extended next hop", "05 05 0001000100"],
    ["graceful restart", "40 05 0000000101"],
    ["graceful restart that is empty", "40 00"],
    ["long-lived graceful restart", "47 06 000101800151"],
    ["ADD-PATH", "45 03 000101"],
    ["role", "09 02 0303"],
  ])("keeps a malformed %s as it came: it is no reason to refuse a session", (_, octets) => {
    const [code = 0, , ...bytes] = hex(octets);
    const value: Capability = { type: "other", code, bytes: Uint8Array.from(bytes) };
    expect(decodeCapabilities(hex(octets))).toEqual([value]);
    expect(encodeCapabilities([value])).toEqual(hex(octets));
  });

  it.each([
    ["no length", "01"],
    ["no value", "01 0a"],
    ["a value that is cut", "02 00 41 04 abcdef"],
  ])("tells of %s", (_, octets) => {
    expect(decodeCapabilities(hex(octets))).toBeUndefined();
  });

  it.each<[string, Capability]>([
    ["asn must be a whole number from 0 to 4294967295, got -1", { type: "four-octet-as", asn: -1 }],
    [
      "restartTimeS must be a whole number from 0 to 4095, got 4096",
      {
        type: "graceful-restart",
        restarting: false,
        notification: false,
        restartTimeS: 4096,
        families: [],
      },
    ],
    [
      "staleTimeS must be a whole number from 0 to 16777215, got 16777216",
      {
        type: "long-lived-graceful-restart",
        families: [{ afi: 1, safi: 1, forwarding: false, staleTimeS: 0x100_0000 }],
      },
    ],
    [
      "length of capability 200 must be a whole number from 0 to 255, got 256",
      { type: "other", code: 200, bytes: new Uint8Array(256) },
    ],
  ])("refuses: %s", (message, value) => {
    expect(() => encodeCapabilities([value])).toThrow(new RangeError(message));
  });

  it("survive a round trip", () => {
    fc.assert(
      fc.property(fc.array(capability), (capabilities) => {
        expect(decodeCapabilities(encodeCapabilities(capabilities))).toEqual(capabilities);
      }),
    );
  });

  it("answer any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (octets) => {
        const capabilities = decodeCapabilities(octets);
        if (capabilities !== undefined) {
          expect(encodeCapabilities(capabilities)).toHaveLength(octets.length);
        }
      }),
    );
  });
});

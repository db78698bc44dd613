import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BfdDecodeError, type BfdPacket, decodeBfd, encodeBfd } from "./packet.ts";
import { BFD_STATES } from "./state.ts";
import { captured } from "./testing/captured.ts";
import { packet } from "./testing/example.ts";

/** Every field of RFC 5880 section 4.1 with a value of its own. */
const golden = Uint8Array.from([
  0x25, 0x68, 0x07, 0x18, 0x01, 0x02, 0x03, 0x04, 0xf5, 0xf6, 0xf7, 0xf8, 0x00, 0x0f, 0x42, 0x40,
  0x00, 0x04, 0x93, 0xe0, 0x00, 0x00, 0xc3, 0x50,
]);
const goldenPacket: BfdPacket = {
  diagnostic: 5,
  state: "down",
  poll: true,
  final: false,
  controlPlaneIndependent: true,
  demand: false,
  multipoint: false,
  detectMultiplier: 7,
  myDiscriminator: 0x01020304,
  yourDiscriminator: 0xf5f6f7f8,
  desiredMinTxUs: 1_000_000,
  requiredMinRxUs: 300_000,
  requiredMinEchoRxUs: 50_000,
};

/** The golden octets with some replaced, by offset. */
function altered(octets: Readonly<Record<number, number>>): Uint8Array {
  return Uint8Array.from(golden, (octet, i) => octets[i] ?? octet);
}

const uint32 = fc.nat(0xffff_ffff);
const anyPacket = fc.record(
  {
    diagnostic: fc.nat(31),
    state: fc.constantFrom(...BFD_STATES),
    poll: fc.boolean(),
    final: fc.boolean(),
    controlPlaneIndependent: fc.boolean(),
    demand: fc.boolean(),
    multipoint: fc.boolean(),
    detectMultiplier: fc.nat(255),
    myDiscriminator: uint32,
    yourDiscriminator: uint32,
    desiredMinTxUs: uint32,
    requiredMinRxUs: uint32,
    requiredMinEchoRxUs: uint32,
    authentication: fc.uint8Array({ minLength: 2, maxLength: 231 }),
  },
  {
    requiredKeys: [
      "diagnostic",
      "state",
      "poll",
      "final",
      "controlPlaneIndependent",
      "demand",
      "multipoint",
      "detectMultiplier",
      "myDiscriminator",
      "yourDiscriminator",
      "desiredMinTxUs",
      "requiredMinRxUs",
      "requiredMinEchoRxUs",
    ],
  },
);

describe("control packet", () => {
  it("reads and writes the golden octets (RFC 5880 section 4.1)", () => {
    expect(decodeBfd(golden)).toEqual(goldenPacket);
    expect(encodeBfd(goldenPacket)).toEqual(golden);
  });

  it.each([
    [0x20, { poll: true }],
    [0x10, { final: true }],
    [0x08, { controlPlaneIndependent: true }],
    [0x02, { demand: true }],
    [0x01, { multipoint: true }],
  ])("has the bit %i for %j alone", (bit, field) => {
    expect(encodeBfd({ ...packet, ...field })[1]).toBe(0x40 | bit);
    expect(decodeBfd(encodeBfd({ ...packet, ...field }))).toEqual({ ...packet, ...field });
  });

  it.each(captured)("reads and writes what others made: $source", ({ bytes, packet: fields }) => {
    expect(decodeBfd(bytes)).toEqual(fields);
    expect(encodeBfd(fields)).toEqual(bytes);
  });

  it("ignores octets after its own length", () => {
    expect(decodeBfd(Uint8Array.of(...golden, 1, 2, 3))).toEqual(goldenPacket);
  });

  it.each([
    ["nothing", new Uint8Array(), "short", "packet is short at offset 0"],
    ["one octet too few", golden.subarray(0, 23), "short", "packet is short at offset 23"],
    ["version 0", altered({ 0: 0x05 }), "version", "version must be 1, got 0 at offset 0"],
    ["version 2", altered({ 0: 0x45 }), "version", "version must be 1, got 2 at offset 0"],
    ["length 23", altered({ 3: 23 }), "length", "from 24 to the 24 of the payload, got 23"],
    ["length 25 of 24", altered({ 3: 25 }), "length", "from 24 to the 24 of the payload, got 25"],
    ["no authentication", altered({ 1: 0x44 }), "length", "from 26 to the 24 of the payload"],
  ])("refuses %s", (_, bytes, reason, message) => {
    expect(() => decodeBfd(bytes)).toThrow(BfdDecodeError);
    expect(() => decodeBfd(bytes)).toThrow(expect.objectContaining({ reason }));
    expect(() => decodeBfd(bytes)).toThrow(message);
  });

  it.each([
    [{ diagnostic: 32 }, "diagnostic must be a whole number from 0 to 31, got 32"],
    [{ detectMultiplier: 256 }, "detectMultiplier must be a whole number from 0 to 255, got 256"],
    [
      { myDiscriminator: -1 },
      "myDiscriminator must be a whole number from 0 to 4294967295, got -1",
    ],
    [{ desiredMinTxUs: 0.5 }, "desiredMinTxUs must be a whole number"],
    [{ authentication: new Uint8Array(232) }, "lengthBytes must be a whole number from 0 to 255"],
  ])("cannot be written with %j", (fields, message) => {
    expect(() => encodeBfd({ ...packet, ...fields })).toThrow(message);
  });

  it("survives a round trip", () => {
    fc.assert(
      fc.property(anyPacket, (fields) => {
        expect(decodeBfd(encodeBfd(fields as BfdPacket))).toEqual(fields);
      }),
    );
  });

  it("answers any octets with a value or its own error", () => {
    const likely = fc
      .uint8Array({ minLength: 24, maxLength: 64 })
      .map((bytes) =>
        Uint8Array.from(bytes, (octet, i) => (i === 0 ? 0x20 | (octet & 31) : octet)),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), likely), (bytes) => {
        try {
          const { authentication } = decodeBfd(bytes);
          expect(24 + (authentication?.length ?? 0)).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(BfdDecodeError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("reads nothing outside the octets it was given", () => {
    fc.assert(
      fc.property(anyPacket, fc.nat(255), fc.nat(300), (fields, surroundings, length) => {
        const bytes = encodeBfd(fields as BfdPacket);
        const buffer = new Uint8Array(400).fill(surroundings);
        buffer.set(bytes.subarray(0, length), 20);
        const given = buffer.subarray(20, 20 + Math.min(length, bytes.length));
        if (length < bytes.length) expect(() => decodeBfd(given)).toThrow(BfdDecodeError);
        else expect(decodeBfd(given)).toEqual(fields);
      }),
    );
  });
});

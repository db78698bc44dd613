import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIpv6 } from "./address.ts";
import { NdpDecodeError } from "./decode-error.ts";
import type { NdpPacket } from "./message.ts";
import { decodeNdp, encodeNdp, isChecksumRight, peekTarget } from "./packet.ts";
import { anyPacket } from "./testing/arbitrary.ts";
import { captured, octets, patched } from "./testing/captured.ts";

const cases = Object.entries(captured);

describe("NDP packet", () => {
  it.each(cases)("reads %s", (_, { frame, packet }) => {
    expect(decodeNdp(frame)).toEqual(packet);
    expect(isChecksumRight(frame)).toBe(true);
  });

  it.each(cases)("writes %s, but for its traffic class", (_, { frame, packet }) => {
    expect(encodeNdp(packet)).toEqual(patched(frame, 14, 0x60));
  });

  it("peeks at the target of neighbour messages only", () => {
    for (const { frame, packet } of Object.values(captured)) {
      expect(peekTarget(frame)).toBe("target" in packet ? packet.target : undefined);
    }
  });

  it("survives a round trip", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        const frame = encodeNdp(packet);
        expect(decodeNdp(frame)).toEqual(packet);
        expect(isChecksumRight(frame)).toBe(true);
        expect(peekTarget(frame)).toBe("target" in packet ? packet.target : undefined);
        expect(frame.length).toBeGreaterThanOrEqual(60);
      }),
    );
  });

  it.each(cases)("refuses %s cut at any octet, telling where", (_, { frame }) => {
    for (let length = 0; length < frame.length; length++) {
      const error = new NdpDecodeError("frame is short", length);
      expect(() => decodeNdp(frame.slice(0, length))).toThrow(error);
      if (length < 78) expect(peekTarget(frame.slice(0, length))).toBeUndefined();
    }
  });

  it.each(cases)("refuses %s whose IPv6 packet ends at any octet, or not where it does", (_, c) => {
    const isWhole = (bytes: number) => {
      let at = c.fixedBytes;
      while (at < bytes) at += 8 * (c.frame[54 + at + 1] ?? Number.NaN);
      return at === bytes;
    };
    const whole = c.frame.length - 54;
    for (let bytes = 0; bytes < whole; bytes++) {
      const cut = patched(c.frame, 18, 0, bytes);
      if (isWhole(bytes)) expect(() => decodeNdp(cut)).not.toThrow();
      else expect(() => decodeNdp(cut)).toThrow(NdpDecodeError);
    }
    expect(() => decodeNdp(patched(c.frame, 18, 0, whole + 1))).toThrow("frame is short");
  });

  it("ignores what Ethernet padded", () => {
    const { frame, packet } = captured["a router solicitation"];
    const padded = Uint8Array.of(...frame, 1, 2, 3);
    expect(decodeNdp(padded)).toEqual(packet);
    expect(isChecksumRight(padded)).toBe(true);
  });

  it.each([
    ["with a VLAN tag", 12, [0x81, 0x00], "ether type must be 0x86dd, got 0x8100 at offset 12"],
    ["of IPv4", 14, [0x45], "IP version must be 6, got 4 at offset 14"],
    ["with a hop-by-hop header", 20, [0], "next header must be 58, got 0 at offset 20"],
    ["that is a fragment", 20, [44], "next header must be 58, got 44 at offset 20"],
    ["of an echo", 54, [128], "message type must be 133 to 136, got 128 at offset 54"],
    ["of a redirect", 54, [137], "message type must be 133 to 136, got 137 at offset 54"],
    ["without a message", 18, [0, 0], "message is short at offset 54"],
    ["with half a message", 18, [0, 23], "message is short at offset 77"],
    ["with half an option", 18, [0, 25], "option is short at offset 79"],
    ["with an option of length 0", 79, [0], "option length is 0 at offset 79"],
    ["with an option beyond its end", 79, [2], "option is short at offset 86"],
    ["with an option of 2,040 octets", 79, [255], "option is short at offset 86"],
  ])("refuses a frame %s", (_, offset, values, message) => {
    const { frame } = captured["a solicitation"];
    const error = expect.objectContaining({ name: "NdpDecodeError", message });
    expect(() => decodeNdp(patched(frame, offset, ...values))).toThrow(error);
  });

  it("reads reserved octets as if they were zero, and the reserved preference as medium", () => {
    const solicitation = captured["a solicitation"];
    expect(decodeNdp(patched(solicitation.frame, 58, 255, 255, 255, 255))).toEqual(
      solicitation.packet,
    );
    const { frame, packet } = captured["an advertisement with everything"];
    expect(decodeNdp(patched(frame, 59, 0xd0))).toEqual({ ...packet, preference: "medium" });
  });

  it("tells a wrong checksum, wherever it is wrong", () => {
    const { frame } = captured["an answer"];
    for (let offset = 22; offset < frame.length; offset++) {
      const wrong = patched(frame, offset, (frame[offset] ?? 0) ^ 0x10);
      expect(isChecksumRight(wrong)).toBe(false);
    }
  });

  it("answers any octets with a value or its own error", () => {
    const known = fc.constantFrom(...Object.values(captured).map(({ frame }) => frame));
    const mutated = fc
      .tuple(known, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }))
      .map(([frame, changes]) =>
        changes.reduce((bytes, [at, octet]) => bytes.fill(octet, at, at + 1), frame.slice()),
      );
    const anything = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.oneof(anything, mutated), fc.nat(), (bytes, cut) => {
        try {
          const frame = bytes.subarray(0, bytes.length - (cut % 3));
          peekTarget(frame);
          decodeNdp(frame);
          isChecksumRight(frame);
        } catch (error) {
          expect(error).toBeInstanceOf(NdpDecodeError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads nothing outside the octets it was given, and shares nothing with them", () => {
    fc.assert(
      fc.property(anyPacket, fc.nat(255), (packet, surroundings) => {
        const frame = encodeNdp(packet);
        const buffer = new Uint8Array(frame.length + 40).fill(surroundings);
        buffer.set(frame, 20);
        const read = decodeNdp(buffer.subarray(20, 20 + frame.length));
        buffer.fill(0xaa);
        expect(read).toEqual(packet);
        const short = new Uint8Array(frame.length + 40).fill(surroundings);
        short.set(frame, 20);
        expect(() => decodeNdp(short.subarray(20, 19 + frame.length))).toThrow(NdpDecodeError);
      }),
    );
  });

  it.each<[string, Partial<Record<string, unknown>>, string]>([
    ["a MAC address", { sourceMac: 2 ** 48 }, "sourceMac must be a whole number from 0 to"],
    ["a hop limit", { hopLimit: 256 }, "hopLimit must be a whole number from 0 to 255, got 256"],
    ["a code", { code: -1 }, "code must be a whole number from 0 to 255, got -1"],
    ["a text as target", { target: "::1" }, 'target must be a packed address, got "::1"'],
    ["a source", { source: "" }, 'source must be a packed address, got ""'],
    [
      "a nonce of odd size",
      { options: [{ type: "nonce", bytes: new Uint8Array(8) }] },
      "bytes must be 6, 14, 22 ... octets, got 8",
    ],
    [
      "an option without octets",
      { options: [{ type: "other", number: 9, bytes: new Uint8Array(0) }] },
      "bytes must be 6, 14, 22 ... octets, got 0",
    ],
    [
      "an option that is too long",
      { options: [{ type: "other", number: 9, bytes: new Uint8Array(2_046) }] },
      "option length must be a whole number from 0 to 255, got 256",
    ],
    [
      "no servers",
      { options: [{ type: "rdnss", lifetimeSeconds: 1, servers: [] }] },
      "servers must name one, got none",
    ],
    [
      "too many options",
      {
        options: Array.from({ length: 33 }, () => ({
          type: "other",
          number: 9,
          bytes: new Uint8Array(2_038),
        })),
      },
      "message length must be a whole number from 0 to 65535, got 67344",
    ],
  ])("refuses to write %s that does not fit", (_, fields, message) => {
    const { packet } = captured["a solicitation"];
    expect(() => encodeNdp({ ...packet, ...fields } as NdpPacket)).toThrow(RangeError);
    expect(() => encodeNdp({ ...packet, ...fields } as NdpPacket)).toThrow(message);
  });

  it("refuses to write a prefix longer than an address", () => {
    const { packet } = captured["an advertisement with everything"];
    const options = [
      {
        type: "prefix",
        prefix: parseIpv6("::"),
        prefixLength: 129,
        onLink: true,
        autonomous: true,
        validSeconds: 0,
        preferredSeconds: 0,
      },
    ] as const;
    expect(() => encodeNdp({ ...packet, options })).toThrow(
      "prefixLength must be from 0 to 128, got 129",
    );
  });

  it.each([
    ["source link-layer", "01 02 02 00 00 00 00 0a 00 00 00 00 00 00 00 00"],
    ["target link-layer", "02 02 02 00 00 00 00 0a 00 00 00 00 00 00 00 00"],
    ["MTU", "05 02 00 00 00 00 05 dc 00 00 00 00 00 00 00 00"],
    ["prefix", "03 01 40 c0 00 00 00 00"],
    ["prefix of 129 bits", `03 04 81 c0 ${"00 ".repeat(28)}`],
    ["RDNSS without servers", "19 01 00 00 00 00 00 00"],
    ["RDNSS with half a server", "19 02 00 00 00 00 00 00 20 01 0d b8 00 00 00 00"],
    ["route information, which is unknown here,", "18 01 40 08 00 00 00 00"],
  ])("keeps an option %s of unusual length as it is", (_, hex) => {
    const option = octets(hex);
    const bytes = option.slice(2);
    const { packet } = captured["a router solicitation"];
    const other = { type: "other", number: option[0] ?? 0, bytes } as const;
    const frame = encodeNdp({ ...packet, options: [other] });
    expect(frame.subarray(62)).toEqual(option);
    expect(decodeNdp(frame)).toEqual({ ...packet, options: [other] });
  });
});

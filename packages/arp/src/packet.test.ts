import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArpDecodeError,
  ArpHardware,
  ArpOperation,
  type ArpPacket,
  ArpProtocol,
  decodeArp,
  encodeArp,
  peekSender,
  peekTarget,
} from "./packet.ts";

const octets = (hex: string) =>
  Uint8Array.from(hex.match(/[\da-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));

// The first frame of Wireshark's sample capture arp-storm.pcap, as it stands there: a cable
// provider's router asks, and leaves the remains of another frame in its padding.
const stormFrame = octets(`
  ff ff ff ff ff ff  00 07 0d af f4 54  08 06
  00 01  08 00  06  04  00 01
  00 07 0d af f4 54  18 a6 ac 01
  00 00 00 00 00 00  18 a6 ad 9f
  06 01 04 00 00 00 00 02 01 00 03 02 00 00 05 01 03 01`);
const stormPacket: ArpPacket = {
  destination: 0xffff_ffff_ffff,
  source: 0x0007_0daf_f454,
  hardwareType: 1,
  protocolType: 0x0800,
  operation: 1,
  senderMac: 0x0007_0daf_f454,
  senderAddress: 0x18a6_ac01, // 24.166.172.1
  targetMac: 0,
  targetAddress: 0x18a6_ad9f, // 24.166.173.159
};

// RFC 826 "An Example": machine Y answers machine X. EA(X) is 02:00:00:00:00:58 here, IPA(X)
// 192.0.2.88, EA(Y) 02:00:00:00:00:59 and IPA(Y) 192.0.2.89.
const exampleReply = octets(`
  02 00 00 00 00 58  02 00 00 00 00 59  08 06
  00 01  08 00  06  04  00 02
  02 00 00 00 00 59  c0 00 02 59
  02 00 00 00 00 58  c0 00 02 58
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00`);
const examplePacket: ArpPacket = {
  destination: 0x0200_0000_0058,
  source: 0x0200_0000_0059,
  hardwareType: ArpHardware.ethernet,
  protocolType: ArpProtocol.ipv4,
  operation: ArpOperation.reply,
  senderMac: 0x0200_0000_0059,
  senderAddress: 0xc000_0259,
  targetMac: 0x0200_0000_0058,
  targetAddress: 0xc000_0258,
};

const mac = fc.nat(0xffff_ffff_ffff);
const address = fc.nat(0xffff_ffff);
const type = fc.nat(0xffff);
const anyPacket: fc.Arbitrary<ArpPacket> = fc.record({
  destination: mac,
  source: mac,
  hardwareType: type,
  protocolType: type,
  operation: type,
  senderMac: mac,
  senderAddress: address,
  targetMac: mac,
  targetAddress: address,
});

/** The frame with other octets from an offset on. */
const patched = (frame: Uint8Array, offset: number, ...values: number[]) => {
  const copy = frame.slice();
  copy.set(values, offset);
  return copy;
};

describe("ARP packet", () => {
  it("reads a captured request", () => {
    expect(decodeArp(stormFrame)).toEqual(stormPacket);
    expect(peekTarget(stormFrame)).toBe(stormPacket.targetAddress);
    expect(peekSender(stormFrame)).toBe(stormPacket.senderAddress);
  });

  it("writes the captured request, with zeros for padding", () => {
    const padded = stormFrame.slice().fill(0, 42);
    expect(encodeArp(stormPacket)).toEqual(padded);
  });

  it("reads and writes the reply of the RFC's example", () => {
    expect(decodeArp(exampleReply)).toEqual(examplePacket);
    expect(encodeArp(examplePacket)).toEqual(exampleReply);
  });

  it("survives a round trip", () => {
    fc.assert(
      fc.property(anyPacket, (packet) => {
        const frame = encodeArp(packet);
        expect(frame.length).toBe(60);
        expect(decodeArp(frame)).toEqual(packet);
        expect(peekTarget(frame)).toBe(packet.targetAddress);
        expect(peekSender(frame)).toBe(packet.senderAddress);
      }),
    );
  });

  it("refuses a frame cut at any octet before its padding, telling where", () => {
    for (let length = 0; length < 42; length++) {
      const frame = stormFrame.slice(0, length);
      const error = new ArpDecodeError("frame is short", length);
      expect(() => decodeArp(frame)).toThrow(error);
      expect(peekTarget(frame)).toBeUndefined();
      expect(peekSender(frame)).toBeUndefined();
    }
    for (let length = 42; length <= stormFrame.length; length++) {
      expect(decodeArp(stormFrame.slice(0, length))).toEqual(stormPacket);
    }
  });

  it.each([
    ["with a VLAN tag", 12, [0x81, 0x00], "ether type must be 0x0806, got 0x8100 at offset 12"],
    ["of IPv4", 12, [0x08, 0x00], "ether type must be 0x0806, got 0x0800 at offset 12"],
    ["of InfiniBand", 18, [20], "hardware length must be 6, got 20 at offset 18"],
    ["of no hardware", 18, [0], "hardware length must be 6, got 0 at offset 18"],
    ["of 16-octet addresses", 19, [16], "protocol length must be 4, got 16 at offset 19"],
  ])("refuses a frame %s", (_, offset, values, message) => {
    const error = expect.objectContaining({ name: "ArpDecodeError", offset, message });
    expect(() => decodeArp(patched(stormFrame, offset, ...values))).toThrow(error);
  });

  it("keeps what it does not know", () => {
    const frame = patched(stormFrame, 14, 0x00, 0x06, 0x86, 0xdd, 6, 4, 0x00, 0x09);
    const other = { hardwareType: 6, protocolType: 0x86dd, operation: 9 };
    expect(decodeArp(frame)).toEqual({ ...stormPacket, ...other });
  });

  it("answers any octets with a value or its own error", () => {
    const header = fc.constant(stormFrame.slice(0, 22));
    const likely = fc
      .tuple(header, fc.uint8Array({ maxLength: 48 }))
      .map(([a, b]) => Uint8Array.of(...a, ...b));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), likely), (bytes) => {
        try {
          decodeArp(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ArpDecodeError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it("reads nothing outside the octets it was given", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(255), (length, surroundings) => {
        const buffer = new Uint8Array(100).fill(surroundings);
        buffer.set(stormFrame.subarray(0, length), 20);
        const frame = buffer.subarray(20, 20 + length);
        if (length < 42) expect(() => decodeArp(frame)).toThrow("frame is short");
        else expect(decodeArp(frame)).toEqual(stormPacket);
      }),
    );
  });

  it("leaves nothing shared with the frame it read", () => {
    const frame = stormFrame.slice();
    const packet = decodeArp(frame);
    frame.fill(0xaa);
    expect(packet).toEqual(stormPacket);
  });

  it.each([
    ["destination", -1, 0xffff_ffff_ffff],
    ["source", 2 ** 48, 0xffff_ffff_ffff],
    ["hardwareType", 0x1_0000, 0xffff],
    ["protocolType", 0.5, 0xffff],
    ["operation", Number.NaN, 0xffff],
    ["senderMac", Number.POSITIVE_INFINITY, 0xffff_ffff_ffff],
    ["senderAddress", 2 ** 32, 0xffff_ffff],
    ["targetMac", 2 ** 48, 0xffff_ffff_ffff],
    ["targetAddress", -0x3fff_fdf6, 0xffff_ffff],
  ])("refuses to write %s %d", (field, value, most) => {
    expect(() => encodeArp({ ...examplePacket, [field]: value })).toThrow(
      new RangeError(`${field} must be a whole number from 0 to ${most}, got ${value}`),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeUdpFrame, encodeUdpFrame, type UdpFrame } from "./echo-frame.ts";

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const frames: fc.Arbitrary<UdpFrame> = fc.record({
  destinationMac: octets(6),
  sourceMac: octets(6),
  source: octets(4),
  destination: octets(4),
  ttl: fc.nat(255),
  sourcePort: fc.nat(65_535),
  destinationPort: fc.nat(65_535),
  payload: fc.uint8Array({ maxLength: 80 }),
});

/** In one's complement, everything that a checksum covers adds up to all ones. */
function adds(bytes: Uint8Array): number {
  let sum = 0;
  for (const [i, octet] of bytes.entries()) sum += i % 2 === 0 ? octet << 8 : octet;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

describe("UDP in an Ethernet frame", () => {
  // As tcpdump -vv finds it right: "tos 0xc0, ttl 255, flags [DF]", "[udp sum ok]".
  const golden = Uint8Array.of(
    ...[2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa, 8, 0],
    ...[0x45, 0xc0, 0, 32, 0, 0, 0x40, 0, 255, 17, 0x66, 0x71, 10, 77, 0, 1, 10, 77, 0, 1],
    ...[0x0e, 0xc9, 0x0e, 0xc9, 0, 12, 0x30, 0x0b],
    ...[0xde, 0xad, 0xbe, 0xef],
  );
  const packet: UdpFrame = {
    destinationMac: Uint8Array.of(2, 0, 0, 0, 0, 0xb),
    sourceMac: Uint8Array.of(2, 0, 0, 0, 0, 0xa),
    source: Uint8Array.of(10, 77, 0, 1),
    destination: Uint8Array.of(10, 77, 0, 1),
    ttl: 255,
    sourcePort: 3785,
    destinationPort: 3785,
    payload: Uint8Array.of(0xde, 0xad, 0xbe, 0xef),
  };

  it("writes and reads the golden octets", () => {
    expect(encodeUdpFrame(packet)).toEqual(golden);
    expect(decodeUdpFrame(golden)).toEqual(packet);
  });

  it("ignores what Ethernet pads", () => {
    expect(decodeUdpFrame(Uint8Array.of(...golden, 0, 0, 0))).toEqual(packet);
  });

  it("survives a round trip, with checksums that add up", () => {
    fc.assert(
      fc.property(frames, (frame) => {
        const bytes = encodeUdpFrame(frame);
        expect(decodeUdpFrame(bytes)).toEqual(frame);
        expect(adds(bytes.subarray(14, 34))).toBe(0xffff);
        const udp = bytes.subarray(34);
        const pseudo = [...bytes.subarray(26, 34), 0, 17, 0, udp.length];
        expect(adds(Uint8Array.of(...pseudo, ...udp))).toBe(0xffff);
      }),
    );
  });

  it("answers any octets with a packet within them, or nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const { payload } = decodeUdpFrame(bytes) ?? {};
        if (payload !== undefined) expect(payload.length).toBeLessThanOrEqual(bytes.length - 42);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  acceptNothing,
  acceptWhen,
  half,
  interfaceIndex,
  networkOctet,
  octet,
  PacketType,
  packetType,
  word,
} from "./bpf.ts";

interface Frame {
  readonly bytes: Uint8Array;
  readonly packetType: number;
  readonly interfaceIndex?: number;
}

/** Runs a program as the kernel would: the few instructions that are assembled here. */
function run(program: Uint8Array, frame: Frame): boolean {
  const view = new DataView(program.buffer, program.byteOffset, program.length);
  const data = new DataView(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.length);
  let accumulator = 0;
  for (let pc = 0; ; pc += 1) {
    const code = view.getUint16(pc * 8, true);
    const k = view.getUint32(pc * 8 + 4, true);
    if (code === 0x06) return k !== 0;
    if (code === 0x15) pc += view.getUint8(pc * 8 + (accumulator === k ? 2 : 3));
    else if (code === 0x35) pc += view.getUint8(pc * 8 + (accumulator >= k ? 2 : 3));
    else if (code === 0x30 && k === 0xffff_f004) accumulator = frame.packetType;
    else if (code === 0x20 && k === 0xffff_f008) accumulator = frame.interfaceIndex ?? 0;
    else if (k + (SIZES.get(code) ?? 0) > frame.bytes.length) return false;
    else if (code === 0x20) accumulator = data.getUint32(k);
    else if (code === 0x28) accumulator = data.getUint16(k);
    else if (code === 0x30) accumulator = data.getUint8(k);
    else throw new Error(`instruction ${pc} has code ${code}`);
  }
}

/** Of what the load instructions load. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0x20, 4],
  [0x28, 2],
  [0x30, 1],
]);

const frames = fc.record({
  bytes: fc.array(fc.nat(3), { maxLength: 12 }).map((octets) => Uint8Array.from(octets)),
  packetType: fc.nat(5),
});

describe("filter", () => {
  it("assembles the octets that the kernel takes", () => {
    const program = acceptWhen(half(20).isOneOf(1, 2), packetType.isNot(PacketType.otherHost));
    // code, jt, jf, k: as bpf_dbg disassembles them
    expect(program).toEqual(
      Uint8Array.of(
        ...[0x28, 0, 0, 0, 20, 0, 0, 0], // 0 ldh [20]
        ...[0x15, 0, 1, 0, 1, 0, 0, 0], //  1 jeq #1, 3, 2
        ...[0x15, 0, 0, 3, 2, 0, 0, 0], //  2 jeq #2, 3, 6
        ...[0x30, 0, 0, 0, 4, 0xf0, 0xff, 0xff], // 3 ldb [SKF_AD_PKTTYPE]
        ...[0x15, 0, 1, 0, 3, 0, 0, 0], //  4 jeq #3, 6, 5
        ...[0x06, 0, 0, 0, 0xff, 0xff, 0, 0], // 5 ret #65535
        ...[0x06, 0, 0, 0, 0, 0, 0, 0], //  6 ret #0
      ),
    );
  });

  it("accepts the frames that pass every test, and no others", () => {
    const program = acceptWhen(
      half(2).isOneOf(0x0001, 0x0102, 0x0203),
      packetType.isNot(PacketType.outgoing),
      half(4).isNot(0x0000),
      half(6).is(0x0101),
    );
    const at = (bytes: Uint8Array, offset: number) =>
      ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
    fc.assert(
      fc.property(frames, (frame) => {
        const { bytes } = frame;
        const expected =
          bytes.length >= 8 &&
          [0x0001, 0x0102, 0x0203].includes(at(bytes, 2)) &&
          frame.packetType !== 4 &&
          at(bytes, 4) !== 0 &&
          at(bytes, 6) === 0x0101;
        expect(run(program, frame)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
    expect(run(program, { bytes: Uint8Array.of(0, 0, 1, 2, 0, 1, 1, 1), packetType: 0 })).toBe(
      true,
    );
  });

  it("loads octets and words, and compares numbers as unsigned", () => {
    const program = acceptWhen(word(1).isAtLeast(0x8000_0001), octet(0).isAtLeast(2));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (bytes) => {
        const view = new DataView(bytes.buffer);
        const expected =
          bytes.length >= 5 && view.getUint32(1) >= 0x8000_0001 && view.getUint8(0) >= 2;
        expect(run(program, { bytes, packetType: 0 })).toBe(expected);
      }),
    );
    const just = Uint8Array.of(2, 0x80, 0, 0, 1);
    expect(run(program, { bytes: just, packetType: 0 })).toBe(true);
  });

  it("tells frames for the interface from those for what is on top of it", () => {
    const program = acceptWhen(half(0).is(0x0102), interfaceIndex.is(7));
    const bytes = Uint8Array.of(1, 2);
    expect(run(program, { bytes, packetType: 0, interfaceIndex: 7 })).toBe(true);
    expect(run(program, { bytes, packetType: 0, interfaceIndex: 8 })).toBe(false);
    expect(program.subarray(16, 24)).toEqual(Uint8Array.of(0x20, 0, 0, 0, 8, 0xf0, 0xff, 0xff));
  });

  it("finds the IP header where the socket gets only what follows it", () => {
    // The time to live of an IPv4 packet, as a UDP socket's filter has to load it.
    expect(acceptWhen(networkOctet(8).isAtLeast(255)).subarray(0, 16)).toEqual(
      Uint8Array.of(
        ...[0x30, 0, 0, 0, 8, 0, 0xf0, 0xff], // 0 ldb [SKF_NET_OFF + 8]
        ...[0x35, 0, 0, 1, 255, 0, 0, 0], //  1 jge #255, 2, 3
      ),
    );
  });

  it("accepts nothing when it is to", () => {
    expect(run(acceptNothing(), { bytes: new Uint8Array(60), packetType: 0 })).toBe(false);
  });

  it("accepts everything when nothing is tested", () => {
    expect(run(acceptWhen(), { bytes: new Uint8Array(0), packetType: 0 })).toBe(true);
  });

  it("refuses a test without values, and a program that is too long", () => {
    expect(() => acceptWhen(half(0).isOneOf())).toThrow("must name a value, got none");
    const many = Array.from({ length: 253 }, (_, i) => i);
    expect(() => acceptWhen(half(0).isOneOf(...many))).toThrow("at most 255 instructions, got 256");
    expect(acceptWhen(half(0).isOneOf(...many.slice(1)))).toHaveLength(255 * 8);
  });
});

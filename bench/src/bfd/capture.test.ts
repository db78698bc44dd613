import { expect, it } from "vitest";
import { type CapturedPacket, gapsOf, parseCapture, silencesOf } from "./capture.ts";

/** As tcpdump writes it: seconds, microseconds, the length twice, the frame. */
function record(seconds: number, micros: number, frame: Buffer): Buffer {
  const header = Buffer.alloc(16);
  for (const [i, value] of [seconds, micros, frame.length, frame.length].entries()) {
    header.writeUInt32LE(value, 4 * i);
  }
  return Buffer.concat([header, frame]);
}

const fileHeader = Buffer.from("d4c3b2a1020004000000000000000000000004000100000000", "hex");

/** Ethernet, IPv4 from 198.18.0.1 to 198.18.0.2, UDP to 3784, and 24 octets of BFD. */
const frame = (state: string) =>
  Buffer.from(
    "020000000002020000000001080045c000340001400040110000c6120001c6120002c0000ec800200000" +
      `20${state}03180000000600000007000f4240000f424000000000`,
    "hex",
  );

it("reads what tcpdump has written", () => {
  const records = [record(7, 250_000, frame("40")), record(8, 500, frame("c0"))];
  const file = Buffer.concat([fileHeader.subarray(0, 24), ...records]);
  expect(parseCapture(file)).toEqual([
    { atMs: 7_250, source: "198.18.0.1", isUp: false },
    { atMs: 8_000.5, source: "198.18.0.1", isUp: true },
  ]);
  expect(parseCapture(file.subarray(0, -1))).toHaveLength(1);
});

it("refuses another file", () => {
  expect(() => parseCapture(Buffer.from("GIF89a, or so it says"))).toThrow("not a capture");
});

const packet = (atMs: number, source: string, isUp = true): CapturedPacket => ({
  atMs,
  source,
  isUp,
});

it("measures the gaps of each source by itself", () => {
  expect(gapsOf([packet(0, "a"), packet(3, "b"), packet(10, "a"), packet(15, "b")])).toEqual([
    10, 12,
  ]);
});

it("measures from the last packet in to the first that says down, each time", () => {
  const seen = [
    packet(0, "own", false),
    packet(1, "own"),
    packet(5, "router"),
    packet(9, "own"),
    packet(19, "another"),
    packet(20, "own", false),
    packet(25, "own", false),
    packet(30, "router"),
    packet(31, "own"),
    packet(50, "own", false),
  ];
  expect(silencesOf(seen, { own: "own", router: "router" })).toEqual([15, 20]);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Frame, Framer, type HeaderFault } from "./framer.ts";
import { encodeMessage } from "./header.ts";
import { KEEPALIVE } from "./keepalive.ts";
import { concat, hex } from "./testing/octets.ts";

/** What leaves the framer when the stream arrives in these pieces; copied, as frames are lent. */
function frames(pieces: readonly Uint8Array[], maxLength = 4096): unknown[] {
  const framer = new Framer();
  framer.maxLength = maxLength;
  const seen: unknown[] = [];
  for (const piece of pieces) {
    framer.push(piece);
    for (let next = framer.next(); next !== undefined; next = framer.next()) seen.push(copy(next));
  }
  return seen;
}

function copy(next: Frame | HeaderFault): unknown {
  if ("fault" in next) return next;
  return { type: next.type, body: next.body.slice(), message: next.message.slice() };
}

const update = encodeMessage(2, hex("0000 0000"));
const stream = concat(
  encodeMessage(1, hex("04 fde9 00b4 c0000201 00")),
  KEEPALIVE,
  update,
  encodeMessage(2, new Uint8Array(277)),
  encodeMessage(3, hex("0602")),
  encodeMessage(5, hex("0001 00 01")),
  KEEPALIVE,
);

function header(marker: string, length: string, type: string): Uint8Array {
  return hex(marker.repeat(16) + length + type);
}

describe("framer", () => {
  it("cuts a stream into its messages", () => {
    const seen = frames([stream]) as Frame[];
    expect(seen.map(({ type }) => type)).toEqual([1, 4, 2, 2, 3, 5, 4]);
    expect(concat(...seen.map(({ message }) => message))).toEqual(stream);
    expect(seen[2]).toEqual({ type: 2, body: hex("0000 0000"), message: update });
  });

  it("gives the same messages wherever the stream is split", () => {
    const whole = frames([stream]);
    const differing = Array.from({ length: stream.length + 1 }, (_, i) => i).filter((i) => {
      const split = frames([stream.subarray(0, i), stream.subarray(i)]);
      return JSON.stringify(split) !== JSON.stringify(whole);
    });
    expect(differing).toEqual([]);
    expect(frames(Array.from(stream, (octet) => Uint8Array.of(octet)))).toEqual(whole);
  });

  it.each([
    ["RFC 4271 section 6.1: a marker that is not all ones", header("fe", "0013", "04"), [1, 1], ""],
    ["a marker whose last octet is wrong", hex(`${"ff".repeat(15)}00 0013 04`), [1, 1], ""],
    ["a length below the header's", header("ff", "0012", "04"), [1, 2], "0012"],
    ["a length of 0, of no type", header("ff", "0000", "00"), [1, 2], "0000"],
    ["a length above 4096", header("ff", "1001", "02"), [1, 2], "1001"],
    ["a KEEPALIVE with a body", header("ff", "0014", "04"), [1, 2], "0014"],
    ["an OPEN that is too short", header("ff", "001c", "01"), [1, 2], "001c"],
    ["an UPDATE that is too short", header("ff", "0016", "02"), [1, 2], "0016"],
    ["a NOTIFICATION that is too short", header("ff", "0014", "03"), [1, 2], "0014"],
    ["a ROUTE-REFRESH that is too short", header("ff", "0015", "05"), [1, 2], "0015"],
    ["an unknown type", header("ff", "0013", "06"), [1, 3], "06"],
    ["type 0", header("ff", "0013", "00"), [1, 3], "00"],
  ])("answers %s", (_, octets, [code, subcode], data) => {
    const fault = { type: "notification", code, subcode, data: hex(data) };
    expect(frames([octets])).toEqual([{ fault }]);
    expect(frames(Array.from(octets, (octet) => Uint8Array.of(octet)))).toEqual([{ fault }]);
  });

  it("says nothing more after a fault", () => {
    expect(frames([header("ff", "0013", "06"), KEEPALIVE, KEEPALIVE])).toHaveLength(1);
    expect(frames([concat(KEEPALIVE, header("ff", "0013", "06"), KEEPALIVE)])).toHaveLength(2);
  });

  it("RFC 8654: takes 65,535 octets once agreed, but not as OPEN or KEEPALIVE", () => {
    const large = encodeMessage(2, new Uint8Array(65_516));
    expect(frames([large], 65_535)).toHaveLength(1);
    expect((frames([large], 65_535)[0] as Frame).message).toEqual(large);
    expect(frames([header("ff", "1001", "01")], 65_535)).toEqual(
      frames([header("ff", "1001", "01")]),
    );
    expect(frames([header("ff", "1001", "04")], 65_535)).toEqual(
      frames([header("ff", "1001", "04")]),
    );
    expect(frames([header("ff", "1001", "03")], 65_535)).toEqual([]);
  });

  it("applies a new limit to the messages that are already there", () => {
    const framer = new Framer();
    framer.push(concat(KEEPALIVE, encodeMessage(2, new Uint8Array(5000))));
    expect(framer.next()).toMatchObject({ type: 4 });
    framer.maxLength = 65_535;
    expect(framer.next()).toMatchObject({ type: 2 });
  });

  it("does not read the octets it was lent after the call", () => {
    const lent = update.slice();
    const framer = new Framer();
    framer.push(lent);
    lent.fill(0);
    expect(framer.next()).toMatchObject({ message: update });
  });

  it("keeps what is not taken out, however much it is", () => {
    const framer = new Framer();
    for (let i = 0; i < 1000; i++) framer.push(stream);
    let count = 0;
    while (framer.next() !== undefined) count++;
    expect(count).toBe(7000);
  });

  it("answers any octets in any pieces with messages or one fault", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.constantFrom(KEEPALIVE, update, stream.subarray(0, 40), header("ff", "0017", "02")),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const seen = frames(pieces);
        expect(frames([concat(...pieces)])).toEqual(seen);
        const faults = seen.filter(
          (next) => typeof next === "object" && next !== null && "fault" in next,
        );
        expect(faults.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { icmp6Checksum } from "./checksum.ts";

/** The sum as RFC 1071 section 1 puts it, one carry at a time and with the pseudo-header laid out. */
function byTheBook(octets: Uint8Array): number {
  const message = octets.subarray(32);
  const length = [24, 16, 8, 0].map((shift) => (message.length >>> shift) & 0xff);
  const pseudo = [...octets.subarray(0, 32), ...length, 0, 0, 0, 58];
  const all = [...pseudo, ...message, ...(message.length % 2 === 1 ? [0] : [])];
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) {
    sum += (all[i] ?? Number.NaN) * 256 + (all[i + 1] ?? Number.NaN);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

describe("ICMPv6 checksum", () => {
  it("is the ones' complement sum over pseudo-header and message", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 200 }), (octets) => {
        expect(icmp6Checksum(octets, 0, octets.length)).toBe(byTheBook(octets));
      }),
    );
  });

  it("leaves out what comes before and after", () => {
    const octets = fc.uint8Array({ minLength: 32, maxLength: 100 });
    const more = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(more, octets, more, (before, bytes, after) => {
        const all = Uint8Array.of(...before, ...bytes, ...after);
        const end = before.length + bytes.length;
        expect(icmp6Checksum(all, before.length, end)).toBe(byTheBook(bytes));
      }),
    );
  });

  it("is 0 over a message that has it, and something else when any bit is flipped", () => {
    const octets = fc.uint8Array({ minLength: 40, maxLength: 200 });
    fc.assert(
      fc.property(octets, fc.nat(), fc.nat(7), (bytes, at, bit) => {
        bytes.fill(0, 34, 36);
        const checksum = icmp6Checksum(bytes, 0, bytes.length);
        bytes.set([checksum >>> 8, checksum & 0xff], 34);
        expect(icmp6Checksum(bytes, 0, bytes.length)).toBe(0);
        const i = at % bytes.length;
        bytes[i] = (bytes[i] ?? 0) ^ (1 << bit);
        expect(icmp6Checksum(bytes, 0, bytes.length)).not.toBe(0);
      }),
    );
  });

  it("carries twice over the largest message there is", () => {
    const octets = new Uint8Array(32 + 0xffff).fill(0xff);
    expect(icmp6Checksum(octets, 0, octets.length)).toBe(byTheBook(octets));
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readMrt } from "./reader.ts";

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ""), "hex"));
/** Its second is 1,000. */
const record = (type: string, body: string) =>
  `000003e8 ${type} ${hex(body).length.toString(16).padStart(8, "0")} ${body}`;
const KEEPALIVE = `${"ff".repeat(16)} 0013 04`;
const read = (...records: readonly string[]) => [...readMrt(hex(records.join("")))];

const ends = { peerAsn: 65_001, localAsn: 65_002, peer: "192.0.2.1", local: "192.0.2.2" };
const OLD_ENDS = "fde9 fdea 0000 0001 c0000201 c0000202";
const ENDS = "0000fde9 0000fdea 0000 0001 c0000201 c0000202";

describe("an MRT file", () => {
  it("RFC 6396 section 4.4: tells messages and states of sessions", () => {
    const plain = { type: "message", timeMs: 1_000_000, addPath: false, isLocal: false };
    const message = hex(KEEPALIVE);
    expect(
      read(
        record("0010 0001", OLD_ENDS + KEEPALIVE),
        record("0010 0004", ENDS + KEEPALIVE),
        record("0010 0007", ENDS + KEEPALIVE),
        record("0010 0009", ENDS + KEEPALIVE),
        record("0010 0005", `${ENDS} 0005 0006`),
      ),
    ).toEqual([
      { ...plain, ...ends, fourOctetAs: false, message },
      { ...plain, ...ends, fourOctetAs: true, message },
      { ...plain, ...ends, fourOctetAs: true, isLocal: true, message },
      { ...plain, ...ends, fourOctetAs: true, addPath: true, message },
      { type: "state", timeMs: 1_000_000, ...ends, from: 5, to: 6 },
    ]);
  });

  it("section 3: tells microseconds, and addresses of IPv6", () => {
    const address = (last: string) => `20010db8 00000000 00000000 0000000${last}`;
    const body = `0003d090 0000fde9 0000fdea 0000 0002 ${address("1")} ${address("2")} ${KEEPALIVE}`;
    expect(read(record("0011 0004", body))).toMatchObject([
      { timeMs: 1_000_250, peer: "2001:db8:0:0:0:0:0:1", local: "2001:db8:0:0:0:0:0:2" },
    ]);
  });

  it("section 4.3: tells tables, and whom their routes are from", () => {
    const peers =
      "c0000202 0003 6c6162 0002 02 c0000201 c0000201 0000fde9 00 c0000203 c0000203 fdeb";
    const route = "00000007 18 c63364 0001 0000 000003e7 0004 40010100";
    expect(read(record("000d 0001", peers), record("000d 0002", route))).toEqual([
      {
        ...{ type: "peers", timeMs: 1_000_000, collector: "192.0.2.2", view: "lab" },
        peers: [
          { routerId: "192.0.2.1", address: "192.0.2.1", asn: 65_001 },
          { routerId: "192.0.2.3", address: "192.0.2.3", asn: 65_003 },
        ],
      },
      {
        ...{ type: "route", timeMs: 1_000_000, afi: 1, prefix: hex("18 c63364") },
        entries: [{ peer: 0, originatedMs: 999_000, attributes: hex("40010100") }],
      },
    ]);
  });

  it("may have records of kinds that are unknown here", () => {
    expect(read(record("0030 0002", "abcd"), record("0010 0063", ""))).toMatchObject([
      { type: "other", mrtType: 48, subtype: 2, octets: hex("abcd") },
      { type: "other", mrtType: 16, subtype: 99 },
    ]);
  });

  it("says where it is cut off, or a record too short for what is in it", () => {
    const whole = record("0010 0004", ENDS + KEEPALIVE);
    expect(() => read(whole, "000003e8")).toThrow(
      `record at offset ${hex(whole).length}: 2 octets are needed, got 0`,
    );
    expect(() => read(record("0010 0004", "0000"))).toThrow(/^record at offset 0: /);
  });

  it("is read, or refused with a RangeError, whatever its octets are", () => {
    const type = fc.constantFrom("0010 0004", "0010 0001", "000d 0001", "000d 0004", "0011 0005");
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 80 }), (kind, body) => {
        try {
          expect(read(record(kind, Buffer.from(body).toString("hex")))).toHaveLength(1);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

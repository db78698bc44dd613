import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressFromBytes } from "./address.ts";
import { encodeEntries, splitEntries } from "./claim-entries.ts";
import { HelloDecodeError } from "./decode-error.ts";
import { decodeHello, encodeHello, type Hello } from "./hello.ts";
import type { HelloItem } from "./hello-items.ts";
import { OctetWriter } from "./octets.ts";

const hello: Hello = {
  keyId: 0x01020304,
  boot: 0x0a_0b0c_0d0e,
  sequence: 0x01_0000_0002,
  intervalMs: 75,
  version: 5,
  isListening: true,
  node: "n1",
  items: [
    { type: "query", node: "n2", nonce: 9 },
    {
      type: "changes",
      version: 5,
      entries: [
        {
          address: "192.0.2.10",
          claim: {
            epoch: 7,
            term: 1,
            table: { epoch: 7, nodes: ["n2", "n1"] },
            state: "conflicted",
            isForSilence: true,
            isAlone: true,
          },
        },
        { address: "2001:db8::10", claim: undefined },
      ],
    },
  ],
};

// Written out by hand from the figures in hello.ts, hello-items.ts and claim-entries.ts.
const golden = [
  "4948 01 02 01020304 000a0b0c0d0e 000100000002 004b 00000005 01 6e31",
  "02 0007 00000009 02 6e32",
  "05 0030 00000005 02 02 6e32 02 6e31",
  "38 c000020a 00000007 00000001 00000007 02 00 01",
  "03 20010db8000000000000000000000010",
].join("");
const bytes = Uint8Array.from(golden.replaceAll(" ", "").match(/../g) ?? [], (pair) =>
  Number.parseInt(pair, 16),
);

const name = fc.stringMatching(/^[a-z0-9.-]{1,12}$/);
const uint32 = fc.nat(0xffff_ffff);
const address = fc
  .oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  )
  .map(addressFromBytes);
const claim = fc.record({
  epoch: uint32,
  term: uint32,
  table: fc.record({ epoch: uint32, nodes: fc.uniqueArray(name, { maxLength: 4 }) }),
  state: fc.constantFrom("held" as const, "released" as const, "conflicted" as const),
  isForSilence: fc.boolean(),
  isAlone: fc.boolean(),
});
const entry = fc
  .record({ address, claim: fc.option(claim, { nil: undefined }) })
  .map((one) => (one.claim === undefined ? { ...one, claim: undefined } : one));
const entries = fc.array(entry, { maxLength: 9 });
const item: fc.Arbitrary<HelloItem> = fc.oneof(
  fc.record({ type: fc.constant("mac" as const), mac: fc.nat(2 ** 48 - 1) }),
  fc.record({
    type: fc.constantFrom("query" as const, "answer" as const),
    node: name,
    nonce: uint32,
  }),
  fc.record({ type: fc.constant("request" as const), node: name }),
  fc.record({ type: fc.constant("changes" as const), version: uint32, entries }),
  fc.record({
    type: fc.constant("set" as const),
    version: uint32,
    part: fc.nat(8),
    parts: fc.constant(9),
    entries,
  }),
  fc.record({ type: fc.constant("notice" as const), node: name, claimant: name, entries }),
  fc.record({
    type: fc.constant("ask" as const),
    node: name,
    claimant: name,
    addresses: fc.array(address),
  }),
);

describe("hello", () => {
  it("reads and writes the golden octets", () => {
    expect(encodeHello(hello)).toEqual(bytes);
    expect(decodeHello(bytes)).toEqual(hello);
  });

  it("skips items that it does not know", () => {
    const longer = Uint8Array.of(...bytes, 0xfe, 0x00, 0x02, 1, 2);
    expect(decodeHello(longer)).toEqual(hello);
  });

  it("survives a round trip", () => {
    const any = fc.record({
      keyId: uint32,
      boot: fc.nat(2 ** 48 - 1),
      sequence: fc.nat(2 ** 48 - 1),
      intervalMs: fc.integer({ min: 1, max: 0xffff }),
      version: uint32,
      isListening: fc.boolean(),
      node: name,
      items: fc.array(item, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(any, (one) => {
        expect(decodeHello(encodeHello(one))).toEqual(one);
      }),
    );
  });

  it.each<[string, (copy: Uint8Array) => Uint8Array, string]>([
    ["short", (copy) => copy.subarray(0, 27), "hello is short at offset 27"],
    ["of another protocol", (copy) => copy.with(0, 0), "magic is not 0x4948 at offset 0"],
    ["of another format", (copy) => copy.with(2, 2), "format is not 1 at offset 2"],
    ["without a name", (copy) => copy.with(3, 0), "name is missing or cut off at offset 27"],
    ["without an interval", (copy) => copy.with(21, 0), "interval is 0 at offset 20"],
    ["cut off", (copy) => copy.subarray(0, 35), "item is cut off at offset 29"],
    ["too long in an item", (copy) => copy.with(36, 1), "item is too long at offset 38"],
    ["beyond its names", (copy) => copy.with(71, 2), "place is beyond the names at offset 72"],
  ])("refuses one that is %s", (_, change, message) => {
    const [text = "", offset = 0] = message.split(" at offset ");
    expect(() => decodeHello(change(bytes.slice()))).toThrow(
      new HelloDecodeError(text, Number(offset)),
    );
  });

  it("answers any octets, and any damage, with a value or its own error", () => {
    const damaged = fc
      .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => changes.reduce((copy, [at, octet]) => copy.with(at, octet), bytes));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 99 }), damaged), (octets) => {
        try {
          decodeHello(octets);
        } catch (error) {
          expect(error).toBeInstanceOf(HelloDecodeError);
        }
      }),
    );
  });
});

describe("claim entries", () => {
  it("are split so that each list fits, in their order", () => {
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 60 }),
        fc.integer({ min: 120, max: 400 }),
        (all, room) => {
          const lists = splitEntries(all, room);
          expect(lists.flat()).toEqual(all);
          for (const list of lists) {
            const writer = new OctetWriter();
            encodeEntries(writer, list);
            expect(writer.length).toBeLessThanOrEqual(room);
          }
        },
      ),
    );
  });
});

import { seededRandom } from "@ingot/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodePrefix, formatPrefix } from "../prefix.ts";
import { formatWords, newPrefixKey, readPrefix } from "./prefix-key.ts";
import { RouteTable } from "./route-table.ts";

describe("prefix key", () => {
  const text = fc.oneof(
    fc.tuple(fc.ipV4(), fc.nat(33)).map(([address, length]) => `${address}/${length}`),
    fc.tuple(fc.ipV6(), fc.nat(129)).map(([address, length]) => `${address}/${length}`),
    fc.string({ unit: fc.constantFrom(..."0123456789./:a"), maxLength: 18 }),
  );

  it("reads what encodePrefix reads, and refuses what that refuses", () => {
    fc.assert(
      fc.property(text, (any) => {
        const key = newPrefixKey();
        let octets: Uint8Array;
        try {
          octets = encodePrefix(any);
        } catch {
          expect(() => readPrefix(any, key)).toThrow(TypeError);
          return;
        }
        const afi = readPrefix(any, key) ? 2 : 1;
        expect(formatWords(afi, key.words, 0, key.length)).toBe(formatPrefix(afi, octets));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("route table", () => {
  it.each([
    ["IPv4", (i: number) => `10.${i >>> 16}.${(i >>> 8) & 255}.${i & 255}/32`, 1],
    ["IPv6", (i: number) => `2001:db8::${i.toString(16)}/128`, 4],
  ] as const)("finds what was put in and not taken out, %s", (_, prefixOf, words) => {
    const table = new RouteTable(words);
    const slots = new Map<number, number>();
    const key = newPrefixKey();
    const random = seededRandom(11);
    for (let step = 0; step < 40_000; step++) {
      const number = Math.floor(random() * 12_000);
      readPrefix(prefixOf(number), key);
      const slot = table.find(key);
      expect(slot).toBe(slots.get(number) ?? 0);
      if (slot === 0) slots.set(number, table.add(key));
      else if (random() < 0.7) {
        table.remove(slot);
        slots.delete(number);
      }
    }
    expect(new Set(slots.values()).size).toBe(slots.size);
    expect(table.end).toBeLessThanOrEqual(12_001);
  });

  it("tells prefixes of one address apart by their lengths", () => {
    const table = new RouteTable(1);
    const key = newPrefixKey();
    for (let length = 0; length <= 32; length++) {
      readPrefix(`0.0.0.0/${length}`, key);
      expect(table.find(key)).toBe(0);
      table.add(key);
    }
    readPrefix("0.0.0.0/9", key);
    expect(table.find(key)).toBe(10);
  });
});

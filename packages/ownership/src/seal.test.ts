import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ReplayWindow } from "./replay-window.ts";
import { Keyring } from "./seal.ts";

const key = (octet: number) => new Uint8Array(32).fill(octet);
const message = Uint8Array.of(1, 2, 3);

describe("keyring", () => {
  it("seals with the first 16 octets of HMAC-SHA-256, as Node computes it", () => {
    const expected = createHmac("sha256", key(1)).update(message).digest().subarray(0, 16);
    expect(new Keyring([key(1)]).seal(message)).toEqual(Uint8Array.of(...message, ...expected));
  });

  it("accepts every key while one replaces another, and no other", () => {
    const [old, both, neu] = [
      new Keyring([key(1)]),
      new Keyring([key(2), key(1)]),
      new Keyring([key(2)]),
    ];
    expect(both.isGenuine(old.seal(message), old.id)).toBe(true);
    expect(neu.isGenuine(both.seal(message), both.id)).toBe(true);
    expect(neu.knows(old.id)).toBe(false);
    expect(neu.isGenuine(old.seal(message), old.id)).toBe(false);
    expect(neu.isGenuine(old.seal(message), neu.id)).toBe(false);
    expect(neu.isGenuine(new Uint8Array(3), neu.id)).toBe(false);
  });

  it("notices every changed bit", () => {
    const keys = new Keyring([key(1)]);
    const sealed = keys.seal(message);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const at = bit >> 3;
      const changed = sealed.with(at, (sealed[at] ?? 0) ^ (1 << (bit & 7)));
      expect(keys.isGenuine(changed, keys.id)).toBe(false);
    }
  });

  it.each([
    [[], "keys must be 1 to 4, got 0"],
    [[new Uint8Array(15)], "a key must have at least 16 octets, got 15"],
  ])("refuses %j", (secrets, problem) => {
    expect(() => new Keyring(secrets)).toThrow(new RangeError(problem));
  });
});

describe("replay window", () => {
  it("takes every number once, in any order within 1,024", () => {
    const numbers = fc.array(fc.nat(3_000), { maxLength: 300 });
    fc.assert(
      fc.property(numbers, (sequence) => {
        const window = new ReplayWindow(7);
        const met = new Set<number>();
        let highest = 6;
        for (const number of sequence) {
          const expected = number < 7 || met.has(number) || number <= highest - 1_024;
          expect(window.hasMet(number)).toBe(expected);
          window.meet(number);
          met.add(number);
          highest = Math.max(highest, number);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SlotSet } from "./slot-set.ts";

describe("slot set", () => {
  it("behaves as a set of numbers does", () => {
    const slot = fc.oneof(fc.nat(100), fc.constantFrom(4_095, 4_096, 8_191, 8_192, 1_000_000));
    const step = fc.tuple(fc.constantFrom("add", "delete", "clear"), slot);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const set = new SlotSet();
        const model = new Set<number>();
        for (const [call, number] of steps) {
          if (call === "clear" && number > 5) continue;
          if (call === "add") set.addAll(Int32Array.of(number, number + 1, number + 4_096));
          else set[call as "delete"](number);
          if (call === "add") for (const more of [0, 1, 4_096]) model.add(number + more);
          else model[call as "delete"](number);
          expect(set.size).toBe(model.size);
          expect(set.has(number)).toBe(model.has(number));
        }
        for (const [, number] of steps) expect(set.has(number)).toBe(model.has(number));
      }),
    );
  });

  it("keeps what is in a page that became full, and what is not after one left it", () => {
    const [one, other] = [new SlotSet(), new SlotSet()];
    const slots = Int32Array.from({ length: 8_192 }, (_, slot) => slot);
    one.addAll(slots);
    other.addAll(slots);
    one.delete(77);
    expect([one.size, other.size]).toEqual([8_191, 8_192]);
    expect([one.has(76), one.has(77), one.has(78), one.has(8_191)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(other.has(77)).toBe(true);
    for (let slot = 0; slot < 4_096; slot++) one.delete(slot);
    expect([one.size, one.has(5), one.has(4_096)]).toEqual([4_096, false, true]);
  });
});

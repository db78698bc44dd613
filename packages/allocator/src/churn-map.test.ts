import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { ChurnMap } from "./churn-map.ts";

describe("churn map", () => {
  it("does what a plain Map does", () => {
    const key = fc.nat(40).map(String);
    const step = fc.tuple(key, fc.option(fc.nat(), { nil: undefined, freq: 1 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const map = new ChurnMap<number>();
        const model = new Map<string, number>();
        for (const [key, value] of steps) {
          if (value === undefined) {
            map.delete(key);
            model.delete(key);
          } else {
            map.set(key, value);
            model.set(key, value);
          }
          expect(map.size).toBe(model.size);
          expect(map.get(key)).toBe(model.get(key));
          expect(map.has(key)).toBe(model.has(key));
        }
        expect(new Map(map.entries())).toEqual(model);
        expect(new Set(map.keys())).toEqual(new Set(model.keys()));
      }),
    );
  });

  it("never deletes from the Map below, and does not keep what has gone for good", () => {
    const deletes = vi.spyOn(Map.prototype, "delete");
    const map = new ChurnMap<number>();
    for (let round = 0; round < 1_000; round++) {
      map.set("flapping", round);
      map.delete("flapping");
      map.set(`once ${round}`, round);
      if (round >= 10) map.delete(`once ${round - 10}`);
    }
    const deleted = deletes.mock.calls.length;
    deletes.mockRestore();
    expect(deleted).toBe(0);
    expect(map.size).toBe(10);
    expect([...map.keys()]).toHaveLength(10);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MapEntry, OrderedMap } from "./ordered-map.ts";

/** Checks order, heights and balance of a subtree, and returns its keys. */
function inspect(entry: MapEntry<unknown> | undefined): bigint[] {
  if (entry === undefined) return [];
  const [left, right] = [inspect(entry.left), inspect(entry.right)];
  const heights = [entry.left?.height ?? 0, entry.right?.height ?? 0];
  expect(entry.height).toBe(1 + Math.max(...heights));
  expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeLessThanOrEqual(1);
  return [...left, entry.key, ...right];
}

interface Sum {
  readonly own: number;
  sum: number;
}

const adding = (value: Sum, left: Sum | undefined, right: Sum | undefined) => {
  value.sum = value.own + (left?.sum ?? 0) + (right?.sum ?? 0);
};

describe("ordered map", () => {
  it("does what a plain Map does, in order, whatever is set and deleted", () => {
    const key = fc.nat(60).map(BigInt);
    const step = fc.record({ key, value: fc.option(fc.nat(), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), key, (steps, probe) => {
        const map = new OrderedMap<Sum>(adding);
        const model = new Map<bigint, number>();
        for (const { key, value } of steps) {
          if (value === undefined) {
            map.delete(key);
            model.delete(key);
          } else {
            map.set(key, { own: value, sum: 0 });
            model.set(key, value);
          }
        }
        const keys = [...model.keys()].sort((a, b) => Number(a - b));
        expect(inspect(map.root)).toEqual(keys);
        expect(map.first?.key).toBe(keys[0]);
        expect(map.floor(probe)?.key).toBe(keys.findLast((each) => each <= probe));
        expect(map.get(probe)?.own).toBe(model.get(probe));
        const sum = [...model.values()].reduce((total, value) => total + value, 0);
        expect(map.root?.value.sum ?? 0).toBe(sum);
      }),
    );
  });

  it.each([
    ["ascending", (index: number) => index],
    ["descending", (index: number) => -index],
    ["scattered", (index: number) => (index * 48_271) % 65_537],
    ["from both ends", (index: number) => (index % 2 === 0 ? index : -index)],
  ])("is at most 1.45 log2(n) tall when keys come %s and half of them go", (_, order) => {
    const map = new OrderedMap<undefined>();
    const bound = (size: number) => 1.45 * Math.log2(size + 2);
    for (let index = 1; index <= 64_000; index++) map.set(BigInt(order(index)), undefined);
    expect(map.root?.height).toBeLessThanOrEqual(bound(64_000));
    for (let index = 1; index <= 64_000; index += 2) map.delete(BigInt(order(index)));
    expect(map.root?.height).toBeLessThanOrEqual(bound(32_000));
  });
});

import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OrderedMap } from "./ordered-map.ts";
import { UsedPositions } from "./used-positions.ts";

function lowestFree(used: ReadonlySet<number>): bigint {
  let lowest = 0;
  while (used.has(lowest)) lowest += 1;
  return BigInt(lowest);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("used positions", () => {
  it("knows its lowest gap after each change, and then all the others in turn", () => {
    const step = fc.tuple(fc.boolean(), fc.nat(24));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const used = new UsedPositions();
        const model = new Set<number>();
        for (const [add, position] of steps) {
          if (add) {
            used.add(BigInt(position));
            model.add(position);
          } else {
            used.delete(BigInt(position));
            model.delete(position);
          }
          expect(used.lowestFree).toBe(lowestFree(model));
        }
        for (let gap = lowestFree(model); gap < 30n; gap = lowestFree(model)) {
          used.add(gap);
          model.add(Number(gap));
          expect(used.lowestFree).toBe(lowestFree(model));
        }
      }),
    );
  });

  it("walks its tree at most four times, however much is used", () => {
    const used = new UsedPositions();
    for (let position = 0n; position < 20_000n; position += 2n) used.add(position);
    const walks = (["floor", "set", "delete"] as const).map((name) =>
      vi.spyOn(OrderedMap.prototype, name),
    );
    for (const change of ["add", "delete"] as const) {
      for (let position = 1n; position < 20_000n; position += 2n) {
        for (const walk of walks) walk.mockClear();
        used[change](position);
        const count = walks.reduce((sum, walk) => sum + walk.mock.calls.length, 0);
        if (count < 1 || count > 4) expect.fail(`${change} walked ${count} times`);
      }
    }
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { Allocator } from "./allocator.ts";
import { OrderedMap } from "./ordered-map.ts";

// Time is for the benchmark. What is counted here are the walks through ordered maps, each of which
// takes O(log n) steps (see ordered-map.test.ts): the only work that a call does that can grow.

const sharing = { key: "web", backend: "", ports: ["TCP/80"] };
const ipv4 = { pool: "p", families: [4] } as const;

function filled(count: number): Allocator {
  const allocator = new Allocator();
  allocator.setPools([{ name: "p", addresses: ["10.0.0.0/8", "2001:db8::/64"] }]);
  for (let index = 0; index < count; index++) {
    allocator.allocate(`own-${index}`, { pool: "p", families: [4, 6] });
    allocator.allocate(`shared-${index}`, { ...ipv4, sharing });
  }
  return allocator;
}

const calls: Readonly<Record<string, (allocator: Allocator) => void>> = {
  "allocate at the end": (it) => it.allocate("new", ipv4),
  "allocate both families": (it) => it.allocate("new", { pool: "p", families: [4, 6] }),
  "allocate, sharing": (it) => it.allocate("new", { ...ipv4, sharing }),
  "allocate again": (it) => it.allocate("own-40", ipv4),
  "claim in the middle of nothing": (it) => it.claim("new", ["10.200.0.1"]),
  "claim what is in use": (it) => it.claim("new", ["10.0.0.9"]),
  release: (it) => it.release("own-40"),
  "release what was shared": (it) => it.release("shared-40"),
};

describe("the cost of a call", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(Object.entries(calls))("%s: as many walks with 16,000 owners as with 100", (_, call) => {
    const [few, many] = [filled(50), filled(8_000)];
    const walks = (["floor", "set", "delete"] as const).map((name) =>
      vi.spyOn(OrderedMap.prototype, name),
    );
    const count = (allocator: Allocator) => {
      for (const walk of walks) walk.mockClear();
      call(allocator);
      return walks.reduce((sum, walk) => sum + walk.mock.calls.length, 0);
    };
    expect(count(many)).toBe(count(few));
  });
});

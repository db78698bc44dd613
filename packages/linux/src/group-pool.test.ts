import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GroupPool, type GroupSocket } from "./group-pool.ts";
import { SystemCallError } from "./libc.ts";

const ENOMEM = 12;
const EINVAL = 22;
const EADDRINUSE = 98;

/** Sockets as the kernel has them, that hold so many groups each. */
class Kernel {
  readonly open = new Set<Set<string>>();
  failWith = 0;
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get groups(): readonly string[] {
    return [...this.open].flatMap((groups) => [...groups]).sort();
  }

  socket(): GroupSocket {
    const groups = new Set<string>();
    this.open.add(groups);
    const check = (failed: boolean, errno: number) => {
      if (failed) throw new SystemCallError("setsockopt(IPV6_ADD_MEMBERSHIP)", errno);
    };
    return {
      join: (group) => {
        check(this.failWith !== 0, this.failWith);
        check(groups.has(group), EADDRINUSE);
        check(groups.size >= this.#capacity, ENOMEM);
        groups.add(group);
      },
      leave: (group) => expect(groups.delete(group)).toBe(true),
      close: () => expect(this.open.delete(groups)).toBe(true),
    };
  }
}

function poolOf(capacity: number) {
  const kernel = new Kernel(capacity);
  return { kernel, pool: new GroupPool(() => kernel.socket()) };
}

describe("group pool", () => {
  it("takes another socket when one is full, and closes it when it holds nothing", () => {
    const { kernel, pool } = poolOf(2);
    for (const group of ["a", "b", "c"]) pool.join(group);
    expect([...kernel.open]).toEqual([new Set(["a", "b"]), new Set(["c"])]);
    pool.leave("c");
    expect([...kernel.open]).toEqual([new Set(["a", "b"])]);
  });

  it("fills the room that was left before it takes another", () => {
    const { kernel, pool } = poolOf(2);
    for (const group of ["a", "b", "c", "d"]) pool.join(group);
    pool.leave("a");
    pool.join("e");
    expect([...kernel.open]).toEqual([new Set(["b", "e"]), new Set(["c", "d"])]);
  });

  it("joins anew what it has joined", () => {
    const { kernel, pool } = poolOf(2);
    for (const group of ["a", "b", "a"]) pool.join(group);
    expect(kernel.groups).toEqual(["a", "b"]);
    expect(kernel.open.size).toBe(1);
  });

  it.each([
    ["even an empty socket is full", ENOMEM],
    ["the interface has no IPv6", EINVAL],
  ])("says so when %s, and keeps no socket for it", (_, errno) => {
    const { kernel, pool } = poolOf(2);
    kernel.failWith = errno;
    expect(() => pool.join("a")).toThrow(SystemCallError);
    expect(kernel.open.size).toBe(0);
    kernel.failWith = 0;
    pool.join("a");
    kernel.failWith = EINVAL;
    expect(() => pool.join("b")).toThrow("EINVAL");
    expect(() => pool.join("a")).toThrow("EINVAL");
    expect(kernel.groups).toEqual([]);
  });

  it("leaves nothing open when it is closed", () => {
    const { kernel, pool } = poolOf(1);
    for (const group of ["a", "b", "c"]) pool.join(group);
    pool.close();
    pool.close();
    pool.leave("a");
    expect(kernel.open.size).toBe(0);
  });

  it("is a member of just what it joined, on no more sockets than were ever needed", () => {
    const step = fc.record({ join: fc.boolean(), group: fc.nat(11).map((i) => `ff02::${i}`) });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 4 }), (steps, capacity) => {
        const { kernel, pool } = poolOf(capacity);
        const wanted = new Set<string>();
        let most = 0;
        for (const { join, group } of steps) {
          pool[join ? "join" : "leave"](group);
          if (join) wanted.add(group);
          else wanted.delete(group);
          most = Math.max(most, wanted.size);
          expect(kernel.groups).toEqual([...wanted].sort());
          expect(kernel.open.size).toBeLessThanOrEqual(Math.ceil(most / capacity));
        }
      }),
      { numRuns: 500 },
    );
  });
});

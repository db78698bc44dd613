import { describe, expect, it } from "vitest";
import { ExpiringTable } from "./expiring-table.ts";

describe("expiring table", () => {
  it("keeps each entry until its time, or the time it was last given", () => {
    const table = new ExpiringTable<string>(10);
    table.set("a", "first", 100);
    table.set("b", "second", 50);
    table.set("c", "for ever", Number.POSITIVE_INFINITY);
    expect(table.deadline).toBe(50);
    table.set("b", "second, again", 200);
    expect(table.deadline).toBe(100);
    expect(table.expire(99)).toEqual([]);
    expect(table.expire(100)).toEqual(["first"]);
    expect(table.values()).toEqual(["second, again", "for ever"]);
    expect(table.delete("b")).toBe("second, again");
    expect(table.delete("b")).toBeUndefined();
    expect(table.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(table.get("c")).toBe("for ever");
  });

  it("keeps no more than it may, and goes on renewing what it has", () => {
    const table = new ExpiringTable<number>(2);
    expect([table.set("a", 1, 10), table.set("b", 2, 20), table.set("c", 3, 5)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(table.deadline).toBe(10);
    expect(table.set("a", 4, 30)).toBe(true);
    expect(table.expire(25)).toEqual([2]);
    expect(table.set("c", 3, 40)).toBe(true);
    expect(table.values()).toEqual([4, 3]);
  });
});

import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";

/** Told a in version 1 and b in version 2. */
function ledger(): Ledger {
  const made = new Ledger();
  made.tell("a", "1");
  made.tell("b", "2");
  return made;
}

describe("ledger", () => {
  it("knows what is news", () => {
    const told = ledger();
    expect([told.isNews("a", "1"), told.isNews("a", "2"), told.isNews("c", "1")]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("takes back what a whole list did not have", () => {
    const told = ledger();
    told.beginList();
    told.isNews("b", "2");
    told.tell("c", "3");
    expect(told.endList()).toEqual(["a"]);
    expect(told.isNews("a", "1")).toBe(true);
    expect(told.endList()).toEqual([]);
  });

  it("forgets an unfinished list when the next begins", () => {
    const told = ledger();
    told.beginList();
    told.isNews("a", "1");
    told.beginList();
    told.isNews("b", "2");
    expect(told.endList()).toEqual(["a"]);
  });

  it("takes back once, also in the middle of a list", () => {
    const told = ledger();
    told.beginList();
    expect([told.takeBack("a"), told.takeBack("a"), told.takeBack("c")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(told.endList()).toEqual(["b"]);
  });
});

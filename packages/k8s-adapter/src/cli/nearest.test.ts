import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

describe("nearest word", () => {
  const known = ["port", "log-level", "node-name", "namespace"];

  it.each([
    ["loglevel", "log-level"],
    ["prot", "port"],
    ["node-nmae", "node-name"],
    ["name-space", "namespace"],
    ["port", "port"],
  ])("finds what %s was meant to be", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it.each(["", "xyzzyplugh", "webhook"])("does not guess at %j", (word) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  it("takes the first of equals", () => {
    expect(nearest("cat", ["bat", "hat"])).toBe("bat");
  });
});

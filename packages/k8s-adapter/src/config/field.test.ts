import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldPath, fieldText, valueAt, valueText } from "./field.ts";

describe("field path", () => {
  it.each<[PropertyKey[], string]>([
    [[], ""],
    [["spec", "addresses", 1], "spec.addresses[1]"],
    [["metadata", "annotations", "ingot.dev/owners"], 'metadata.annotations["ingot.dev/owners"]'],
    [["a", 'quo"te', 0, "b"], 'a["quo\\"te"][0].b'],
  ])("writes %j as %s", (path, text) => {
    expect(fieldText(path)).toBe(text);
    expect(fieldPath(text)).toEqual(path);
  });

  it("survives a round trip", () => {
    const step = fc.oneof(fc.string({ minLength: 1 }), fc.nat(), fc.constant("spec"));
    fc.assert(
      fc.property(fc.array(step), (path) => {
        expect(fieldPath(fieldText(path))).toEqual(path);
      }),
    );
  });
});

describe("value", () => {
  it("is found by its path, and only among an object's own fields", () => {
    expect(valueAt({ a: [{ b: 5 }] }, ["a", 0, "b"])).toBe(5);
    expect(valueAt({ a: 1 }, ["a", "b"])).toBeUndefined();
    expect(valueAt({}, ["constructor", "name"])).toBeUndefined();
  });

  it.each([
    ["x", '"x"'],
    ["two\nlines", '"two\\nlines"'],
    [5, "5"],
    [null, "null"],
    [[1, 2], "a list"],
    [{ a: 1 }, "an object"],
  ])("%j reads %s in a message", (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  it("is cut when it is long", () => {
    expect(valueText("x".repeat(500))).toBe(`"${"x".repeat(119)}...`);
  });
});

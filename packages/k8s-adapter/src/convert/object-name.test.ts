import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { objectName } from "./object-name.ts";

describe("the name of an object", () => {
  it.each([
    ["default", "default"],
    ["My_Pool", "my-pool"],
    ["42-is-a-pool_", "is-a-pool"],
    ["with blank", "with-blank"],
    ["a..b", "a.b"],
    ["x".repeat(70), "x".repeat(63)],
  ])("of %j is %s", (name, expected) => {
    expect(objectName(name, "name")).toBe(expected);
  });

  it("is one that Kubernetes takes, whatever the old one was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (name) => {
        let made: string;
        try {
          made = objectName(name, "name");
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(made).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
      }),
    );
  });
});

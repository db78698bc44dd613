import { describe, expect, it } from "vitest";
import { firstProblem } from "./field.ts";
import { labelsText, matches, selectorListSchema, selectorOf, selectorSchema } from "./selector.ts";

const labels = { app: "web", tier: "" };

describe("matches", () => {
  const expression = (key: string, operator: "In" | "NotIn" | "Exists" | "DoesNotExist") => ({
    key,
    operator,
    values: operator === "In" || operator === "NotIn" ? ["web", "api"] : [],
  });

  it.each([
    ["In", "app", true],
    ["In", "other", false],
    ["In", "tier", false],
    ["NotIn", "app", false],
    ["NotIn", "other", true],
    ["NotIn", "tier", true],
    ["Exists", "app", true],
    ["Exists", "tier", true],
    ["Exists", "other", false],
    ["DoesNotExist", "app", false],
    ["DoesNotExist", "other", true],
    ["Exists", "constructor", false],
  ] as const)("%s %s is %s", (operator, key, expected) => {
    const selector = { matchLabels: {}, matchExpressions: [expression(key, operator)] };
    expect(matches(selector, labels)).toBe(expected);
  });

  it("demands every label and every expression", () => {
    const both = {
      matchLabels: { app: "web" },
      matchExpressions: [expression("other", "Exists")],
    };
    expect(matches(both, labels)).toBe(false);
    expect(matches(both, { ...labels, other: "1" })).toBe(true);
    expect(matches(both, { other: "1" })).toBe(false);
  });

  it("takes everything when it demands nothing", () => {
    expect(matches(selectorOf({}), {})).toBe(true);
  });
});

describe("selector", () => {
  const problem = (selector: unknown) => {
    const parsed = selectorSchema.safeParse(selector);
    return parsed.success ? undefined : firstProblem(parsed.error, selector);
  };

  it.each([
    [{}],
    [{ matchLabels: { "example.com/a": "b", c: "" } }],
    [{ matchExpressions: [{ key: "a", operator: "In", values: ["x", "y"] }] }],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }],
    [{ matchExpressions: [{ key: "a", operator: "DoesNotExist", values: [] }] }],
  ])("takes %j", (selector) => {
    expect(problem(selector)).toBeUndefined();
  });

  it.each([
    [
      { matchExpressions: [{ key: "a", operator: "in", values: ["x"] }] },
      "matchExpressions[0].operator",
      'must be "In" or "NotIn" or "Exists" or "DoesNotExist", got "in"',
    ],
    [
      { matchExpressions: [{ key: "a", operator: "In" }] },
      "matchExpressions[0].values",
      "must not be empty with operator In",
    ],
    [
      { matchExpressions: [{ key: "a", operator: "Exists", values: ["x", "y"] }] },
      "matchExpressions[0].values",
      'must be empty with operator Exists, got "x,y"',
    ],
    [
      { matchExpressions: [{ key: "a", operator: "In", values: ["x", "y", "x"] }] },
      "matchExpressions[0].values[2]",
      'must not repeat a value, got "x" twice',
    ],
    [
      {
        matchExpressions: [
          { key: "a", operator: "In", values: ["x", "y"] },
          { key: "a", operator: "In", values: ["y", "x"] },
        ],
      },
      "matchExpressions[1]",
      "must not repeat an expression, got {a In (x,y)} as in entry 0",
    ],
    [{ matchLabels: { "a b": "c" } }, 'matchLabels["a b"]', `must have a label's key, got "a b"`],
    [{ matchLabels: { a: "b c" } }, "matchLabels.a", `must have a label's value, got "b c"`],
    [{ matchLabels: { a: 5 } }, "matchLabels.a", "must be text, got 5"],
    [
      { matchLabels: { [`x/${"k".repeat(64)}`]: "" } },
      `matchLabels["x/${"k".repeat(64)}"]`,
      `must have a label's key, got "x/${"k".repeat(64)}"`,
    ],
  ])("refuses %j", (selector, field, message) => {
    expect(problem(selector)).toEqual({ field, message });
  });

  it("refuses a list that says the same twice, in whatever order", () => {
    const list = [
      { matchLabels: { a: "1", b: "2" } },
      { matchLabels: { a: "1" } },
      { matchLabels: { b: "2", a: "1" }, matchExpressions: [] },
    ];
    const parsed = selectorListSchema().safeParse(list);
    expect(parsed.error && firstProblem(parsed.error, list)).toEqual({
      field: "[2]",
      message: "must not repeat a selector, got {a=1,b=2} as in entry 0",
    });
    expect(selectorListSchema().safeParse(list.slice(0, 2)).success).toBe(true);
  });
});

it("writes labels sorted", () => {
  expect(labelsText({ b: "2", a: "1" })).toBe("a=1,b=2");
  expect(labelsText({})).toBe("");
});

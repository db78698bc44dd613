import type { z } from "zod";

/** What is wrong with one field of an object. */
export interface Problem {
  /** Path such as `spec.addresses[1]`; empty for the object as a whole. */
  readonly field: string;
  /** One sentence that names the value. */
  readonly message: string;
}

/** A path as text: `spec.addresses[1]`, `metadata.annotations["ingot.dev/interfaces"]`. */
export function fieldText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (!PLAIN.test(String(step))) text += `[${JSON.stringify(String(step))}]`;
    else text += text === "" ? String(step) : `.${String(step)}`;
  }
  return text;
}

/** The steps of a path that {@link fieldText} wrote. */
export function fieldPath(text: string): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const [, plain, index, quoted] of text.matchAll(STEP)) {
    if (plain !== undefined) steps.push(plain);
    else if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(JSON.parse(quoted) as string);
  }
  return steps;
}

/** A value for a message: short, on one line, whatever it is. */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}...`;
}

/** The first thing that zod found wrong with `input`, in our words. */
export function firstProblem(error: z.ZodError, input: unknown): Problem {
  const issue = error.issues[0];
  if (issue === undefined) return { field: "", message: "is not valid" };
  const value = valueAt(input, issue.path);
  return { field: fieldText(issue.path), message: wording(issue, value) };
}

/** The value at a path of any value; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

const PLAIN = /^[A-Za-z_$][\w$-]*$/;
const STEP = /([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;
const LONGEST_VALUE = 120;

type Issue = z.ZodError["issues"][number];

function wording(issue: Issue, value: unknown): string {
  if (issue.code === "custom") return issue.message;
  if (value === undefined) return "is required";
  return `${demand(issue)}, got ${valueText(value)}`;
}

function demand(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => valueText(value)).join(" or ")}`;
    case "too_small":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be at least ${issue.minimum}`
        : "must not be empty";
    case "too_big":
      return issue.origin === "number" || issue.origin === "int"
        ? `must be at most ${issue.maximum}`
        : `must not have more than ${issue.maximum} ${issue.origin === "string" ? "characters" : "entries"}`;
    default:
      return issue.message;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "an integer",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "text",
};

import { z } from "zod";
import type { LabelSelector } from "../domain.ts";
import { valueText } from "./field.ts";
import { NONE, shared } from "./share.ts";

/** A label selector as it is written in an object. */
export interface SelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly ExpressionSpec[] | undefined;
}

/** One entry of `matchExpressions`. */
export interface ExpressionSpec {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[] | undefined;
}

/** Whether labels satisfy a selector; one that demands nothing is satisfied by all. */
export function matches(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels)) {
    if (labelOf(labels, key) !== value) return false;
  }
  return selector.matchExpressions.every((demand) => meets(labelOf(labels, demand.key), demand));
}

/** The selector as records keep it. */
export function selectorOf(spec: SelectorSpec): LabelSelector {
  return shared({
    matchLabels: spec.matchLabels ?? {},
    matchExpressions: (spec.matchExpressions ?? NONE).map(({ key, operator, values }) => ({
      key,
      operator,
      values: values ?? NONE,
    })),
  });
}

// Upper bounds that let the API server work out what the CEL rule below can cost.
const MOST_SELECTORS = 1_000;
const MOST_EXPRESSIONS = 100;

const expressionSchema = z
  .object({
    key: z.string().describe("The label that is looked at."),
    operator: z
      .enum(["In", "NotIn", "Exists", "DoesNotExist"])
      .describe("In and NotIn compare with values; Exists and DoesNotExist ask for the key alone."),
    values: z
      .array(z.string())
      .meta({ "x-kubernetes-list-type": "atomic" })
      .describe("At least one for In and NotIn, none for Exists and DoesNotExist.")
      .optional(),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule:
          "self.operator in ['In', 'NotIn'] ? has(self.values) && size(self.values) > 0" +
          " : !has(self.values) || size(self.values) == 0",
        message: "In and NotIn need values, Exists and DoesNotExist take none",
      },
    ],
  });

/**
 * Reads a label selector, and refuses what could not be matched: keys and values that no label
 * can have, an operator with too many or too few values, the same entry or value twice.
 */
export const selectorSchema: z.ZodType<SelectorSpec> = z
  .object({
    matchLabels: z
      .record(z.string(), z.string())
      .describe("Labels that must all be there, with just these values.")
      .optional(),
    matchExpressions: z
      .array(expressionSchema)
      .max(MOST_EXPRESSIONS)
      .meta({ "x-kubernetes-list-type": "atomic" })
      .describe("Demands on labels that must all be met.")
      .optional(),
  })
  .superRefine((selector, context) => {
    for (const { path, message } of selectorProblems(selector)) {
      context.addIssue({ code: "custom", path, message });
    }
  })
  .meta({ "x-kubernetes-map-type": "atomic" });

/** Reads a list of selectors, any of which may match; one that is there twice is refused. */
export function selectorListSchema(): z.ZodType<readonly SelectorSpec[]> {
  return z
    .array(selectorSchema)
    .max(MOST_SELECTORS)
    .superRefine((selectors, context) => {
      const twice = repeated(selectors.map(canonicalText));
      if (twice === undefined) return;
      const message = `must not repeat a selector, got ${twice.text} as in entry ${twice.first}`;
      context.addIssue({ code: "custom", path: [twice.index], message });
    });
}

/** The first entry that is there before it already. */
export function repeated(
  texts: readonly string[],
): { readonly index: number; readonly first: number; readonly text: string } | undefined {
  const firsts = new Map<string, number>();
  for (const [index, text] of texts.entries()) {
    const first = firsts.get(text);
    if (first !== undefined) return { index, first, text };
    firsts.set(text, index);
  }
  return undefined;
}

/** Of a Service: `spec.selector` as text, `key=value` sorted and joined by commas. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(",");
}

function meets(
  value: string | undefined,
  { operator, values }: LabelSelector["matchExpressions"][number],
): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}

function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Equal for selectors that say the same in another order. */
function canonicalText(selector: SelectorSpec): string {
  const lines = (selector.matchExpressions ?? NONE).map(
    ({ key, operator, values }) => `${key} ${operator} (${[...(values ?? NONE)].sort().join(",")})`,
  );
  return `{${[labelsText(selector.matchLabels ?? {}), ...lines.sort()].filter(Boolean).join("; ")}}`;
}

interface PathProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

function* selectorProblems(selector: SelectorSpec): Generator<PathProblem> {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    yield* labelProblems(["matchLabels", key], key, [value]);
  }
  const expressions = selector.matchExpressions ?? NONE;
  for (const [i, { key, operator, values = NONE }] of expressions.entries()) {
    const path = ["matchExpressions", i];
    yield* labelProblems(path, key, values);
    const compares = operator === "In" || operator === "NotIn";
    if (compares && values.length === 0) {
      yield { path: [...path, "values"], message: `must not be empty with operator ${operator}` };
    }
    if (!compares && values.length > 0) {
      const message = `must be empty with operator ${operator}, got ${valueText(values.join(","))}`;
      yield { path: [...path, "values"], message };
    }
    const twice = repeated(values);
    if (twice !== undefined) {
      const message = `must not repeat a value, got ${valueText(twice.text)} twice`;
      yield { path: [...path, "values", twice.index], message };
    }
  }
  const twice = repeated(expressions.map((entry) => canonicalText({ matchExpressions: [entry] })));
  if (twice === undefined) return;
  const message = `must not repeat an expression, got ${twice.text} as in entry ${twice.first}`;
  yield { path: ["matchExpressions", twice.index], message };
}

function* labelProblems(
  path: (string | number)[],
  key: string,
  values: readonly string[],
): Generator<PathProblem> {
  if (!LABEL_KEY.test(key) || (key.split("/").at(-1) ?? "").length > MOST_LABEL_CHARACTERS) {
    yield { path, message: `must have a label's key, got ${valueText(key)}` };
  }
  for (const value of values) {
    if (LABEL_VALUE.test(value) && value.length <= MOST_LABEL_CHARACTERS) continue;
    yield { path, message: `must have a label's value, got ${valueText(value)}` };
  }
}

// What Kubernetes takes for the key and the value of a label.
const LABEL_KEY =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const MOST_LABEL_CHARACTERS = 63;

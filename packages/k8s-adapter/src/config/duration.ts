import { z } from "zod";
import { valueText } from "./field.ts";

/** A duration as Kubernetes writes it (`90s`, `1m30s`, `500ms`), read into milliseconds. */
export function durationSchema(): z.ZodType<string> {
  return z
    .string()
    .superRefine((text, context) => {
      if (durationMs(text) !== undefined) return;
      const message = `${MESSAGE}, got ${valueText(text)}`;
      context.addIssue({ code: "custom", message });
    })
    .meta({
      maxLength: LONGEST,
      "x-kubernetes-validations": [{ rule: `self.matches('${CEL_DURATION}')`, message: MESSAGE }],
    });
}

/** The milliseconds of a duration; undefined when the text is none. */
export function durationMs(text: string): number | undefined {
  if (text === "0") return 0;
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(PART)) {
    ms += Number(amount) * (UNIT_MS[unit] ?? 0);
  }
  return ms;
}

const MESSAGE = "must be a duration such as 90s or 1m30s";
/** Bounds what the API server's rules can cost. */
const LONGEST = 64;
const CEL_DURATION = "^(([0-9]+([.][0-9]*)?|[.][0-9]+)(ns|us|µs|ms|s|m|h))+$|^0$";
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const DURATION = new RegExp(`^(?:${PART.source})+$`);
const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

import { parseArgs } from "node:util";
import { type FailoverSettings, readFailoverSettings } from "./failover/settings.ts";

/** What the benchmarks were asked for. */
export interface BenchArguments {
  readonly help: boolean;
  readonly json: boolean;
  /** Names of those to run. */
  readonly benchmarks: readonly string[];
  /** Rounds of those that let one choose; undefined: as many as each has by default. */
  readonly rounds: number | undefined;
  /** How long to soak, where a benchmark can; undefined: it does not. */
  readonly soakMinutes: number | undefined;
  /** Parts of those that have parts; empty: those that each runs by default. */
  readonly scenarios: readonly string[];
  /** A program that stands for another product; undefined: Ingot. */
  readonly driver: string | undefined;
  readonly failover: FailoverSettings;
}

/** @throws {Error} on an unknown option or benchmark; the message names it. */
export function parseArguments(argv: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      rounds: { type: "string" },
      "soak-minutes": { type: "string" },
      scenario: { type: "string", multiple: true, default: [] },
      nodes: { type: "string" },
      family: { type: "string" },
      driver: { type: "string" },
      "hello-interval": { type: "string" },
      window: { type: "string" },
    },
  });
  for (const name of positionals) {
    if (name !== "all" && !known.includes(name)) throw new Error(`unknown benchmark ${name}`);
  }
  const all = positionals.length === 0 || positionals.includes("all");
  const { help, json } = values;
  return {
    help,
    json,
    benchmarks: all ? known : positionals,
    rounds: numberOf("rounds", values.rounds),
    soakMinutes: numberOf("soak-minutes", values["soak-minutes"]),
    scenarios: values.scenario.flatMap((names) => names.split(",")),
    driver: values.driver,
    failover: readFailoverSettings(values),
  };
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`--${option} must be 1 to 999, got ${text}`);
  return Number(text);
}

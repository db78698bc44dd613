import { SCENARIOS } from "./scenarios.ts";

/** The two kinds of address. */
export type Family = "ipv4" | "ipv6";

/** How failovers are to be measured; undefined: as they are by default. */
export interface FailoverSettings {
  readonly nodes: number | undefined;
  readonly family: Family | undefined;
  readonly helloIntervalMs: number | undefined;
  /** How long to look on after each step. */
  readonly windowMs: number | undefined;
}

/** Scenarios that run in one lab. */
export interface Part {
  readonly nodes: number;
  /** Undefined: the product's own. */
  readonly helloIntervalMs: number | undefined;
  /** In the order of {@link EXTRAS} and `SCENARIOS`. */
  readonly scenarios: readonly string[];
  /** Undefined: as many as each has by default. */
  readonly rounds: number | undefined;
}

/** What is not told in rounds: how 99 addresses are spread, and a flood of hellos that are none. */
export const EXTRAS = ["spread", "hostile"] as const;

/** The names of everything that can be asked for. */
export const SCENARIO_NAMES: readonly string[] = [...SCENARIOS.map(({ name }) => name), ...EXTRAS];

/** The options of the command line, as they stand there. */
export interface FailoverOptions {
  readonly nodes?: string | undefined;
  readonly family?: string | undefined;
  readonly "hello-interval"?: string | undefined;
  readonly window?: string | undefined;
}

/** @throws {Error} when one of them is wrong; the message names it. */
export function readFailoverSettings(options: FailoverOptions): FailoverSettings {
  const { family } = options;
  if (family !== undefined && family !== "ipv4" && family !== "ipv6") {
    throw new Error(`--family must be ipv4 or ipv6, got ${family}`);
  }
  const seconds = numberOf("window", options.window, 1, 60);
  return {
    nodes: numberOf("nodes", options.nodes, 2, 20),
    family,
    helloIntervalMs: numberOf("hello-interval", options["hello-interval"], 10, 1_000),
    windowMs: seconds === undefined ? undefined : seconds * 1_000,
  };
}

/** What there is to do: which scenarios (none: all), how often, and in one lab or in several. */
export interface Wish {
  readonly scenarios: readonly string[];
  readonly rounds: number | undefined;
  readonly nodes: number | undefined;
  readonly helloIntervalMs: number | undefined;
  /** Of another product, defaults are not known. */
  readonly isForeign: boolean;
}

/** Which labs there are to be, one after the other. */
export function planOf(wish: Wish): readonly Part[] {
  const { rounds, nodes, helloIntervalMs, isForeign } = wish;
  const scenarios = wish.scenarios.length === 0 ? SCENARIO_NAMES : wish.scenarios;
  if (nodes !== undefined || helloIntervalMs !== undefined || isForeign) {
    return [{ nodes: nodes ?? 3, helloIntervalMs, scenarios, rounds }];
  }
  const parts: readonly Part[] = [
    { nodes: 3, helloIntervalMs: undefined, scenarios: SCENARIO_NAMES, rounds },
    { nodes: 3, helloIntervalMs: 10, scenarios: ["crash"], rounds },
    {
      nodes: 9,
      helloIntervalMs: undefined,
      scenarios: ["crash", "stop", "move"],
      rounds: rounds ?? ROUNDS_OF_NINE,
    },
  ];
  return parts
    .map((part) => ({
      ...part,
      scenarios: part.scenarios.filter((each) => scenarios.includes(each)),
    }))
    .filter((part) => part.scenarios.length > 0);
}

const ROUNDS_OF_NINE = 20;

function numberOf(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new Error(`--${option} must be ${least} to ${most}, got ${text}`);
  }
  return value;
}

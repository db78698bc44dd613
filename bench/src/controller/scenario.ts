import type { Findings } from "../report.ts";

/** What a part of the benchmark is told. */
export interface ScenarioContext {
  readonly say: (progress: string) => void;
  /** A program that stands for another controller; undefined: Ingot. */
  readonly driver: string | undefined;
  /** Undefined: as many as the part has by default. */
  readonly rounds: number | undefined;
}

/** A part of the benchmark, in a lab of its own. */
export interface Scenario {
  readonly name: string;
  /** Whether it runs only when it is named. */
  readonly onRequest: boolean;
  run(context: ScenarioContext): Promise<Findings>;
}

/** What several parts found, as one. */
export function joined(parts: ReadonlyMap<string, Findings>): Findings {
  const all = [...parts.values()];
  return {
    notes: all.flatMap(({ notes }) => notes),
    tables: all.flatMap(({ tables }) => tables),
    targets: all.flatMap(({ targets }) => targets),
    figures: Object.fromEntries([...parts].map(([name, { figures }]) => [name, figures])),
  };
}

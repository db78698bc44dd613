import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FailoverSettings } from "./failover/settings.ts";
import { describeMachine, type Load, type Machine, observeLoad, renderMachine } from "./machine.ts";
import { renderTable, type Table } from "./table.ts";
import { renderTarget, type Target } from "./target.ts";

/** What a benchmark found. */
export interface Findings {
  /** Under which conditions, one a line. */
  readonly notes: readonly string[];
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** The figures that the tables and targets were made of, and more; anything JSON can hold. */
  readonly figures: object;
}

/** How to run a benchmark, where it lets one choose. */
export interface Settings {
  /** Undefined: as many as it has by default. */
  readonly rounds?: number | undefined;
  /** Undefined: no soak. */
  readonly soakMinutes?: number | undefined;
  /** Undefined or empty: the parts that it runs by default. */
  readonly scenarios?: readonly string[] | undefined;
  /** A program that stands for another product; undefined: Ingot. */
  readonly driver?: string | undefined;
  /** Undefined: as it is by default. */
  readonly failover?: FailoverSettings | undefined;
}

/** A benchmark of one name; `say` tells how far it got. */
export interface Benchmark {
  readonly name: string;
  /** Names of its parts, if one may choose among them. */
  readonly scenarios?: readonly string[];
  run(say: (progress: string) => void, settings: Settings): Promise<Findings>;
}

/** Findings, and where and when they were made: what a result file holds. */
export interface Report extends Findings {
  readonly benchmark: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Machine;
  /** Of others: looked at when nothing of the benchmark runs, but the average remembers it. */
  readonly load: { readonly before: Load; readonly after: Load };
}

/** Runs a benchmark. @throws {Error} as the benchmark does. */
export async function measure(
  benchmark: Benchmark,
  say: (progress: string) => void,
  settings: Settings = {},
): Promise<Report> {
  const before = await observeLoad();
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const findings = await benchmark.run(
    (progress) => say(`${benchmark.name}: ${progress}`),
    settings,
  );
  const seconds = (performance.now() - start) / 1_000;
  return {
    benchmark: benchmark.name,
    startedAt,
    seconds,
    machine: describeMachine(),
    load: { before, after: await observeLoad() },
    ...findings,
  };
}

/** The report as it is printed. */
export function renderReport(report: Report): string {
  const { benchmark, startedAt, machine, load, notes, tables, targets } = report;
  const head = [
    `=== ${benchmark}, ${startedAt}`,
    renderMachine(machine),
    `before: ${renderLoad(load.before)}; after: ${renderLoad(load.after)}`,
    ...notes,
  ];
  const parts = [head.join("\n"), ...tables.map(renderTable), targets.map(renderTarget).join("\n")];
  return `${parts.join("\n\n")}\n`;
}

/** Writes the report to NAME.json in the folder, which it makes, and returns the file's path. */
export function writeReport(folder: string, report: Report): string {
  const path = join(folder, `${report.benchmark}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`);
  return path;
}

/** What others do goes into every figure, and into each responder's differently. */
function renderLoad({ busy, average }: Load): string {
  const caution = busy > QUIET ? " (others are at work: repeat when they are not)" : "";
  return `CPUs ${Math.round(busy * 100)} % busy${caution}, load average ${average.toFixed(2)}`;
}

const QUIET = 0.1;

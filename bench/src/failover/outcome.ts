import { quantile } from "../statistics.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { Phase } from "./phase.ts";
import type { Round } from "./round.ts";
import type { Expectation, Scenario } from "./scenarios.ts";
import type { Family, Part } from "./settings.ts";

/** A scenario as often as it was told. */
export interface Told {
  readonly part: Part;
  readonly scenario: Scenario;
  readonly rounds: readonly Round[];
  /** Why there are not more rounds; undefined when all were told. */
  readonly brokenBy: string | undefined;
}

/** How long requests stayed unanswered after the first step. */
export function outageTable(all: readonly Told[]): Table {
  return {
    title: "After the first step: longest time in which no request was answered, ms",
    columns: [
      "",
      "rounds",
      "p50",
      "p90",
      "p99",
      "max",
      "lost",
      "failed connections",
      "lost before",
    ],
    rows: each(all, (label, phases) => {
      const outages = phases.map(({ first }) => first.outageMs);
      return [
        label,
        String(phases.length),
        ...quantiles(outages),
        `${sum(phases, ({ first }) => first.lost)} of ${sum(phases, ({ first }) => first.sent)}`,
        `${sum(phases, ({ first }) => first.failedConnections)} of ${sum(phases, ({ first }) => first.connections)}`,
        String(sum(phases, ({ before }) => before.lost)),
      ];
    }),
  };
}

/** Who said that it has the address after the first step. */
export function answersTable(all: readonly Told[]): Table {
  return {
    title:
      "After the first step: longest time without an answer to who asks for the address; two who answer, ms",
    columns: ["", "p50", "p90", "p99", "max", "two at once, p50", "two at once, max"],
    rows: each(all, (label, phases) => {
      const overlaps = phases.map(({ first }) => first.overlapMs);
      return [
        label,
        ...quantiles(phases.map(({ first }) => first.silenceMs)),
        figure(quantile(overlaps, 0.5)),
        figure(quantile(overlaps, 1)),
      ];
    }),
  };
}

/** What became of the address when the node was back. */
export function returnTable(all: readonly Told[]): Table {
  const returning = all.filter(({ scenario }) => scenario.steps.length > 1);
  return {
    title: "After the second step, which brings the node back",
    columns: [
      "",
      "rounds",
      "taken back",
      "other changes",
      "lost",
      "failed connections",
      "two at once, max ms",
    ],
    rows: each(returning, (label, phases) => [
      label,
      String(phases.length),
      String(phases.filter(isTakenBack).length),
      String(phases.filter((each) => isChanged(each) && !isTakenBack(each)).length),
      String(sum(phases, ({ second }) => second?.lost ?? 0)),
      String(sum(phases, ({ second }) => second?.failedConnections ?? 0)),
      figure(Math.max(...phases.map(({ second }) => second?.overlapMs ?? 0))),
    ]),
  };
}

/** What was promised of each scenario. */
export function targetsOf(all: readonly Told[]): readonly Target[] {
  return all.flatMap((told) => {
    const { expectation, steps } = told.scenario;
    const limit = told.part.helloIntervalMs === 10 ? FAST_LIMIT_MS : LIMIT_MS;
    return casesOf(told).flatMap(({ label, phases }) => [
      ...promised(expectation, limit, label, phases),
      ...(steps.length > 1
        ? [target(`${label}, taken back`, "rounds", phases.filter(isTakenBack).length, 0)]
        : []),
    ]);
  });
}

function promised(
  expectation: Expectation,
  limitMs: number,
  label: string,
  phases: readonly Phases[],
): readonly Target[] {
  const firsts = phases.map(({ first }) => first);
  const p99 = (values: readonly number[]) => quantile(values, 0.99);
  if (expectation === "failover") {
    return [target(`${label}, p99`, "ms", p99(firsts.map(({ outageMs }) => outageMs)), limitMs)];
  }
  if (expectation === "silence") {
    const silences = firsts.map(({ silenceMs }) => silenceMs);
    return [target(`${label}, nobody answers, p99`, "ms", p99(silences), limitMs)];
  }
  const lost = sum(phases, ({ first }) => first.lost);
  const failed = sum(phases, ({ first }) => first.failedConnections);
  const overlapMs = Math.max(...firsts.map((first) => first.overlapMs));
  return [
    target(`${label}, lost`, "datagrams", lost, 0),
    target(`${label}, failed`, "connections", failed, 0),
    target(`${label}, two at once, max`, "ms", overlapMs, OVERLAP_LIMIT_MS),
  ];
}

const LIMIT_MS = 400;
const FAST_LIMIT_MS = 100;
const OVERLAP_LIMIT_MS = 50;

interface Phases {
  readonly owner: string;
  readonly before: Phase;
  readonly first: Phase;
  readonly second: Phase | undefined;
}

interface Case {
  readonly label: string;
  readonly phases: readonly Phases[];
}

/** One of each family. */
function casesOf({ part, scenario, rounds }: Told): readonly Case[] {
  const { nodes, helloIntervalMs } = part;
  const hellos = helloIntervalMs === undefined ? "" : `, hellos of ${helloIntervalMs} ms`;
  const families: readonly Family[] = ["ipv4", "ipv6"];
  return families.flatMap((family) => {
    const phases = rounds.flatMap(({ owner, phases: byFamily }) => {
      const [before, first, second] = byFamily[family] ?? [];
      return before === undefined || first === undefined ? [] : [{ owner, before, first, second }];
    });
    if (phases.length === 0) return [];
    const name = family === "ipv4" ? "IPv4" : "IPv6";
    return [{ label: `${scenario.name}, ${name}, ${nodes} nodes${hellos}`, phases }];
  });
}

function each(
  all: readonly Told[],
  row: (label: string, phases: readonly Phases[]) => readonly string[],
): readonly (readonly string[])[] {
  return all.flatMap(casesOf).map(({ label, phases }) => row(label, phases));
}

/** The node that is back has the address again. */
function isTakenBack({ owner, second }: Phases): boolean {
  return second?.holders.slice(1).includes(owner) ?? false;
}

/** Somebody else has the address, at least for a while. */
function isChanged({ second }: Phases): boolean {
  return second !== undefined && second.holders.length > 1;
}

function quantiles(values: readonly number[]): readonly string[] {
  return [0.5, 0.9, 0.99, 1].map((part) => figure(quantile(values, part)));
}

function sum(phases: readonly Phases[], of: (phases: Phases) => number): number {
  return phases.reduce((total, each) => total + of(each), 0);
}

function figure(ms: number): string {
  return ms.toFixed(0);
}

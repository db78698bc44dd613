import { median } from "../statistics.ts";
import type { Table } from "../table.ts";
import { type Target, target } from "../target.ts";
import type { Sender, SenderRound } from "./sender.ts";

/** By name. */
export type SenderName = Sender["name"];

/** All of them, Ingot first. */
export const SENDERS: readonly SenderName[] = ["ingot", "bird", "gobgp", "exabgp"];

/** What was measured with so many routes. */
export interface Part {
  readonly routes: number;
  /** Ingot's first round, in a process that has just started. */
  readonly cold: SenderRound;
  readonly rounds: Readonly<Record<SenderName, readonly SenderRound[]>>;
  /** Octets. */
  readonly peaks: Readonly<Record<string, number>>;
  /** Load average of the minute before each round. */
  readonly loads: readonly number[];
}

/** The part as it is printed: the median of the rounds, and the least. */
export function tablesOf({ routes, cold, rounds, peaks }: Part): readonly Table[] {
  const rows = SENDERS.map((name) => [
    NAMES[name],
    ...MEASURES.map(({ measure }) => cellOf(valuesOf(rounds[name], measure))),
    ((peaks[name] ?? 0) / 2 ** 20).toFixed(0),
  ]);
  const coldRow = [
    "Ingot, first round",
    ...MEASURES.map(({ measure }) => cold[measure]?.toFixed(0) ?? "–"),
    "",
  ];
  return [
    {
      title: `${routes.toLocaleString("en")} routes to BIRD, ms: median (least)`,
      columns: ["sender", ...MEASURES.map(({ column }) => column), "peak MiB"],
      rows: [...rows, coldRow],
    },
  ];
}

/** What was promised of it. */
export function targetsOf({ routes, rounds }: Part): readonly Target[] {
  const of = (name: SenderName, measure: keyof SenderRound) =>
    median(valuesOf(rounds[name], measure));
  const count = routes.toLocaleString("en");
  const announce = of("ingot", "announce");
  // Its last message may wait for seconds: what it is held to is the time of all the others.
  const limit =
    routes === 100_000 ? Math.max(120, Math.round(1.3 * of("bird", "announceMost"))) : 1_000;
  const table = of("ingot", "table");
  return [
    target(`${count} routes in BIRD after announce`, "ms", announce, limit),
    ...(["gobgp", "exabgp"] as const).map((rival) =>
      target(
        `${count} routes from Established on, Ingot's time to that of ${NAMES[rival]}`,
        "x",
        table / of(rival, "table"),
        1,
      ),
    ),
  ];
}

function valuesOf(rounds: readonly SenderRound[], measure: keyof SenderRound): readonly number[] {
  return rounds.flatMap((round) => round[measure] ?? []);
}

function cellOf(values: readonly number[]): string {
  if (values.length === 0) return "–";
  return `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)})`;
}

const NAMES: Readonly<Record<SenderName, string>> = {
  ingot: "Ingot",
  bird: "BIRD",
  gobgp: "GoBGP",
  exabgp: "ExaBGP",
};
const MEASURES: readonly { readonly measure: keyof SenderRound; readonly column: string }[] = [
  { measure: "connect", column: "to Established" },
  { measure: "announceMost", column: "announce 99 %" },
  { measure: "announce", column: "announce all" },
  { measure: "tableMost", column: "table 99 %" },
  { measure: "table", column: "table all" },
  { measure: "withdraw", column: "withdraw all" },
  { measure: "cease", column: "Cease" },
];

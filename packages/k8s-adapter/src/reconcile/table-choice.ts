import type { Eligible, Table } from "@ingot/ownership";
import { isEvacuated } from "./eligibility.ts";

/** What a table is chosen by. */
export interface TableQuestion {
  /** The newest; with no nodes when there is none. */
  readonly table: Table;
  readonly eligible: Eligible;
  /** Who answers, when that is to count: it has been so for a while. */
  readonly holder: string | undefined;
}

/** Nodes that a new table begins with; the rest is chosen by load. */
export interface TableChoice {
  /** The table stays as it is. */
  readonly keep: boolean;
  readonly given: readonly string[];
}

/**
 * Decides how a table goes on. Who holds is first, as long as it may; then who is listed first and
 * may. What is evacuated comes last, and is first only where nobody else may.
 */
export function chooseTable({ table, eligible, holder }: TableQuestion): TableChoice {
  const wanted = (node: string) => {
    const score = eligible.get(node);
    return score !== undefined && !isEvacuated(score);
  };
  const someWanted = [...eligible.keys()].some(wanted);
  const may = someWanted ? wanted : (node: string) => eligible.has(node);
  const listed = table.nodes.filter(may);
  const [first] = listed;
  const head = holder !== undefined && may(holder) ? holder : first;
  if (head !== undefined && head === table.nodes[0]) return { keep: true, given: [] };
  if (head === undefined) return { keep: false, given: [] };
  return { keep: false, given: [head, ...listed.filter((node) => node !== head)].slice(0, DEPTH) };
}

/** How many nodes a table lists. */
export const DEPTH = 3;

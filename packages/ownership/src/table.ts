/** The controller's decision for one group: who is to answer, and who after whom. */
export interface Table {
  /** Grows with every decision; 0 is no decision at all. */
  readonly epoch: number;
  /** Names of nodes, the one that is to answer first. */
  readonly nodes: readonly string[];
}

/** What stands in for a decision where there is none: no node comes before another. */
export const NO_TABLE: Table = { epoch: 0, nodes: [] };

/** Text that is no table, and why. */
export class TableSyntaxError extends Error {
  override readonly name = "TableSyntaxError";

  constructor(problem: string, text: string) {
    super(`${problem} in the table ${JSON.stringify(text)}`);
  }
}

/**
 * Reads `"7:n2,n3,n1"`: an epoch and at least one node.
 *
 * @throws {TableSyntaxError} when it is written otherwise, or names a node twice.
 */
export function parseTable(text: string): Table {
  const [, epochText, list] = /^([0-9]{1,10}):(.*)$/.exec(text) ?? [];
  if (epochText === undefined || list === undefined) {
    throw new TableSyntaxError("no epoch and colon", text);
  }
  const epoch = Number(epochText);
  if (epoch > MOST) throw new TableSyntaxError("epoch above 4294967295", text);
  const nodes = list.split(",");
  const bad = nodes.find((node) => !isNodeName(node));
  if (bad !== undefined) throw new TableSyntaxError(`no node name ${JSON.stringify(bad)}`, text);
  if (new Set(nodes).size < nodes.length) throw new TableSyntaxError("node named twice", text);
  if (nodes.length > MOST_NODES) throw new TableSyntaxError("more than 16 nodes", text);
  return { epoch, nodes };
}

/** The text that {@link parseTable} reads. */
export function formatTable(table: Table): string {
  return `${table.epoch}:${table.nodes.join(",")}`;
}

/**
 * The epoch of the next decision: one more than the previous, and at least the time, so that it grows
 * even when a Service was deleted, made again, and nobody remembers its last one.
 *
 * @param unixSeconds now, whole or not.
 * @throws {RangeError} when `previous` is the last one that fits in 32 bits.
 */
export function nextEpoch(previous: number, unixSeconds: number): number {
  const epoch = Math.max(previous + 1, Math.floor(unixSeconds));
  if (epoch <= MOST) return epoch;
  throw new RangeError(`epoch must fit in 32 bits, got ${epoch}`);
}

/** The one with the higher epoch; the first when they are of one epoch. */
export function newer(one: Table, other: Table): Table {
  return other.epoch > one.epoch ? other : one;
}

/** Whether a text can name a node here: 1 to 253 printable ASCII characters, none a space, comma or colon. */
export function isNodeName(text: string): boolean {
  return /^[!-+\--9;-~]{1,253}$/.test(text);
}

/** How many nodes a table names at most. */
export const MOST_NODES = 16;

const MOST = 0xffff_ffff;

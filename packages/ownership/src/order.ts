import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Table } from "./table.ts";

/** Nodes that may answer for a group, each with its preference score; the larger is preferred. */
export type Eligible = ReadonlyMap<string, number>;

/**
 * Who is to answer for a group, and who when that one cannot: the table's nodes as it lists them, then
 * all other eligible ones by score, then by SHA-256 as MetalLB elects. Nodes that are not eligible are
 * left out, listed or not.
 *
 * @param address the group's first, in canonical text: it alone is hashed, as with MetalLB.
 */
export function order(address: string, table: Table, eligible: Eligible): readonly string[] {
  return [...inOrder(table, eligible, () => rank(address, eligible))];
}

/** As {@link order}, one by one: the nodes that no table lists are only ranked when asked for. */
export function* inOrder(
  table: Table,
  eligible: Eligible,
  ranked: () => readonly string[],
): Generator<string, void, undefined> {
  for (const node of table.nodes) if (eligible.has(node)) yield node;
  for (const node of ranked()) if (!table.nodes.includes(node)) yield node;
}

/** All eligible nodes by score, then by SHA-256: the order without a table. */
export function rank(address: string, eligible: Eligible): readonly string[] {
  const entries = Array.from(eligible, ([node, score]) => ({
    node,
    score,
    digest: digestOf(node, address),
  }));
  entries.sort((one, other) => other.score - one.score || compare(one.digest, other.digest));
  return entries.map(({ node }) => node);
}

/**
 * Whether one node comes before another for an address when claims are equal. Neither scores nor
 * eligibility count: both come from the API, and nodes may differ about them for a while.
 */
export function comesBefore(one: string, other: string, address: string, table: Table): boolean {
  const places = [one, other].map((node) => {
    const place = table.nodes.indexOf(node);
    return place < 0 ? table.nodes.length : place;
  });
  const [mine = 0, theirs = 0] = places;
  if (mine !== theirs) return mine < theirs;
  return compare(digestOf(one, address), digestOf(other, address)) < 0;
}

/** As hexadecimal text, which sorts as its octets do. */
function digestOf(node: string, address: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${node}#${address}`)));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

import { comesBefore } from "./order.ts";
import type { Table } from "./table.ts";

/** What a node says of an address that it answers for. */
export interface Claim {
  /** That of the table it was made by, or of the claim that it succeeds. */
  readonly epoch: number;
  /** Counts the successions within an epoch. */
  readonly term: number;
  /** The newest table that the claimant knows; carried along, so that those without the API learn it. */
  readonly table: Table;
  /**
   * `held`: it answers. `released`: it still answers, and waits for a successor. `conflicted`: a host
   * that is none of ours has the address, so it is silent and looks again now and then.
   */
  readonly state: "held" | "released" | "conflicted";
  /** Taken from a holder that was silent: nobody takes it for the same reason again. */
  readonly isForSilence: boolean;
  /**
   * Taken from another by a node that heard nobody, and so may have been cut off itself: of equal claims
   * the other one stays.
   */
  readonly isAlone: boolean;
}

/**
 * Whether one node's claim goes before another's for the same address. Compared in this order: held or
 * conflicted before released, larger epoch, larger term, not alone before alone, newer table; then who
 * comes first in that table's order. Of two different nodes exactly one outranks the other.
 */
export function outranks(one: Claimed, other: Claimed, address: string): boolean {
  return compareClaims(one, other, address) > 0;
}

/** A claim and who makes it. */
export interface Claimed {
  readonly node: string;
  readonly claim: Claim;
}

function compareClaims(one: Claimed, other: Claimed, address: string): number {
  const [a, b] = [one.claim, other.claim];
  const byRank =
    Number(a.state !== "released") - Number(b.state !== "released") ||
    a.epoch - b.epoch ||
    a.term - b.term ||
    Number(b.isAlone) - Number(a.isAlone) ||
    a.table.epoch - b.table.epoch;
  if (byRank !== 0 || one.node === other.node) return byRank;
  return comesBefore(one.node, other.node, address, a.table) ? 1 : -1;
}

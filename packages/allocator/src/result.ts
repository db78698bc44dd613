import type { Family } from "./address.ts";

/** What an owner holds. */
export interface Assignment {
  readonly pool: string;
  /** Canonical text, in the order asked. */
  readonly addresses: readonly string[];
}

/** The answer to a request. One that failed has changed nothing. */
export type AllocationResult =
  | { readonly ok: true; readonly assignment: Assignment }
  | { readonly ok: false; readonly reason: AllocationFailure; readonly message: string };

/**
 * Why a request failed.
 *
 * - `invalid`: a text is not an address
 * - `family`: not one address, or one of each family; or the pool has no range of a family
 * - `unknown-pool`: there is no pool of that name
 * - `not-in-a-pool`: no pool contains the address
 * - `avoided`: the pool contains it but avoids it (`avoidBuggyIPs`)
 * - `different-pools`: the addresses are of two pools, or of another pool than asked for
 * - `in-use`: somebody holds the address and it cannot be shared on these terms
 * - `exhausted`: the pool has no address left that is free or can be shared on these terms
 *
 * Only the last two can pass by themselves, when an address is released.
 */
export type AllocationFailure =
  | "invalid"
  | "family"
  | "unknown-pool"
  | "not-in-a-pool"
  | "avoided"
  | "different-pools"
  | "in-use"
  | "exhausted";

/** A request that failed, with a message for people. */
export type Refusal = Extract<AllocationResult, { ok: false }>;

/** Says no. */
export function refuse(reason: AllocationFailure, message: string): Refusal {
  return { ok: false, reason, message };
}

/** The answer to an empty list. */
export const nothingAsked: Refusal = refuse("family", "no address asked for");

/** Refuses anything but one address, or one of each family. */
export function checkFamilies(families: readonly Family[]): Refusal | undefined {
  const first = families[0];
  if (first === undefined) return nothingAsked;
  if (families.length > 2) return refuse("family", "more than two addresses asked for");
  if (first === families[1]) return refuse("family", `two IPv${first} addresses asked for`);
  return undefined;
}

import type { Ipv6Address } from "./address.ts";

/**
 * How far an address has come: asked for in silence, asked for while it is answered for already,
 * claimed, or given up to another host for now.
 */
export type AddressState = "probing" | "optimistic" | "claimed" | "conflicted";

/** An announced address, as the announcer keeps it. */
export interface Claim {
  readonly address: Ipv6Address;
  state: AddressState;
  /** Whether it was given up before, so that getting it is a return. */
  isReturning: boolean;
  probesLeft: number;
  /** Those of its probes since it was last begun with. */
  nonces: readonly number[];
  /** When its schedule of unsolicited advertisements closes. */
  until: number;
  defendedAt: number;
  /** When another claimed it last, while it was kept. */
  contestedAt: number;
  /** What happens to it next; jobs that were replaced are not here any more. */
  job: Job | undefined;
  /** The same beside it: the next `check`. */
  check: Job | undefined;
}

/** Something to be done for an address at its time, and in its turn if it sends a frame. */
export interface Job {
  readonly claim: Claim;
  readonly step: Step;
  readonly due: number;
  readonly priority: number;
}

/**
 * What a job does:
 * - `probe` asks who has the address, `settle` claims it after the last probe, `retry` probes again
 *   after a conflict;
 * - `first` sends the first unsolicited advertisement, `repeat` a later one within the schedule,
 *   `refresh` one after it;
 * - `check` asks who else has the address while it is claimed here.
 */
export type Step = "probe" | "settle" | "retry" | "first" | "repeat" | "refresh" | "check";

import type { OmittedRule } from "./claim.ts";
import type { Keyring } from "./seal.ts";
import { isNodeName } from "./table.ts";

/** Who a node is, and how it watches the others. Times are milliseconds. */
export interface OwnershipOptions {
  /** The node's name; 1 to 253 printable ASCII characters, none a space, comma or colon. */
  readonly node: string;
  /** Tells this run from any other of this node: Unix milliseconds at its start. */
  readonly boot: number;
  /** What hellos are sealed with, and read by. */
  readonly keys: Keyring;
  /** Numbers from 0 to below 1 that nobody can guess. */
  readonly random: () => number;
  /** Between two hellos; 10 to 1,000, by default 75. Stretched when there are many peers, or own timers are late. */
  readonly helloIntervalMs?: number;
  /** How many intervals of silence make a peer suspect; 2 to 20, by default 3. */
  readonly helloMultiplier?: number;
  /** How large a datagram may get; 512 to 65,000, by default 1,200. */
  readonly datagramBytes?: number;
  /** What to do about holders: nothing, `report` those that do not answer neighbours, or `take-over` (the default). */
  readonly proof?: "off" | "report" | "take-over";
  /** @internal */
  readonly omit?: OmittedRule | undefined;
}

/** The options with every default filled in. */
export type CompleteOptions = Required<OwnershipOptions>;

/**
 * Fills in defaults.
 *
 * @throws {RangeError} when an option is out of its range; the message names it and its value.
 */
export function complete(options: OwnershipOptions): CompleteOptions {
  const all = {
    helloIntervalMs: 75,
    helloMultiplier: 3,
    datagramBytes: 1_200,
    proof: "take-over" as const,
    omit: undefined,
    ...options,
  };
  if (!isNodeName(all.node)) {
    throw new RangeError(`node must be a node's name, got ${JSON.stringify(all.node)}`);
  }
  checkRange("boot", all.boot, 0, 2 ** 48 - 1);
  checkRange("helloIntervalMs", all.helloIntervalMs, 10, 1_000);
  checkRange("helloMultiplier", all.helloMultiplier, 2, 20);
  checkRange("datagramBytes", all.datagramBytes, 512, 65_000);
  if (!["off", "report", "take-over"].includes(all.proof)) {
    throw new RangeError(`proof must be one of off, report, take-over, got ${all.proof}`);
  }
  return all;
}

function checkRange(option: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${option} must be from ${least} to ${most}, got ${value}`);
}

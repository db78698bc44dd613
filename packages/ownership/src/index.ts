export { type AssignOptions, adopt, assign, type Tables } from "./assign.ts";
export type { ClaimCause, StopCause } from "./claim.ts";
export type { Fact, NodeOutput, Rejection } from "./facts.ts";
export type { Group } from "./group.ts";
export type { AssignableGroup, AssignableNode } from "./loads.ts";
export { type NodeInput, OwnershipNode } from "./node.ts";
export type { OwnershipOptions } from "./options.ts";
export { type Eligible, order } from "./order.ts";
export type { LinkCounts, LinkState } from "./peers.ts";
export type { Claim, Claimed } from "./precedence.ts";
export { type Move, rebalance } from "./rebalance.ts";
export { Keyring } from "./seal.ts";
export { Seating } from "./seating.ts";
export {
  formatTable,
  NO_TABLE,
  newer,
  nextEpoch,
  parseTable,
  type Table,
  TableSyntaxError,
} from "./table.ts";

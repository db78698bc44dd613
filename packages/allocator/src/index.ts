export { type Address, type Family, parseAddress } from "./address.ts";
export {
  type AllocationRequest,
  Allocator,
  type ClaimOptions,
  type Eviction,
} from "./allocator.ts";
export { findOverlap, type Overlap, type PoolOptions } from "./entries.ts";
export type { PoolStats } from "./pool.ts";
export { type AddressRange, type Interval, parseRange } from "./range.ts";
export type { AllocationFailure, AllocationResult, Assignment } from "./result.ts";
export type { Sharing } from "./slot.ts";

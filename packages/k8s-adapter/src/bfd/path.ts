import type { BfdSessionOptions } from "@ingot/bfd";
import type { BfdTiming } from "../domain.ts";

/** The way to a peer, by its ends. */
export interface BfdPath {
  readonly localAddress: string;
  readonly remoteAddress: string;
  /** Whether there may be routers between. */
  readonly multiHop: boolean;
}

/** A way to a peer, and how BFD watches over it. */
export interface WatchedPath extends BfdPath {
  readonly timing: BfdTiming;
}

/**
 * How it is with a path: `up` at both ends, `failed` after that, or `off`, of which nothing follows: it
 * never was up, or one of the ends does not want to watch it any more.
 */
export type PathState = "up" | "failed" | "off";

/** A path has come to another state. */
export interface PathChange {
  /** As {@link pathKey} has it. */
  readonly key: string;
  readonly state: PathState;
  /** In a few words, unless it is up. */
  readonly reason: string;
}

/** What the session of a path did since it was opened. */
export interface PathCounters {
  /** As {@link pathKey} has it. */
  readonly key: string;
  readonly controlReceived: number;
  readonly controlSent: number;
  readonly echoReceived: number;
  readonly echoSent: number;
  readonly ups: number;
  readonly downs: number;
}

/** Differs for different paths. */
export function pathKey({ localAddress, remoteAddress, multiHop }: BfdPath): string {
  return `${localAddress} ${remoteAddress}${multiHop ? " multihop" : ""}`;
}

/** The options of a path's session; as in FRR, there is no echo over several hops. */
export function sessionOptions(path: WatchedPath): BfdSessionOptions {
  const { localAddress, remoteAddress, multiHop, timing } = path;
  const { transmitIntervalMs, receiveIntervalMs, detectMultiplier } = timing;
  const { passive, echo, echoIntervalMs, minTtl } = timing;
  return {
    localAddress,
    remoteAddress,
    transmitIntervalMs,
    receiveIntervalMs,
    detectMultiplier,
    passive,
    ...(multiHop ? { multihop: true, minTtl } : { echo, echoIntervalMs }),
  };
}

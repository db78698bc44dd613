import type { PathChange, PathCounters, WatchedPath } from "../bfd/path.ts";
import type { SpeakerInterface } from "../domain.ts";

/** One address to answer for. */
export interface Announcement {
  readonly address: string;
  /** Exact names; empty: every interface that can. */
  readonly interfaces: readonly string[];
}

/** All that is to be answered for. */
export interface DesiredState {
  readonly type: "desired";
  readonly announcements: readonly Announcement[];
}

/** All that BFD is to watch over. */
export interface DesiredPaths {
  readonly type: "watch";
  readonly paths: readonly WatchedPath[];
}

/** What the main thread tells the worker: always the whole of what is desired. */
export type MainMessage = DesiredState | DesiredPaths;

/** What the worker is started with. */
export interface WorkerTask {
  /** Patterns of the names of interfaces on which nothing is announced. */
  readonly excludedInterfaces: readonly string[];
  /** Between two repetitions of the gratuitous packets of every announced address; 0: none. */
  readonly refreshMs: number;
}

/** Counters of one address since the worker started, summed over interfaces. */
export interface AddressCounters {
  readonly address: string;
  readonly requestsReceived: number;
  readonly responsesSent: number;
  readonly gratuitousSent: number;
  /** Packets in which others claimed it. */
  readonly conflicts: number;
}

/** Another host claims an address that is announced here. */
export interface ConflictSighting {
  readonly address: string;
  /** The other's hardware address. */
  readonly mac: string;
  /** Where it was heard. */
  readonly interface: string;
  /** Whether this node answers for the address all the same. */
  readonly kept: boolean;
}

/** What the worker tells the main thread: changes. */
export type WorkerMessage =
  | { readonly type: "ready" }
  /** The interfaces that can announce now. */
  | { readonly type: "interfaces"; readonly interfaces: readonly SpeakerInterface[] }
  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  | { readonly type: "kernelAnswers"; readonly addresses: readonly string[] }
  | { readonly type: "counters"; readonly counters: readonly AddressCounters[] }
  /** The desired paths have been taken in, and those that are gone have been taken leave of. */
  | { readonly type: "watching" }
  | { readonly type: "path"; readonly change: PathChange }
  | { readonly type: "pathCounters"; readonly counters: readonly PathCounters[] }
  /** At most one a second for each address. */
  | { readonly type: "conflict"; readonly sighting: ConflictSighting }
  /** It can never work as things are, in one sentence: a capability is missing. */
  | { readonly type: "unable"; readonly reason: string }
  /** Something that an operator should know. */
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly fields: object;
      readonly message: string;
    };

import type { Fact, Group } from "@ingot/ownership";
import type { PathChange, PathCounters, WatchedPath } from "../bfd/path.ts";
import type { SpeakerInterface } from "../domain.ts";
import type { Ownership, SpeakerOptions } from "../options.ts";

/** How speakers settle among themselves who answers. */
export interface OwnershipTask
  extends Pick<
    SpeakerOptions,
    "helloPort" | "helloIntervalMs" | "helloMultiplier" | "helloUnicast" | "proof"
  > {
  /** This node. */
  readonly node: string;
  readonly mode: Ownership;
}

/** Addresses that one node is to answer for, whichever it is. */
export interface DesiredGroup extends Group {
  /** Where this node answers when it is the one: exact names; empty: every interface that can. */
  readonly places: readonly string[];
}

/** All groups that there are, and how the speakers talk about them. */
export interface DesiredState {
  readonly groups: readonly DesiredGroup[];
  /** What hellos are sealed with; the first seals, all are accepted. None: there is no key yet. */
  readonly secrets: readonly Uint8Array[];
  /** Addresses of the other nodes. */
  readonly neighbours: readonly string[];
}

/** The same, as far as it differs from what the worker was told before. */
export interface DesiredChange extends DesiredState {
  readonly type: "desired";
  /** Names of groups that there are no longer. */
  readonly gone: readonly string[];
}

/** All that BFD is to watch over. */
export interface DesiredPaths {
  readonly type: "watch";
  readonly paths: readonly WatchedPath[];
}

/** What the main thread tells the worker; the first time after its start the whole of what is desired. */
export type MainMessage =
  | DesiredChange
  | DesiredPaths
  /** Hand everything over; {@link WorkerMessage} `left` tells when that is done. */
  | { readonly type: "leave" };

/** What the worker is started with. */
export interface WorkerTask {
  /** Patterns of the names of interfaces on which nothing is announced. */
  readonly excludedInterfaces: readonly string[];
  /** Between two repetitions of the gratuitous packets of every announced address; 0: none. */
  readonly refreshMs: number;
  readonly ownership: OwnershipTask;
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

/** What came of ownership, in its order. */
export interface OwnershipNews {
  /** Addresses that this node answers for from now on. */
  readonly answering: readonly string[];
  /** Those that it no longer answers for. */
  readonly silenced: readonly string[];
  /** When, in milliseconds; to be compared with other news of the same worker alone. */
  readonly at: number;
  readonly facts: readonly Fact[];
}

/** Another speaker on one interface, and how many of its hellos came. */
export interface HelloCounters {
  readonly node: string;
  readonly interface: string;
  readonly heard: number;
  /** By the intervals that it announced. */
  readonly expected: number;
}

/** Counters of ownership since the worker started. */
export interface OwnershipCounters {
  readonly received: number;
  readonly rejected: readonly (readonly [reason: string, count: number])[];
  readonly peers: readonly HelloCounters[];
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
  | { readonly type: "ownership"; readonly news: OwnershipNews }
  | { readonly type: "ownershipCounters"; readonly counters: OwnershipCounters }
  /** Everything is handed over. */
  | { readonly type: "left" }
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

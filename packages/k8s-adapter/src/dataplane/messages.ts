import type { SpeakerInterface } from "../domain.ts";

/** One address to answer for. */
export interface Announcement {
  readonly address: string;
  /** Exact names; empty: every interface that can. */
  readonly interfaces: readonly string[];
}

/** What the main thread tells the worker: always the whole desired state. */
export interface DesiredState {
  readonly type: "desired";
  readonly announcements: readonly Announcement[];
}

/** What the worker is started with. */
export interface WorkerTask {
  /** Patterns of the names of interfaces on which nothing is announced. */
  readonly excludedInterfaces: readonly string[];
  /** Between two repetitions of the gratuitous ARP of every announced address; 0: none. */
  readonly arpRefreshMs: number;
}

/** Counters of one address since the worker started, summed over interfaces. */
export interface AddressCounters {
  readonly address: string;
  readonly requestsReceived: number;
  readonly responsesSent: number;
  readonly gratuitousSent: number;
}

/** What the worker tells the main thread: changes. */
export type WorkerMessage =
  | { readonly type: "ready" }
  /** The interfaces that can announce now. */
  | { readonly type: "interfaces"; readonly interfaces: readonly SpeakerInterface[] }
  /** IPv4 addresses of this host for which its kernel answers ARP on an announcing interface. */
  | { readonly type: "kernelAnswers"; readonly addresses: readonly string[] }
  | { readonly type: "counters"; readonly counters: readonly AddressCounters[] }
  /** It can never work as things are, in one sentence: a capability is missing. */
  | { readonly type: "unable"; readonly reason: string }
  /** Something that an operator should know. */
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly fields: object;
      readonly message: string;
    };

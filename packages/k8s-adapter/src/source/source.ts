import type { OwnershipKeys } from "../config/ownership-key.ts";
import type { ConfigurationReport } from "../configuration-state.ts";
import type { Key, Kind, Kinds, ObjectError, PoolCounters, SpeakerInterface } from "../domain.ts";
import type { LeaseStore } from "../leader-election.ts";
import type { ServiceStatuses } from "./service-statuses.ts";

/**
 * What a source tells. Per kind: any number of `put`, `delete` and `rejected`, one `synced` when
 * all that existed at the start was told, then changes as they come. A relist is told as its
 * differences alone.
 */
export type SourceEvent =
  | {
      readonly [K in Kind]: { readonly type: "put"; readonly kind: K; readonly record: Kinds[K] };
    }[Kind]
  | { readonly type: "delete"; readonly kind: Kind; readonly key: Key }
  /** The object exists but is broken: its last good record, if any, stays in force. */
  | { readonly type: "rejected"; readonly error: ObjectError }
  | { readonly type: "synced"; readonly kind: Kind }
  /** Whether what is told about a kind is current; `false` while it cannot be reached. */
  | {
      readonly type: "connection";
      readonly kind: Kind;
      readonly connected: boolean;
      /** Why not, in one sentence; empty when connected. */
      readonly reason: string;
    };

/** What is to be written to one Service. */
export interface ServiceStatus {
  readonly key: Key;
  /** Precondition; a write against another version answers `conflict`. */
  readonly resourceVersion: string;
  /** What `status.loadBalancer.ingress` becomes, in this order; empty clears it. */
  readonly addresses: readonly string[];
  /** Annotations to set, or with `null` to remove, in the same write. */
  readonly annotations: Readonly<Record<string, string | null>>;
  /** The write is over by then, or is given up; absent: whenever. */
  readonly withinMs?: number;
}

/** `conflict`: the object changed meanwhile, its fresh form is on its way as an event. */
export type WriteResult = "written" | "conflict" | "gone";

/** What is to be written to one IPAddressPool. */
export interface PoolStatus {
  readonly key: Key;
  readonly counters: PoolCounters;
}

/** What the reservations of one IPAddressPool become. */
export interface ReservationsWrite {
  readonly key: Key;
  /** Precondition; a write against another version answers `conflict`. */
  readonly resourceVersion: string;
  /** Of its annotation `ingot.dev/reservations`; empty: there is none. */
  readonly text: string;
}

/** What the Secret `ingot-ownership-key` becomes. */
export interface OwnershipKeyWrite extends OwnershipKeys {
  /** Precondition; undefined: there must be none yet. */
  readonly resourceVersion: string | undefined;
}

/** An Event on a Service; its source is the program that writes it. */
export interface ServiceEvent {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The sign of life of this node, as it is to be written. */
export interface SpeakerLease {
  readonly node: string;
  readonly durationMs: number;
  readonly interfaces: readonly SpeakerInterface[];
  /** Addresses that another host claims as well; undefined: none. */
  readonly conflicts?: readonly string[];
}

/** Where the world comes from and where results go: the Kubernetes API, or a folder of manifests. */
export interface Source {
  /** In words, for logs: `kubernetes https://10.0.0.1:6443` or `folder manifests`. */
  readonly description: string;
  /** Settles which of several controllers acts; undefined: there is only one. */
  readonly leaderLease: LeaseStore | undefined;
  /** Begins to watch. `listen` is called from the event loop, never from within `start`. */
  start(kinds: readonly Kind[], listen: (event: SourceEvent) => void): void;
  /**
   * Resolves when everything is told that was there when it was called, however late a watch is; when
   * the source is closed, too.
   */
  refresh(): Promise<void>;
  /** @throws {Error} when the write failed for another reason than the results name. */
  writeServiceStatus(status: ServiceStatus): Promise<WriteResult>;
  /** @throws {Error} when the write failed for another reason than the results name. */
  writePoolStatus(status: PoolStatus): Promise<WriteResult>;
  /** @throws {Error} when the write failed for another reason than the results name. */
  writeReservations(write: ReservationsWrite): Promise<WriteResult>;
  /** Has others answer for what a node answers for, or no longer. @throws {Error} when it could not be written. */
  markEvacuated(node: string, evacuated: boolean): Promise<void>;
  /** @throws {Error} when the write failed for another reason than the results name. */
  writeOwnershipKey(write: OwnershipKeyWrite): Promise<WriteResult>;
  /**
   * What is wrong with the configuration; the source sees to it that it is said, and says it again
   * when that is undone. Undefined: somebody else says it from now on.
   */
  reportConfiguration(report: ConfigurationReport | undefined): void;
  /** What a node says about the Services that it announces. */
  serviceStatuses(node: string): ServiceStatuses;
  /**
   * Resolves when there is room for more, mostly before the event is written. Never rejects: one that
   * cannot be written is logged and dropped.
   */
  emitEvent(event: ServiceEvent): Promise<void>;
  /** Creates or renews this node's sign of life. @throws {Error} when it could not be written. */
  renewSpeaker(lease: SpeakerLease): Promise<void>;
  /** Says goodbye; the record stays with `held` false. @throws {Error} when it could not be written. */
  releaseSpeaker(node: string): Promise<void>;
  /** Takes back what was said about Services, stops watching and closes its connections. */
  close(): Promise<void>;
}

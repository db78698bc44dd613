import type { ClaimCause, StopCause } from "./claim.ts";
import type { LinkState } from "./peers.ts";

/** Something worth a metric, a log line or an event. */
export type Fact =
  /** This node answers from now on; `from` is who did so before, as far as is known. */
  | {
      readonly kind: "claimed";
      readonly address: string;
      readonly cause: ClaimCause;
      readonly from: string | undefined;
    }
  /** This node no longer answers; `to` is who does, as far as is known. */
  | {
      readonly kind: "stopped";
      readonly address: string;
      readonly cause: StopCause;
      readonly to: string | undefined;
    }
  /** A peer's hellos arrive, or no longer do. `silentMs` is how long it was not heard before. */
  | {
      readonly kind: "peer";
      readonly node: string;
      readonly interface: string;
      readonly state: LinkState;
      readonly silentMs: number;
    }
  /** A host that is no speaker has the address: it was defended, or is left to that host for now. */
  | {
      readonly kind: "conflict";
      readonly address: string;
      readonly mac: number;
      readonly isKept: boolean;
    }
  /** The stranger is gone, and the address is answered for again. */
  | { readonly kind: "resumed"; readonly address: string }
  /** The holder's hellos arrive, but it does not answer for the address. */
  | { readonly kind: "silent"; readonly address: string; readonly holder: string }
  /** It does. */
  | { readonly kind: "proven"; readonly address: string; readonly holder: string }
  /** Another hardware address answers besides the holder. */
  | {
      readonly kind: "doubled";
      readonly address: string;
      readonly holder: string;
      readonly mac: number;
    }
  /** This node was not run in time; peers are told to expect its hellos `intervalMs` apart. */
  | { readonly kind: "late"; readonly lateMs: number; readonly intervalMs: number }
  /** An address of a group could not be read; the group is left out. */
  | { readonly kind: "unreadable"; readonly group: string; readonly text: string };

/** Why a datagram changed nothing. */
export type Rejection =
  | "malformed"
  | "unknown-key"
  | "own"
  | "replayed"
  | "forged"
  /** Of a run of a peer that has not proven yet that it is no recording. */
  | "unproven";

/** What an {@link OwnershipNode} wants done. */
export type NodeOutput =
  /** Send by `interface`: to the endpoint that a datagram was said to be from, or to all. */
  | {
      readonly type: "send";
      readonly interface: string;
      readonly to: string | undefined;
      readonly bytes: Uint8Array;
    }
  /**
   * Answer for it. `off`: tell the neighbours at once; `optimistic`: when two probes within 60 ms stayed
   * unanswered; `first`: do not even answer before. What answers a probe comes back as `foreign`.
   */
  | {
      readonly type: "start";
      readonly address: string;
      readonly probe: "off" | "optimistic" | "first";
    }
  | { readonly type: "stop"; readonly address: string }
  /** Tell the neighbours again. */
  | { readonly type: "gratuitous"; readonly address: string }
  /** Ask as a neighbour would; answers come back as `answered`. `mac` is the holder's, if known. */
  | {
      readonly type: "ask";
      readonly interface: string;
      readonly address: string;
      readonly mac: number | undefined;
    }
  | { readonly type: "fact"; readonly fact: Fact }
  /** After `shutdown`: nothing is held any more, and the node may end. */
  | { readonly type: "done" };

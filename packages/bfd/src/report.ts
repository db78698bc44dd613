import type { DiscardCounters, DiscardReason } from "./reception.ts";
import type { BfdSource } from "./socket.ts";
import type { BfdState, DownReason } from "./state.ts";

/** Why a session that was up is up no longer. */
export interface BfdLoss {
  readonly reason: DownReason;
  /** False when one of the ends was switched off: no reason to give up what runs over the path. */
  readonly isFailure: boolean;
}

/** The states of both ends, the neighbour's as it says; `down` while it is not heard. */
export interface BfdStates {
  readonly local: BfdState;
  readonly remote: BfdState;
}

/** What a session tells. */
export interface BfdSessionEvents {
  up: [];
  /** It was up. One that never was tells nothing, so that nobody takes it for a failure. */
  down: [loss: BfdLoss];
  /** Either end's state has changed; before `up` and `down`. */
  state: [states: BfdStates];
  /** A packet of this session was not accepted. It is counted, too. */
  discarded: [reason: DiscardReason];
}

/** What a speaker tells. */
export interface BfdSpeakerEvents {
  /** A packet that belongs to no session was not accepted. It is counted, too. */
  discarded: [reason: DiscardReason, from: BfdSource];
}

/** What a session did since it was opened. */
export interface BfdCounters {
  /** Accepted control packets. */
  readonly controlReceived: number;
  readonly controlSent: number;
  /** Our echo packets that came back. */
  readonly echoReceived: number;
  readonly echoSent: number;
  /** Packets of either kind that the socket did not take. */
  readonly dropped: number;
  /** How often the session came up, and how often it went from up. */
  readonly ups: number;
  readonly downs: number;
  readonly discarded: DiscardCounters;
}

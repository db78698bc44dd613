import type { ArpDecodeError } from "./packet.ts";

/** What happened for one address since it was announced. */
export interface AddressCounters {
  /** Requests that were to be answered. */
  readonly requestsReceived: number;
  /** Answers that the socket took. */
  readonly responsesSent: number;
  /** Gratuitous packets that the socket took: two a round, and defences. */
  readonly gratuitousSent: number;
  /** Probes that the socket took. */
  readonly probesSent: number;
  /** Packets of others that claim it, or probe for it while it is probed for here. */
  readonly conflicts: number;
  /** Defences that the socket took. */
  readonly defences: number;
}

/** What happened to frames on the interface, whatever their address. */
export interface FrameCounters {
  /** Frames received that changed nothing: about no announced address, not for us, nothing new. */
  readonly ignored: number;
  /** Frames received that are short, or about an announced address and no ARP packet. */
  readonly malformed: number;
  /** Frames to send that the socket dropped. */
  readonly dropped: number;
}

/** A request that was answered, in text; `senderAddress` is 0.0.0.0 in a probe. */
export interface AnsweredRequest {
  readonly address: string;
  readonly senderAddress: string;
  readonly senderMac: string;
}

/** Another host that has an announced address, or wants it as much. */
export interface AddressConflict {
  readonly address: string;
  /** The other's hardware address. */
  readonly mac: string;
  /** Whether the address was still probed for, or claimed. */
  readonly during: "probe" | "claim";
  /** Whether it stays claimed all the same; otherwise it is not answered for until `resumed`. */
  readonly isKept: boolean;
}

/** Events of an {@link ArpResponder}. */
export interface ArpResponderEvents {
  /** Told after the reply was sent. Costs nothing while nobody listens. */
  answered: [request: AnsweredRequest];
  /** An address is announced: at once, or when nobody answered its probes. */
  claimed: [address: string];
  /** Told once, and again when it goes on for longer than `defendIntervalMs` or a retry fails. */
  conflict: [conflict: AddressConflict];
  /** An address that was given up is free, and announced again. */
  resumed: [address: string];
  /** A frame that could not be read; counted, and otherwise ignored. */
  malformed: [error: ArpDecodeError];
}

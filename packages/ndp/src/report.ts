import type { FrameEvents } from "./frame-port.ts";

/** What happened for one address since it was announced. */
export interface AddressCounters {
  /** Solicitations that were to be answered. */
  readonly solicitationsReceived: number;
  /** Answers that the socket took. */
  readonly responsesSent: number;
  /** Unsolicited advertisements that the socket took, defences among them. */
  readonly unsolicitedSent: number;
  /** Probes that the socket took. */
  readonly probesSent: number;
  /** Packets of others that claim it, or probe for it while it is probed for here. */
  readonly conflicts: number;
  /** Defences that the socket took. */
  readonly defences: number;
}

/** A solicitation that was answered, in text; `senderAddress` is `::` in a probe. */
export interface AnsweredSolicitation {
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

/** Events of an {@link NdpResponder}. */
export interface NdpResponderEvents extends FrameEvents {
  /** Told after the answer was sent. Costs nothing while nobody listens. */
  answered: [solicitation: AnsweredSolicitation];
  /** An address is announced: at once, or when nobody answered its probes. */
  claimed: [address: string];
  /** Told once, and again when it goes on for longer than `defendIntervalMs` or a retry fails. */
  conflict: [conflict: AddressConflict];
  /** An address that was given up is free, and announced again. */
  resumed: [address: string];
}

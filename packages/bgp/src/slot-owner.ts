import type { Ending } from "./ending.ts";
import type { MachineOutput } from "./machine-output.ts";
import type { NotificationMessage, OpenMessage } from "./message.ts";

/** Times of a slot, in milliseconds, and what else it has to know. */
export interface SlotOptions {
  readonly connectRetryMs: number;
  /** 0: OPEN is not delayed. */
  readonly delayOpenMs: number;
  /** Wait for the peer's OPEN. @see RFC 4271 section 8.2.2, which suggests four minutes */
  readonly openHoldMs: number;
  /** Undefined: a third of the hold time. */
  readonly keepaliveMs: number | undefined;
  /** Undefined: eight minutes, or twice the hold time if that is more. @see RFC 9687 */
  readonly sendHoldMs: number | undefined;
  readonly notifyBeforeOpen: boolean;
}

/** What a slot asks of its peer. */
export interface SlotOwner {
  emit(output: MachineOutput): void;
  /** A number for a new dial. */
  nextConnection(): number;
  /** The OPEN to send, as of now. */
  localOpen(): OpenMessage;
  /** Says NOTIFICATION if there is one, and lets it leave before the connection is dropped. */
  close(connection: number, last: NotificationMessage | undefined, now: number): void;
  /** It is Idle; `upMs` is how long it was Established, 0 if it never was. */
  ended(kind: Ending["kind"], upMs: number, now: number): void;
}

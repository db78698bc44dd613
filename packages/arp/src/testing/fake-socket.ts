import { macToBytes } from "../address.ts";
import { type ArpPacket, decodeArp, encodeArp } from "../packet.ts";
import type { ArpSocket } from "../socket.ts";
import { ours, request } from "./example.ts";

/** A socket that keeps what is sent, and hands over what a test has it receive. */
export class FakeSocket implements ArpSocket {
  mac: Uint8Array = macToBytes(ours);
  onFrame: ((frame: Uint8Array) => void) | undefined;
  onUp: (() => void) | undefined;
  /** What `send` answers. */
  takes = true;
  /** How often it was closed. */
  closed = 0;
  readonly #offered: ArpPacket[] = [];

  send(frame: Uint8Array): boolean {
    this.#offered.push(decodeArp(frame));
    return this.takes;
  }

  close(): void {
    this.closed += 1;
  }

  /** The example's request, with other fields. */
  receive(fields: Partial<ArpPacket> = {}): void {
    this.onFrame?.(encodeArp({ ...request, ...fields }));
  }

  /** What was sent since the last time. */
  sent(): ArpPacket[] {
    return this.#offered.splice(0);
  }
}

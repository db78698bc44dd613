import { macToBytes } from "../address.ts";
import type { NdpPacket } from "../message.ts";
import { decodeNdp, encodeNdp } from "../packet.ts";
import type { NdpRouterSocket, NdpSocket } from "../socket.ts";

/** A socket that keeps what is sent, and hands over what a test has it receive. */
export class FakeSocket implements NdpSocket, NdpRouterSocket {
  mac: Uint8Array;
  onFrame: ((frame: Uint8Array) => void) | undefined;
  onUp: (() => void) | undefined;
  /** What `send` answers. */
  takes = true;
  /** How often it was closed. */
  closed = 0;
  /** The targets and groups that are joined now. */
  readonly joined: string[] = [];
  readonly #offered: NdpPacket[] = [];

  constructor(mac: number) {
    this.mac = macToBytes(mac);
  }

  send(frame: Uint8Array): boolean {
    this.#offered.push(decodeNdp(frame));
    return this.takes;
  }

  join(target: string): () => void {
    this.joined.push(target);
    return () => void this.joined.splice(this.joined.indexOf(target), 1);
  }

  joinGroup(group: string): () => void {
    return this.join(group);
  }

  close(): void {
    this.closed += 1;
  }

  receive(packet: NdpPacket): void {
    this.onFrame?.(encodeNdp(packet));
  }

  /** What was sent since the last time. */
  sent(): NdpPacket[] {
    return this.#offered.splice(0);
  }
}

import type { Wire, WirePort } from "@ingot/testkit";
import { macToBytes } from "../address.ts";
import type { ArpSocket } from "../socket.ts";

/** The end of a wire as a socket, with a cable that can be pulled. */
export class Nic implements ArpSocket {
  readonly mac: Uint8Array;
  onUp: (() => void) | undefined;
  readonly #port: WirePort;
  #plugged = true;

  constructor(wire: Wire, mac: number) {
    this.mac = macToBytes(mac);
    this.#port = wire.attach();
  }

  get onFrame(): ((frame: Uint8Array) => void) | undefined {
    return this.#port.onFrame;
  }

  set onFrame(receive: ((frame: Uint8Array) => void) | undefined) {
    this.#port.onFrame = receive;
  }

  send(frame: Uint8Array): boolean {
    this.#port.send(frame);
    return this.#plugged;
  }

  close(): void {
    this.#port.close();
  }

  /** Pulls the cable. */
  unplug(): void {
    this.#plugged = false;
    this.#port.cut();
  }

  /** Plugs it back in. */
  plug(): void {
    this.#plugged = true;
    this.#port.heal();
    this.onUp?.();
  }
}

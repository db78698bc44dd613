import type { BfdSession } from "./session.ts";
import type { BfdReceiver, BfdReceiverOptions, BfdSockets, BfdSource } from "./socket.ts";

/** One receiver and the sessions that it serves, by the address of their neighbour. */
export interface ReceivingPort {
  readonly options: BfdReceiverOptions;
  readonly receiver: BfdReceiver;
  readonly sessions: Map<string, BfdSession>;
}

/** The receivers of a speaker: one for each local address, device and port that has sessions. */
export class Receivers {
  readonly #sockets: BfdSockets;
  readonly #receive: (port: ReceivingPort, bytes: Uint8Array, from: BfdSource) => void;
  readonly #ports = new Map<string, ReceivingPort>();

  constructor(
    sockets: BfdSockets,
    receive: (port: ReceivingPort, bytes: Uint8Array, from: BfdSource) => void,
  ) {
    this.#sockets = sockets;
    this.#receive = receive;
  }

  /**
   * The port for these options, opened unless it is open.
   *
   * @throws {RangeError} when it is open with another `minTtl`: the kernel checks it for all alike.
   */
  port(options: BfdReceiverOptions): ReceivingPort {
    const key = keyOf(options);
    const open = this.#ports.get(key);
    if (open !== undefined) {
      const { minTtl } = open.options;
      if (minTtl === options.minTtl) return open;
      const others = `as in other sessions of ${options.localAddress}`;
      throw new RangeError(`minTtl must be ${minTtl}, ${others}, got ${options.minTtl}`);
    }
    const receiver = this.#sockets.openReceiver(options);
    const port: ReceivingPort = { options, receiver, sessions: new Map() };
    receiver.onPacket = (bytes, from) => this.#receive(port, bytes, from);
    this.#ports.set(key, port);
    return port;
  }

  /** Closes a port unless it has sessions. */
  release(port: ReceivingPort): void {
    if (port.sessions.size > 0 || !this.#ports.delete(keyOf(port.options))) return;
    port.receiver.onPacket = undefined;
    port.receiver.close();
  }
}

function keyOf({ localAddress, device = "", port }: BfdReceiverOptions): string {
  return `${localAddress}%${device} ${port}`;
}

import { macFromBytes } from "@ingot/arp";
import { textOf } from "../error-text.ts";

/** What carries the hellos of one interface, as `@ingot/linux` opens it. */
export interface HelloSocket {
  /** Six octets. */
  readonly mac: Uint8Array;
  readonly isUp: boolean;
  /**
   * To one address or to all; false when the system did not take it.
   *
   * @throws {RangeError} when `to` is not the address of a host.
   */
  send(bytes: Uint8Array, to?: string): boolean;
  onDatagram: ((bytes: Uint8Array, from: string) => void) | undefined;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
  onOpenFailed: ((error: unknown) => void) | undefined;
  close(): void;
}

/** What {@link HelloPorts} work with. */
export interface HelloPortsOptions {
  readonly open: (interfaceName: string) => HelloSocket;
  /** Whether hellos to all go to each neighbour by itself. */
  readonly unicast: boolean;
  /** Hellos can be sent by an interface, or its hardware address, a 48-bit number, changed. */
  readonly up: (interfaceName: string, mac: number) => void;
  readonly down: (interfaceName: string) => void;
  readonly datagram: (interfaceName: string, from: string, bytes: Uint8Array) => void;
  /** Something could not be done; the rest goes on. */
  readonly failed: (fields: object, message: string) => void;
}

/** A socket for hellos on each interface that announces. */
export class HelloPorts {
  readonly #options: HelloPortsOptions;
  readonly #sockets = new Map<string, HelloSocket>();
  #neighbours: readonly string[] = [];
  #complaint = "";

  constructor(options: HelloPortsOptions) {
    this.#options = options;
  }

  /** The interfaces that announce now. */
  setInterfaces(names: readonly string[]): void {
    for (const [name, socket] of this.#sockets) {
      if (names.includes(name)) continue;
      this.#sockets.delete(name);
      const wasUp = socket.isUp;
      socket.close();
      if (wasUp) this.#options.down(name);
    }
    for (const name of names) if (!this.#sockets.has(name)) this.#open(name);
  }

  /** Addresses of the other nodes, for hellos that go to each by itself. */
  setNeighbours(addresses: readonly string[]): void {
    this.#neighbours = addresses;
  }

  /** Sends by an interface, to one address or to all. */
  send(name: string, bytes: Uint8Array, to: string | undefined): void {
    const socket = this.#sockets.get(name);
    if (socket === undefined) return;
    if (to !== undefined || !this.#options.unicast) socket.send(bytes, to);
    else for (const neighbour of this.#neighbours) this.#sendTo(socket, bytes, neighbour);
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  #open(name: string): void {
    const { open, up, down, datagram, failed } = this.#options;
    const socket = open(name);
    this.#sockets.set(name, socket);
    socket.onUp = () => up(name, macFromBytes(socket.mac));
    socket.onDown = () => down(name);
    socket.onDatagram = (bytes, from) => datagram(name, from, bytes);
    socket.onOpenFailed = (error) => {
      failed({ interface: name, error: textOf(error) }, "no socket for hellos yet, will try again");
    };
    if (socket.isUp) up(name, macFromBytes(socket.mac));
  }

  /** An address comes from a Node object: one that is no host's must not end the worker. */
  #sendTo(socket: HelloSocket, bytes: Uint8Array, neighbour: string): void {
    try {
      socket.send(bytes, neighbour);
    } catch (error) {
      const complaint = textOf(error);
      if (complaint === this.#complaint) return;
      this.#complaint = complaint;
      this.#options.failed({ address: neighbour, error: complaint }, "no hello to a node");
    }
  }
}

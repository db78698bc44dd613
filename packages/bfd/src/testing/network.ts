import { type VirtualClock, Wire, type WireOptions, type WirePort } from "@ingot/testkit";
import type {
  BfdEchoOptions,
  BfdEchoSocket,
  BfdReceiver,
  BfdReceiverOptions,
  BfdSender,
  BfdSenderOptions,
  BfdSockets,
} from "../socket.ts";

/** Hosts on a wire in virtual time. */
export class Network {
  readonly #wire: Wire;
  readonly addresses: string[] = [];

  constructor(clock: VirtualClock, options: WireOptions = {}) {
    this.#wire = new Wire(clock, options);
  }

  /** Another host. */
  host(address: string): Host {
    this.addresses.push(address);
    return new Host(this, this.#wire.attach(), address);
  }
}

/** A host's sockets, and its cable. */
export class Host implements BfdSockets {
  readonly address: string;
  readonly #network: Network;
  readonly #port: WirePort;
  readonly #receivers = new Map<number, Receiver>();
  readonly #echoes = new Map<string, Echo>();
  /** Whether the system takes what is sent. */
  takes = true;
  /** How many sockets are open. */
  open = 0;
  /** What to throw at the next `openEcho`. */
  refusal: Error | undefined;
  /** Whether echo packets of others are let through to the other end. */
  returnsEcho = true;

  constructor(network: Network, port: WirePort, address: string) {
    this.#network = network;
    this.#port = port;
    this.address = address;
    port.onFrame = (frame) => this.#deliver(frame);
  }

  openReceiver({ port }: BfdReceiverOptions): BfdReceiver {
    const receiver: Receiver = { onPacket: undefined, close: () => this.#close(port) };
    this.open += 1;
    this.#receivers.set(port, receiver);
    return receiver;
  }

  openSender({ remoteAddress, port }: BfdSenderOptions): BfdSender {
    this.open += 1;
    return {
      send: (bytes) => this.#send(Kind.control, remoteAddress, port, bytes),
      close: () => {
        this.open -= 1;
      },
    };
  }

  openEcho({ remoteAddress }: BfdEchoOptions): BfdEchoSocket {
    if (this.refusal !== undefined) throw this.refusal;
    this.open += 1;
    const echo: Echo = {
      onEcho: undefined,
      send: (payload) => this.#send(Kind.echo, remoteAddress, 3785, payload),
      close: () => {
        this.open -= 1;
        this.#echoes.delete(remoteAddress);
      },
    };
    this.#echoes.set(remoteAddress, echo);
    return echo;
  }

  /** Puts a packet into a receiver, as if it came from the wire. */
  receive(bytes: Uint8Array, from: string, ttl?: number, port = 3784): void {
    const source = { address: from, ...(ttl === undefined ? {} : { ttl }) };
    this.#receivers.get(port)?.onPacket?.(bytes, source);
  }

  cut(): void {
    this.#port.cut();
  }

  heal(): void {
    this.#port.heal();
  }

  #close(port: number): void {
    this.open -= 1;
    this.#receivers.delete(port);
  }

  #send(kind: number, to: string, port: number, payload: Uint8Array): boolean {
    if (!this.takes) return false;
    const { addresses } = this.#network;
    const header = [kind, addresses.indexOf(this.address), addresses.indexOf(to), port >> 8, port];
    const frame = new Uint8Array(header.length + payload.length);
    frame.set(header);
    frame.set(payload, header.length);
    this.#port.send(frame);
    return true;
  }

  #deliver(frame: Uint8Array): void {
    const [kind = 0, source = 0, target = 0, high = 0, low = 0] = frame;
    const { addresses } = this.#network;
    if (addresses[target] !== this.address) return;
    const from = addresses[source] ?? "";
    const payload = frame.subarray(5);
    if (kind === Kind.control) {
      this.#receivers.get((high << 8) | low)?.onPacket?.(payload, { address: from });
      return;
    }
    const verdict = this.#echoes.get(from)?.onEcho?.(payload);
    if (kind === Kind.echo && verdict === "return" && this.returnsEcho) {
      this.#send(Kind.returnedEcho, from, 3785, payload);
    }
  }
}

type Receiver = { onPacket: BfdReceiver["onPacket"]; close(): void };
type Echo = {
  onEcho: BfdEchoSocket["onEcho"];
  send(payload: Uint8Array): boolean;
  close(): void;
};

const Kind = { control: 0, echo: 1, returnedEcho: 2 } as const;

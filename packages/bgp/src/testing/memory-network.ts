import { seededRandom, type VirtualClock } from "@ingot/testkit";
import type {
  BgpConnection,
  BgpListener,
  BgpTransport,
  DialResult,
  DialTarget,
  ListenOptions,
} from "../transport.ts";
import { Transcript } from "./transcript.ts";

/** How TCP of a {@link MemoryNetwork} behaves. */
export interface NetworkOptions {
  /** Longest one-way delay; each piece gets a random part of it, in order. By default 1. */
  readonly delayMs?: number;
  /** Octets under way in one direction before `write` says false; by default 200,000. */
  readonly capacity?: number;
  /** Cuts what is written at random places; by default it arrives as it was written. */
  readonly segmented?: boolean;
  readonly seed?: number;
}

/** TCP in memory and virtual time, between hosts that are named by their addresses. */
export class MemoryNetwork {
  readonly clock: VirtualClock;
  readonly transcript = new Transcript();
  readonly options: Required<NetworkOptions>;
  readonly random: () => number;
  /** Dials that were refused or connected, by `from > to`. */
  readonly dials: { readonly at: number; readonly from: string; readonly to: string }[] = [];
  readonly #listeners = new Map<string, (connection: BgpConnection) => void>();
  readonly #pipes = new Set<MemoryConnection>();
  readonly #cut = new Set<string>();
  #port = 40_000;

  constructor(clock: VirtualClock, options: NetworkOptions = {}) {
    this.clock = clock;
    this.options = { delayMs: 1, capacity: 200_000, segmented: false, seed: 1, ...options };
    this.random = seededRandom(this.options.seed);
  }

  /** The transport of one host. */
  host(address: string): BgpTransport {
    return {
      dial: (target, result) => this.#dial(address, target, result),
      listen: (options, accept) => Promise.resolve(this.#listen(options, accept)),
    };
  }

  /** Nothing gets through between two hosts, and nobody is told, until `heal`. */
  cut(a: string, b: string): void {
    this.#cut.add(pair(a, b));
  }

  heal(a: string, b: string): void {
    this.#cut.delete(pair(a, b));
  }

  isCut(a: string, b: string): boolean {
    return this.#cut.has(pair(a, b));
  }

  /** Every connection of a host breaks, as when its machine is restarted. */
  crash(address: string): void {
    for (const pipe of [...this.#pipes]) if (pipe.localAddress === address) pipe.destroy();
  }

  /** Connections that are open, each counted once for each end. */
  get open(): number {
    return this.#pipes.size;
  }

  forget(connection: MemoryConnection): void {
    this.#pipes.delete(connection);
  }

  #listen(options: ListenOptions, accept: (connection: BgpConnection) => void): BgpListener {
    const name = `${options.localAddress}:${options.port}`;
    this.#listeners.set(name, accept);
    return {
      port: options.port,
      // As Linux does: nobody of the other family can connect.
      setKey: (address) => {
        if (address.includes(":") === options.localAddress.includes(":")) return;
        throw new RangeError(`address must be of the family of the listener, got ${address}`);
      },
      close: () => this.#listeners.delete(name),
    };
  }

  #dial(from: string, target: DialTarget, result: DialResult): () => void {
    this.#port += 1;
    const port = this.#port;
    const to = target.address;
    this.dials.push({ at: this.clock.now(), from, to });
    const there = (): void => {
      if (this.isCut(from, to)) return;
      const accept = this.#listeners.get(`${to}:${target.port}`);
      if (accept === undefined) {
        cancel = this.clock.setTimer(this.delay(), () => result.failed("connection refused"));
        return;
      }
      const near = new MemoryConnection(this, from, to, target.port);
      const far = new MemoryConnection(this, to, from, port);
      near.join(far);
      far.join(near);
      // Here the connection is made before the other side is told.
      result.connected(near);
      this.#pipes.add(near).add(far);
      far.holdBack();
      this.clock.setTimer(this.delay(), () => {
        if (far.isGone) return;
        accept(far);
        far.release();
      });
    };
    let cancel = this.clock.setTimer(2 * this.delay(), there);
    return () => cancel();
  }

  delay(): number {
    return this.options.delayMs * this.random();
  }
}

/** One end of a connection. */
export class MemoryConnection implements BgpConnection {
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  onData: ((bytes: Uint8Array) => void) | undefined;
  onDrain: (() => void) | undefined;
  onClose: ((reason: string) => void) | undefined;
  readonly #network: MemoryNetwork;
  #other: MemoryConnection | undefined;
  #isGone = false;
  #isFull = false;
  #underway = 0;
  #arrival = 0;
  /** What came while reading was held back. */
  #unread: (() => void)[] | undefined;

  constructor(network: MemoryNetwork, local: string, remote: string, port: number) {
    this.#network = network;
    this.localAddress = local;
    this.remoteAddress = remote;
    this.remotePort = port;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  join(other: MemoryConnection): void {
    this.#other = other;
  }

  /** Takes nothing in any more, so that the sender fills up. */
  holdBack(): void {
    this.#unread ??= [];
  }

  /** Takes in what waits, and all that comes. */
  release(): void {
    const unread = this.#unread ?? [];
    this.#unread = undefined;
    for (const take of unread) take();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#isGone) return true;
    this.#network.transcript.record(this.#network.clock.now(), this, bytes);
    for (let at = 0; at < bytes.length; ) {
      const left = bytes.length - at;
      const { segmented } = this.#network.options;
      const take = segmented ? 1 + Math.floor(this.#network.random() * Math.min(left, 900)) : left;
      const piece = bytes.slice(at, at + take);
      this.#underway += piece.length;
      this.#later(() => this.#other?.take(piece));
      at += take;
    }
    if (this.#underway > this.#network.options.capacity) this.#isFull = true;
    return !this.#isFull;
  }

  end(): void {
    if (this.#isGone) return;
    this.#later(() => this.#other?.close("the peer closed the connection"));
  }

  destroy(): void {
    if (this.#isGone) return;
    this.#gone();
    this.#later(() => this.#other?.close("connection reset by the peer"));
  }

  take(piece: Uint8Array): void {
    if (this.#isGone) return;
    if (this.#unread !== undefined) {
      this.#unread.push(() => this.take(piece));
      return;
    }
    this.#other?.acknowledge(piece.length);
    // The octets are only lent: whoever keeps them sees them change.
    this.onData?.(piece);
    piece.fill(0xee);
  }

  acknowledge(lengthBytes: number): void {
    this.#underway -= lengthBytes;
    if (!this.#isFull || this.#underway > this.#network.options.capacity / 2) return;
    this.#isFull = false;
    this.#network.clock.setTimer(0, () => {
      if (!this.#isGone) this.onDrain?.();
    });
  }

  close(reason: string): void {
    if (this.#isGone) return;
    this.#gone();
    this.#later(() => this.#other?.close("the peer closed the connection"));
    this.onClose?.(reason);
  }

  #gone(): void {
    this.#isGone = true;
    this.#network.forget(this);
  }

  /** In the order in which it was said. Over a cut link it is tried again, as TCP does. */
  #later(deliver: () => void): void {
    const { clock } = this.#network;
    this.#arrival = Math.max(this.#arrival, clock.now() + this.#network.delay());
    const arrive = (): void => {
      if (this.#network.isCut(this.localAddress, this.remoteAddress)) clock.setTimer(500, arrive);
      else deliver();
    };
    clock.setTimer(this.#arrival - clock.now(), arrive);
  }
}

function pair(a: string, b: string): string {
  return [a, b].sort().join(" ");
}

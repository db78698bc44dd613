import { EventEmitter } from "eventemitter3";
import { isIpv6 } from "./address.ts";
import { AddressRange, canonicalAddress, peerName } from "./address-range.ts";
import type { Random } from "./jitter.ts";
import { type KeyedPeers, Listeners } from "./listeners.ts";
import type { PathAttributes } from "./path-attributes.ts";
import { Peer } from "./peer.ts";
import type { StopOptions } from "./peer-events.ts";
import type { PeerOptions, RangeOptions, ResolvedOptions } from "./peer-options.ts";
import {
  checkAsn,
  checkPeer,
  checkRangeOptions,
  checkRouterId,
  resolveOptions,
} from "./resolve-options.ts";
import { AdjRibOut } from "./routes/adj-rib-out.ts";
import type {
  BgpConnection,
  BgpListener,
  BgpTransport,
  Clock,
  DialTarget,
  ListenOptions,
  SocketOptions,
} from "./transport.ts";
import { Waker } from "./waker.ts";

/** What a speaker is, and what it runs on. */
export interface SpeakerOptions {
  /** Its AS number. */
  readonly asn: number;
  /** Its identifier, which no other speaker of the AS may have: a dotted quad. */
  readonly routerId: string;
  readonly transport: BgpTransport;
  readonly clock: Clock;
  /** Spreads timers; by default `Math.random`. */
  readonly random?: Random;
  /** It has been running until just now, and forwards as before: peers may have kept its routes. */
  readonly restarting?: boolean;
}

/** Events of a {@link Speaker}. */
export interface SpeakerEvents {
  /** A peer of a range has connected; it is gone again once it leaves. */
  peer: [peer: Peer];
  /** Somebody has connected who is no peer. */
  refused: [address: string];
}

/**
 * A BGP speaker: announces routes to its peers. It keeps nothing of what they announce unless it is
 * asked to.
 *
 * What a listener throws goes to whoever called the speaker: the transport, the clock or you.
 */
export class Speaker extends EventEmitter<SpeakerEvents> {
  readonly #options: SpeakerOptions;
  readonly #random: Random;
  readonly #routes = new AdjRibOut();
  readonly #peers = new Map<string, Peer>();
  /** Removed, while their last words leave. */
  readonly #leaving = new Set<Peer>();
  readonly #ranges: Range[] = [];
  readonly #listeners = new Listeners();
  readonly #waker: Waker;
  #isComplete = false;
  #isRestarting: boolean;
  #isClosed = false;
  #whenClosed: (() => void)[] = [];

  /** @throws {RangeError} {TypeError} when an option is wrong; the message names it and its value. */
  constructor(options: SpeakerOptions) {
    super();
    checkAsn("asn", options.asn);
    checkRouterId("routerId", options.routerId);
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#isRestarting = options.restarting === true;
    this.#waker = new Waker(options.clock);
  }

  /** All peers, also those that have connected from a range. */
  get peers(): readonly Peer[] {
    return [...this.#peers.values()];
  }

  /** The routes that are announced. */
  get routes(): AdjRibOut {
    return this.#routes;
  }

  /**
   * Adds a peer and starts it.
   *
   * @throws {RangeError} {TypeError} when an option is wrong, or there is such a peer already; the
   *   message names it and its value. What the transport throws about an option is thrown, too.
   */
  peer(options: PeerOptions): Peer {
    this.#checkOpen();
    checkPeer(options);
    const resolved = resolveOptions(options, this.#options);
    const address = canonicalAddress(options.address);
    const name = peerName(address, options.device);
    if (this.#peers.has(name)) throw new RangeError(`address must be new, got ${name}`);
    const target: DialTarget = { ...socketOptions(options), address, port: options.port ?? 179 };
    this.#listeners.setKey(keyOf(address, options), options.password);
    const peer = this.#add(name, resolved, options.passive === true ? undefined : target);
    try {
      peer.start();
    } catch (error) {
      peer.remove();
      throw error;
    }
    return peer;
  }

  /**
   * Takes whoever connects from a range for a peer, but addresses that are peers already.
   *
   * @throws {RangeError} {TypeError} when an option is wrong; the message names it and its value.
   */
  peerRange(options: RangeOptions): void {
    this.#checkOpen();
    checkRangeOptions(options);
    const prefix = new AddressRange(options.range);
    const resolved = resolveOptions(options, this.#options);
    const most = options.mostPeers ?? 1_000;
    this.#ranges.push({ prefix, options: resolved, most, members: new Set() });
    const { address, lengthBits } = prefix;
    this.#listeners.setKey({ address, lengthBits, device: options.device }, options.password);
  }

  /**
   * Accepts connections from peers. Resolves when it listens.
   *
   * @throws {Error} (rejects) when the transport cannot.
   */
  async listen(options: ListenOptions): Promise<BgpListener> {
    this.#checkOpen();
    const listener = await this.#options.transport.listen(options, (connection) =>
      this.#accept(connection, options),
    );
    if (this.#isClosed) {
      listener.close();
      throw new Error("the speaker was closed before it listened");
    }
    this.#listeners.add(listener, options);
    return listener;
  }

  /**
   * Announces a route to all peers, or changes it. With the next hop `0.0.0.0` or `::` each peer gets
   * that of its session.
   *
   * @throws {RangeError} {TypeError} when the prefix or an attribute is wrong, naming it.
   */
  announce(prefix: string, attributes: PathAttributes): void {
    this.#routes.announce(prefix, attributes);
  }

  /** False when it was not announced. @throws {TypeError} when the text is no prefix. */
  withdraw(prefix: string): boolean {
    return this.#routes.withdraw(prefix);
  }

  /**
   * Says that all routes are announced that there are to announce. Each peer gets End-of-RIB for each
   * family, now or when its session comes: one that has kept routes over a restart then drops the rest.
   */
  routesComplete(): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#isRestarting = false;
    for (const peer of this.#peers.values()) peer.complete();
  }

  /** Announces all routes to all peers as ones that will go soon, or as usual. @see RFC 8326 */
  gracefulShutdown(wanted = true): void {
    for (const peer of this.#peers.values()) peer.gracefulShutdown(wanted);
  }

  /** Stops all peers and listening. Resolves once what was to be said has left. */
  close(options: StopOptions = {}): Promise<void> {
    this.#isClosed = true;
    this.#listeners.close();
    for (const peer of this.#peers.values()) peer.stop(options);
    return new Promise((resolve) => {
      this.#whenClosed.push(resolve);
      this.#finishIfQuiet();
    });
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("the speaker is closed");
  }

  /** @param name as `peerName` gives it. */
  #add(name: string, options: ResolvedOptions, target?: DialTarget): Peer {
    const { clock, transport } = this.#options;
    const [address = name] = name.split("%");
    const peer: Peer = new Peer(address, options, {
      clock,
      random: this.#random,
      routes: this.#routes,
      isRestarting: () => this.#isRestarting,
      isComplete: () => this.#isComplete,
      dial: target && ((result) => transport.dial(target, result)),
      changed: () => this.#changed(peer),
      flushSoon: () => this.#waker.soon(peer),
      remove: () => this.#remove(name, peer, options),
    });
    this.#peers.set(name, peer);
    return peer;
  }

  #remove(name: string, peer: Peer, options: ResolvedOptions): void {
    if (this.#peers.get(name) !== peer) return;
    this.#peers.delete(name);
    for (const { members } of this.#ranges) members.delete(peer);
    this.#listeners.setKey(keyOf(peer.address, options), undefined);
    this.#leaving.add(peer);
    this.#changed(peer);
  }

  #changed(peer: Peer): void {
    this.#waker.arm(peer);
    if (peer.isQuiet) {
      if (this.#leaving.delete(peer)) this.#waker.forget(peer);
      // One from a range is forgotten when its connection is gone and its damping is over.
      const isDone = peer.deadline === Number.POSITIVE_INFINITY;
      if (isDone && this.#ranges.some(({ members }) => members.has(peer))) peer.remove();
    }
    if (this.#isClosed) this.#finishIfQuiet();
  }

  #finishIfQuiet(): void {
    const all = [...this.#peers.values(), ...this.#leaving];
    if (!all.every((peer) => peer.isQuiet)) return;
    this.#waker.close();
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }

  #accept(connection: BgpConnection, { device, minTtl }: ListenOptions): void {
    const address = canonicalAddress(connection.remoteAddress);
    const name = peerName(address, device);
    const known = this.#peers.get(name);
    if (known !== undefined) {
      known.accept(connection, minTtl);
      return;
    }
    const range = this.#ranges.find(
      ({ prefix, members, most }) => members.size < most && prefix.has(address),
    );
    if (range === undefined) {
      connection.destroy();
      this.emit("refused", address);
      return;
    }
    const peer = this.#add(name, range.options);
    peer.start();
    this.emit("peer", peer);
    peer.accept(connection, minTtl);
    range.members.add(peer);
    // It may not have been let in.
    this.#changed(peer);
  }
}

/** Anybody within. */
interface Range {
  readonly prefix: AddressRange;
  readonly options: ResolvedOptions;
  readonly most: number;
  readonly members: Set<Peer>;
}

/** Of one peer, as a listener has its key. */
function keyOf(address: string, { device }: SocketOptions): KeyedPeers {
  return { address, lengthBits: isIpv6(address) ? 128 : 32, device };
}

/** Only what is for the socket, and only what is given. */
function socketOptions(options: SocketOptions): SocketOptions {
  const { localAddress, device, password, ttl, minTtl, dscp } = options;
  const all = { localAddress, device, password, ttl, minTtl, dscp };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

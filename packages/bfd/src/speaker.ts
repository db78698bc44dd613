import { EventEmitter } from "eventemitter3";
import { Authenticator } from "./authentication.ts";
import { type BfdSessionOptions, checkPath, resolveOptions } from "./options.ts";
import { BfdDecodeError, type BfdPacket, decodeBfd, MANDATORY_BYTES } from "./packet.ts";
import { Receivers, type ReceivingPort } from "./receivers.ts";
import {
  countDiscard,
  type DiscardCounters,
  type DiscardReason,
  discardReason,
} from "./reception.ts";
import type { BfdSpeakerEvents } from "./report.ts";
import { BfdSession } from "./session.ts";
import {
  type BfdEchoSocket,
  BfdPort,
  type BfdSender,
  type BfdSenderOptions,
  type BfdSockets,
  type BfdSource,
  type Clock,
} from "./socket.ts";
import { WakeList } from "./wake-list.ts";

/** Options of a {@link BfdSpeaker}. */
export interface BfdSpeakerOptions {
  /**
   * Numbers from 0 to below 1, evenly spread, for jitter, discriminators and the first sequence
   * numbers; by default `Math.random`. Give one that nobody can guess where that matters.
   */
  readonly random?: () => number;
}

/**
 * Has the BFD sessions of a host: gives each packet to the one it is for, and wakes all of them with
 * one timer.
 *
 * No packet makes it throw; what a listener throws goes to whoever called the speaker.
 */
export class BfdSpeaker extends EventEmitter<BfdSpeakerEvents> {
  readonly #sockets: BfdSockets;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #receivers: Receivers;
  /** By discriminator. */
  readonly #sessions = new Map<number, BfdSession>();
  readonly #wakes = new WakeList<BfdSession>();
  readonly #discards: Partial<Record<DiscardReason, number>> = {};
  #armedFor = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #waking = false;
  #closed = false;

  constructor(sockets: BfdSockets, clock: Clock, options: BfdSpeakerOptions = {}) {
    super();
    this.#sockets = sockets;
    this.#clock = clock;
    this.#random = options.random ?? Math.random;
    this.#receivers = new Receivers(sockets, (port, bytes, from) => {
      this.#receive(port, bytes, from);
    });
  }

  /** The open sessions, oldest first. */
  get sessions(): readonly BfdSession[] {
    return [...this.#sessions.values()];
  }

  /** A copy of the counters of packets that belong to no session. */
  get discarded(): DiscardCounters {
    return { ...this.#discards };
  }

  /**
   * Starts a session. Its first packet has left when this returns, unless it is passive.
   *
   * @throws {RangeError} when an option is out of its range or does not go with another, or when
   *   there is such a session already; the message names what.
   * @throws {Error} when the speaker is closed, and what opening a socket throws.
   */
  open(options: BfdSessionOptions): BfdSession {
    if (this.#closed) throw new Error("the speaker is closed");
    const { echo, echoReceiveIntervalMs } = resolveOptions(options);
    checkPath(options);
    const discriminator = this.#newDiscriminator();
    const authenticator =
      options.authentication && new Authenticator(options.authentication, this.#random32());
    const { localAddress, remoteAddress, multihop = false, minTtl = 254 } = options;
    const binding = {
      localAddress,
      ...(options.device === undefined ? {} : { device: options.device }),
      port: multihop ? BfdPort.multiHop : BfdPort.singleHop,
    };
    const port = this.#receivers.port({ ...binding, minTtl: multihop ? minTtl : 255 });
    if (port.sessions.has(remoteAddress)) {
      throw new RangeError(`remoteAddress ${remoteAddress} has a session with ${localAddress}`);
    }
    const needsEcho = echo || echoReceiveIntervalMs > 0;
    const sockets = this.#openSockets({ ...binding, remoteAddress }, needsEcho, port);
    const session = new BfdSession(options, {
      ...sockets,
      clock: this.#clock,
      identity: { discriminator, token: this.#random32() },
      random: this.#random,
      authenticator,
      plan: (deadline) => this.#plan(session, deadline),
      leave: () => this.#remove(session, port),
    });
    this.#sessions.set(discriminator, session);
    port.sessions.set(remoteAddress, session);
    session.start();
    return session;
  }

  /** Closes every session as their own `close` does; a second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const session of this.sessions) session.close();
    this.removeAllListeners();
  }

  /** All that a session needs, or nothing: when one cannot be opened, the others are closed. */
  #openSockets(path: BfdSenderOptions, needsEcho: boolean, port: ReceivingPort): SessionSockets {
    let sender: BfdSender | undefined;
    try {
      sender = this.#sockets.openSender(path);
      return { sender, echo: needsEcho ? this.#openEcho(path) : undefined };
    } catch (error) {
      sender?.close();
      this.#receivers.release(port);
      throw error;
    }
  }

  #openEcho({ localAddress, remoteAddress, device }: BfdSenderOptions): BfdEchoSocket {
    if (this.#sockets.openEcho === undefined) {
      throw new RangeError(`echo must be off: no echo packets can be sent to ${remoteAddress}`);
    }
    const link = device === undefined ? {} : { device };
    return this.#sockets.openEcho({ localAddress, remoteAddress, ...link });
  }

  #remove(session: BfdSession, port: ReceivingPort): void {
    this.#sessions.delete(session.discriminator);
    this.#wakes.forget(session);
    port.sessions.delete(session.options.remoteAddress);
    this.#receivers.release(port);
    if (this.#sessions.size === 0) this.#disarm();
  }

  #receive(port: ReceivingPort, bytes: Uint8Array, from: BfdSource): void {
    const packet = decode(bytes);
    if (typeof packet === "string") {
      this.#discard(packet, from);
      return;
    }
    const { yourDiscriminator: ours } = packet;
    const neighbors = port.sessions.get(from.address);
    const session = ours === 0 ? neighbors : this.#sessions.get(ours);
    if (session === undefined) {
      this.#discard("noSession", from);
    } else if (session !== neighbors) {
      session.discard("source");
    } else if (from.ttl !== undefined && from.ttl < port.options.minTtl) {
      session.discard("ttl");
    } else {
      const lengthBytes = MANDATORY_BYTES + (packet.authentication?.length ?? 0);
      session.receive(packet, bytes.subarray(0, lengthBytes));
    }
  }

  #discard(reason: DiscardReason, from: BfdSource): void {
    countDiscard(this.#discards, reason);
    this.emit("discarded", reason, from);
  }

  #plan(session: BfdSession, deadline: number): void {
    this.#wakes.plan(session, deadline);
    if (!this.#waking) this.#arm();
  }

  #wake(): void {
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#waking = true;
    try {
      const now = this.#clock.now();
      for (let next = this.#wakes.take(now); next !== undefined; next = this.#wakes.take(now)) {
        next.tick();
      }
    } finally {
      this.#waking = false;
      this.#arm();
    }
  }

  /** A timer that is set for earlier than need be is left alone: it costs less than another. */
  #arm(): void {
    const { deadline } = this.#wakes;
    if (this.#sessions.size === 0 || deadline >= this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = deadline;
    const delayMs = Math.max(0, deadline - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => this.#wake());
  }

  #disarm(): void {
    this.#cancelTimer();
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #newDiscriminator(): number {
    let discriminator = this.#random32();
    while (discriminator === 0 || this.#sessions.has(discriminator)) {
      discriminator = (discriminator + 1) >>> 0;
    }
    return discriminator;
  }

  #random32(): number {
    return Math.floor(this.#random() * 2 ** 32);
  }
}

interface SessionSockets {
  readonly sender: BfdSender;
  readonly echo: BfdEchoSocket | undefined;
}

/** The packet, or which rule it breaks by itself. */
function decode(bytes: Uint8Array): BfdPacket | DiscardReason {
  try {
    const packet = decodeBfd(bytes);
    return discardReason(packet) ?? packet;
  } catch (error) {
    if (!(error instanceof BfdDecodeError)) throw error;
    return error.reason;
  }
}

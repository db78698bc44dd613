import { EventEmitter } from "eventemitter3";
import { formatIpv4, formatMac, macFromBytes, parseIpv4 } from "./address.ts";
import { type AnnouncerInput, type AnnouncerOptions, ArpAnnouncer } from "./announcer.ts";
import { gratuitousReply, gratuitousRequest, replyTo } from "./frames.ts";
import { ArpDecodeError, type ArpPacket, decodeArp, encodeArp, peekTarget } from "./packet.ts";

/** What carries the frames of one interface; the responder owns it from construction to `close`. */
export interface ArpSocket {
  /** The interface's own hardware address, six octets; may change while the socket is open. */
  readonly mac: Uint8Array;
  /** False when the frame was dropped (interface down, queue full). */
  send(frame: Uint8Array): boolean;
  /** Called with each received ARP frame (whole Ethernet frame); octets only lent for the call. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
  /** Called when the interface came (back) up or its hardware address changed. */
  onUp: (() => void) | undefined;
  close(): void;
}

/** Monotonic milliseconds, and a way to be woken. */
export interface Clock {
  now(): number;
  /** Returns what cancels it. */
  setTimer(delayMs: number, wake: () => void): () => void;
}

/** Options of an {@link ArpResponder}: the schedule of its gratuitous packets. */
export type ArpResponderOptions = AnnouncerOptions;

/** What happened for one address since it was announced. */
export interface AddressCounters {
  /** Requests that were to be answered. */
  readonly requestsReceived: number;
  /** Answers that the socket took. */
  readonly responsesSent: number;
  /** Gratuitous packets that the socket took: two a round. */
  readonly gratuitousSent: number;
}

/** What happened to frames on the interface, whatever their address. */
export interface FrameCounters {
  /** Frames received that ask for no announced address, or do not ask us, or do not ask. */
  readonly ignored: number;
  /** Frames received that are short, or target an announced address and are no ARP packet. */
  readonly malformed: number;
  /** Frames to send that the socket dropped. */
  readonly dropped: number;
}

/** A request that was answered, in text; `senderAddress` is 0.0.0.0 in a probe. */
export interface AnsweredRequest {
  readonly address: string;
  readonly senderAddress: string;
  readonly senderMac: string;
}

/** Events of an {@link ArpResponder}. */
export interface ArpResponderEvents {
  /** Told after the reply was sent. Costs nothing while nobody listens. */
  answered: [request: AnsweredRequest];
  /** A frame that could not be read; counted, and otherwise ignored. */
  malformed: [error: ArpDecodeError];
}

/**
 * Answers ARP requests for addresses on one interface, and tells the neighbours when they come.
 *
 * No frame makes it throw; what a listener throws goes to whoever called the responder.
 */
export class ArpResponder extends EventEmitter<ArpResponderEvents> {
  readonly #socket: ArpSocket;
  readonly #clock: Clock;
  readonly #announcer: ArpAnnouncer;
  /** Its keys are the announced addresses. */
  readonly #counters = new Map<number, Writable<AddressCounters>>();
  readonly #frames: Writable<FrameCounters> = { ignored: 0, malformed: 0, dropped: 0 };
  readonly #queue: AnnouncerInput[] = [];
  #armedFor = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};
  #draining = false;
  #closed = false;

  /** @throws {RangeError} when an option is out of its range; the message names it and its value. */
  constructor(socket: ArpSocket, clock: Clock, options: ArpResponderOptions = {}) {
    super();
    this.#socket = socket;
    this.#clock = clock;
    this.#announcer = new ArpAnnouncer(options);
    socket.onFrame = (frame) => this.#receive(frame);
    socket.onUp = () => this.#handle({ type: "up" });
  }

  /** The announced addresses, oldest first; none once closed. */
  get addresses(): readonly string[] {
    return Array.from(this.#counters.keys(), formatIpv4);
  }

  /** A copy of the counters that belong to no address. */
  get frameCounters(): FrameCounters {
    return { ...this.#frames };
  }

  /**
   * A copy of an address's counters; undefined unless it is announced.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   */
  counters(address: string): AddressCounters | undefined {
    const counters = this.#counters.get(parseIpv4(address));
    return counters && { ...counters };
  }

  /**
   * Answers for an address from now on, and sends gratuitous packets on the schedule. Does nothing
   * when the address is announced already, or the responder closed.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   * @throws {RangeError} when nobody can have the address: 0.0.0.0, multicast, broadcast.
   */
  announce(address: string): void {
    const key = parseIpv4(address);
    if (!isUnicast(key)) throw new RangeError(`address must be unicast, got ${address}`);
    if (this.#closed || this.#counters.has(key)) return;
    this.#counters.set(key, { requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 });
    this.#handle({ type: "announce", address: key });
  }

  /**
   * Stops answering for an address, without a word on the wire, and forgets its counters.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   */
  withdraw(address: string): void {
    const key = parseIpv4(address);
    if (this.#counters.delete(key)) this.#handle({ type: "withdraw", address: key });
  }

  /** Withdraws every address and closes the socket; a second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    this.#counters.clear();
    this.#cancelTimer();
    this.#socket.onFrame = undefined;
    this.#socket.onUp = undefined;
    this.#socket.close();
    this.removeAllListeners();
  }

  /** Most frames on a segment are for others, and cost no more than a look at their target. */
  #receive(frame: Uint8Array): void {
    const target = peekTarget(frame);
    if (target !== undefined && !this.#counters.has(target)) {
      this.#frames.ignored += 1;
      return;
    }
    const packet = this.#decode(frame);
    if (packet !== undefined) this.#handle({ type: "packet", packet, mac: this.#mac() });
  }

  #decode(frame: Uint8Array): ArpPacket | undefined {
    try {
      return decodeArp(frame);
    } catch (error) {
      if (!(error instanceof ArpDecodeError)) throw error;
      this.#frames.malformed += 1;
      this.emit("malformed", error);
      return undefined;
    }
  }

  /** Inputs queue up, so that a listener or socket that calls back in does not re-enter. */
  #handle(input: AnnouncerInput): void {
    if (this.#closed) return;
    this.#queue.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#carryOut(next);
      }
    } finally {
      this.#draining = false;
      this.#arm();
    }
  }

  #carryOut(input: AnnouncerInput): void {
    const outputs = this.#announcer.handle(input, this.#clock.now());
    if (input.type === "packet" && outputs.length === 0) this.#frames.ignored += 1;
    for (const output of outputs) {
      if (output.type === "answer") this.#answer(output.request);
      else this.#announceOnce(output.address);
    }
  }

  #answer(request: ArpPacket): void {
    const counters = this.#counters.get(request.targetAddress);
    if (counters === undefined) return; // withdrawn, or closed, while this waited its turn
    counters.requestsReceived += 1;
    if (!this.#send(replyTo(request, this.#mac()))) return;
    counters.responsesSent += 1;
    if (this.listenerCount("answered") === 0) return;
    this.emit("answered", {
      address: formatIpv4(request.targetAddress),
      senderAddress: formatIpv4(request.senderAddress),
      senderMac: formatMac(request.senderMac),
    });
  }

  #announceOnce(address: number): void {
    const mac = this.#mac();
    for (const packet of [gratuitousRequest(address, mac), gratuitousReply(address, mac)]) {
      const counters = this.#counters.get(address);
      if (counters === undefined) return; // as above
      if (this.#send(packet)) counters.gratuitousSent += 1;
    }
  }

  #send(packet: ArpPacket): boolean {
    const taken = this.#socket.send(encodeArp(packet));
    if (!taken) this.#frames.dropped += 1;
    return taken;
  }

  #mac(): number {
    return macFromBytes(this.#socket.mac);
  }

  /** Packets leave the deadline alone, so they never touch the timer. */
  #arm(): void {
    const { deadline } = this.#announcer;
    if (this.#closed || deadline === this.#armedFor) return;
    this.#cancelTimer();
    this.#armedFor = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(0, deadline - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(delayMs, () => {
      this.#armedFor = Number.POSITIVE_INFINITY;
      this.#handle({ type: "tick" });
    });
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function isUnicast(address: number): boolean {
  const isMulticast = address >>> 28 === 0xe;
  return address !== 0 && !isMulticast && address !== 0xffff_ffff;
}

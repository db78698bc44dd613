import { EventEmitter } from "eventemitter3";
import { formatIpv4, formatMac, macFromBytes, parseIpv4, parseMac } from "./address.ts";
import { ArpAnnouncer } from "./announcer.ts";
import type { AddressState } from "./claim.ts";
import { gratuitousReply, gratuitousRequest, probe, replyTo } from "./frames.ts";
import { type AnnouncerOptions, checkProbeMode, type ProbeMode } from "./options.ts";
import type { AnnouncerOutput, Conflict } from "./output.ts";
import {
  ArpDecodeError,
  ArpOperation,
  type ArpPacket,
  decodeArp,
  FRAME_BYTES,
  peekSender,
  peekTarget,
  writeArp,
} from "./packet.ts";
import { Pump } from "./pump.ts";
import type { AddressCounters, ArpResponderEvents, FrameCounters } from "./report.ts";
import type { ArpSocket, Clock } from "./socket.ts";

/** Options of an {@link ArpResponder}. */
export interface ArpResponderOptions extends AnnouncerOptions {
  /**
   * Hardware addresses that are no strangers, beside the interface's own: those of this host's other
   * interfaces on the segment, and of others that hand addresses over by agreement. What they claim
   * is no conflict. None by default.
   */
  readonly ownMacs?: Iterable<string>;
  /** Spreads probes: numbers from 0 to below 1, evenly spread; by default `Math.random`. */
  readonly random?: () => number;
}

/** How one address is announced, where the options do not fit. */
export interface AnnounceOptions {
  readonly probe?: ProbeMode;
}

/**
 * Answers ARP requests for addresses on one interface, tells the neighbours when they come, and
 * notices who else claims them.
 *
 * No frame makes it throw; what a listener throws goes to whoever called the responder.
 */
export class ArpResponder extends EventEmitter<ArpResponderEvents> {
  readonly #socket: ArpSocket;
  readonly #announcer: ArpAnnouncer;
  readonly #pump: Pump;
  /** Its keys are the announced addresses. */
  readonly #counters = new Map<number, Writable<AddressCounters>>();
  readonly #frames: Writable<FrameCounters> = { ignored: 0, malformed: 0, dropped: 0 };
  /** What was sent last; written over, as V8 moves each new array out of its heap for a call into C. */
  readonly #frame = new Uint8Array(FRAME_BYTES);
  #ownMacs: ReadonlySet<number> = new Set();

  /**
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   * @throws {TypeError} when one of `ownMacs` is no hardware address.
   */
  constructor(socket: ArpSocket, clock: Clock, options: ArpResponderOptions = {}) {
    super();
    const { ownMacs = [], random = Math.random, ...rest } = options;
    this.#socket = socket;
    this.#announcer = new ArpAnnouncer(rest, random);
    this.#pump = new Pump(clock, this.#announcer, (outputs, input) => {
      if (input.type === "packet" && outputs.length === 0) this.#frames.ignored += 1;
      for (const output of outputs) this.#carryOut(output);
    });
    this.setOwnMacs(ownMacs);
    socket.onFrame = (frame) => this.#receive(frame);
    socket.onUp = () => this.#pump.handle({ type: "up" });
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
   * How far an address has come; undefined unless it is announced.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   */
  state(address: string): AddressState | undefined {
    const key = parseIpv4(address);
    return this.#counters.has(key) ? this.#announcer.stateOf(key) : undefined;
  }

  /**
   * Answers for an address from now on, or once it is known to be free, and sends gratuitous packets
   * on the schedule. Does nothing when the address is announced already, or the responder closed.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   * @throws {RangeError} when nobody can have the address: 0.0.0.0, multicast, broadcast; and when
   *   `probe` is no {@link ProbeMode}.
   */
  announce(address: string, options: AnnounceOptions = {}): void {
    const key = parseIpv4(address);
    if (!isUnicast(key)) throw new RangeError(`address must be unicast, got ${address}`);
    if (options.probe !== undefined) checkProbeMode(options.probe);
    if (this.#pump.isClosed || this.#counters.has(key)) return;
    this.#counters.set(key, zeroCounters());
    this.#pump.handle({ ...options, type: "announce", address: key });
  }

  /**
   * Stops answering for an address, without a word on the wire, and forgets its counters.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   */
  withdraw(address: string): void {
    const key = parseIpv4(address);
    if (this.#counters.delete(key)) this.#pump.handle({ type: "withdraw", address: key });
  }

  /**
   * Tells the neighbours again who has an address, on the schedule that {@link announce} began with.
   * Does nothing unless it is announced and claimed.
   *
   * @throws {TypeError} when the text is not an IPv4 address.
   */
  repeat(address: string): void {
    this.#pump.handle({ type: "repeat", address: parseIpv4(address) });
  }

  /**
   * Replaces `ownMacs` of the options.
   *
   * @throws {TypeError} when one is no hardware address; then nothing changes.
   */
  setOwnMacs(macs: Iterable<string>): void {
    this.#ownMacs = new Set(Array.from(macs, parseMac));
  }

  /** Withdraws every address and closes the socket; a second call does nothing. */
  close(): void {
    if (this.#pump.isClosed) return;
    this.#pump.close();
    this.#counters.clear();
    this.#socket.onFrame = undefined;
    this.#socket.onUp = undefined;
    this.#socket.close();
    this.removeAllListeners();
  }

  /** Most frames on a segment are about others, and cost no more than a look at their addresses. */
  #receive(frame: Uint8Array): void {
    const target = peekTarget(frame);
    if (target !== undefined && !this.#counters.has(target) && !this.#isFromHolder(frame)) {
      this.#frames.ignored += 1;
      return;
    }
    const packet = this.#decode(frame);
    if (packet === undefined) return;
    this.#pump.handle({ type: "packet", packet, mac: this.#mac(), ownMacs: this.#ownMacs });
  }

  #isFromHolder(frame: Uint8Array): boolean {
    const sender = peekSender(frame);
    return sender !== undefined && this.#counters.has(sender);
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

  #carryOut(output: AnnouncerOutput): void {
    const address = output.type === "answer" ? output.request.targetAddress : output.address;
    const counters = this.#counters.get(address);
    if (counters === undefined) return; // withdrawn, or closed, while this waited its turn
    switch (output.type) {
      case "answer":
        this.#answer(output.request, counters);
        return;
      case "probe":
        if (this.#send(probe(address, this.#mac()))) counters.probesSent += 1;
        return;
      case "gratuitous":
        if (this.#send(GRATUITOUS[output.operation](address, this.#mac()))) {
          counters.gratuitousSent += 1;
        }
        return;
      case "defence":
        if (!this.#send(gratuitousRequest(address, this.#mac()))) return;
        counters.gratuitousSent += 1;
        counters.defences += 1;
        return;
      case "conflict":
        counters.conflicts += 1;
        if (output.isNews) this.#tell(output);
        return;
      default:
        this.emit(output.type, formatIpv4(address));
    }
  }

  #answer(request: ArpPacket, counters: Writable<AddressCounters>): void {
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

  #tell({ address, mac, during, isKept }: Conflict): void {
    this.emit("conflict", { address: formatIpv4(address), mac: formatMac(mac), during, isKept });
  }

  #send(packet: ArpPacket): boolean {
    const taken = this.#socket.send(writeArp(packet, this.#frame));
    if (!taken) this.#frames.dropped += 1;
    return taken;
  }

  #mac(): number {
    return macFromBytes(this.#socket.mac);
  }
}

const GRATUITOUS = {
  [ArpOperation.request]: gratuitousRequest,
  [ArpOperation.reply]: gratuitousReply,
};

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function zeroCounters(): Writable<AddressCounters> {
  return {
    requestsReceived: 0,
    responsesSent: 0,
    gratuitousSent: 0,
    probesSent: 0,
    conflicts: 0,
    defences: 0,
  };
}

function isUnicast(address: number): boolean {
  const isMulticast = address >>> 28 === 0xe;
  return address !== 0 && !isMulticast && address !== 0xffff_ffff;
}

import { EventEmitter } from "eventemitter3";
import {
  formatIpv6,
  formatMac,
  type Ipv6Address,
  linkLocalOf,
  parseIpv6,
  parseMac,
} from "./address.ts";
import { type AnnouncerInput, NdpAnnouncer } from "./announcer.ts";
import type { AddressState } from "./claim.ts";
import { type FrameCounters, FramePort } from "./frame-port.ts";
import { answerTo, neighborSolicitation, probe, unsolicited } from "./frames.ts";
import { isMulticast, UNSPECIFIED } from "./group.ts";
import type { NeighborSolicitation } from "./message.ts";
import { type AnnouncerOptions, checkProbeMode, type ProbeMode } from "./options.ts";
import type { AnnouncerOutput, Conflict } from "./output.ts";
import { peekTarget } from "./packet.ts";
import { Pump } from "./pump.ts";
import type { AddressCounters, NdpResponderEvents } from "./report.ts";
import { linkLayerSource } from "./sender.ts";
import type { Clock, NdpSocket } from "./socket.ts";

/** Options of an {@link NdpResponder}. */
export interface NdpResponderOptions extends AnnouncerOptions {
  /**
   * Hardware addresses that are no strangers, beside the interface's own: those of this host's other
   * interfaces on the segment, and of others that hand addresses over by agreement. What they claim
   * is no conflict. None by default.
   */
  readonly ownMacs?: Iterable<string>;
  /** Spreads probes and makes their nonces: numbers from 0 to below 1, evenly spread; by default `Math.random`. */
  readonly random?: () => number;
}

/** How one address is announced, where the options do not fit. */
export interface AnnounceOptions {
  readonly probe?: ProbeMode;
}

/**
 * Answers Neighbor Solicitations for addresses on one interface, tells the neighbours when they come,
 * and notices who else claims them.
 *
 * No frame makes it throw; what a listener throws goes to whoever called the responder.
 */
export class NdpResponder extends EventEmitter<NdpResponderEvents> {
  readonly #port: FramePort;
  readonly #join: (target: string) => () => void;
  readonly #announcer: NdpAnnouncer;
  readonly #pump: Pump<AnnouncerInput, AnnouncerOutput>;
  readonly #announced = new Map<Ipv6Address, Announced>();
  #ownMacs: ReadonlySet<number> = new Set();

  /**
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   * @throws {TypeError} when one of `ownMacs` is no hardware address.
   */
  constructor(socket: NdpSocket, clock: Clock, options: NdpResponderOptions = {}) {
    super();
    const { ownMacs = [], random = Math.random, ...rest } = options;
    this.#announcer = new NdpAnnouncer(rest, random);
    this.setOwnMacs(ownMacs);
    this.#port = new FramePort(socket, {
      malformed: (error) => this.emit("malformed", error),
      invalid: (reason) => this.emit("invalid", reason),
    });
    this.#join = (target) => socket.join(target);
    this.#pump = new Pump(clock, this.#announcer, { type: "tick" }, (outputs, input) => {
      if (input.type === "packet" && outputs.length === 0) this.#port.ignore();
      for (const output of outputs) this.#carryOut(output);
    });
    socket.onFrame = (frame) => this.#receive(frame);
    socket.onUp = () => this.#pump.handle({ type: "up" });
  }

  /** The announced addresses, oldest first; none once closed. */
  get addresses(): readonly string[] {
    return Array.from(this.#announced.keys(), formatIpv6);
  }

  /** A copy of the counters that belong to no address. */
  get frameCounters(): FrameCounters {
    return this.#port.counters;
  }

  /**
   * A copy of an address's counters; undefined unless it is announced.
   *
   * @throws {TypeError} when the text is not an IPv6 address.
   */
  counters(address: string): AddressCounters | undefined {
    const announced = this.#announced.get(parseIpv6(address));
    return announced && { ...announced.counters };
  }

  /**
   * How far an address has come; undefined unless it is announced.
   *
   * @throws {TypeError} when the text is not an IPv6 address.
   */
  state(address: string): AddressState | undefined {
    const key = parseIpv6(address);
    return this.#announced.has(key) ? this.#announcer.stateOf(key) : undefined;
  }

  /**
   * Answers for an address from now on, or once it is known to be free, and sends unsolicited
   * advertisements on the schedule. Does nothing when the address is announced already, or the
   * responder closed.
   *
   * @throws {TypeError} when the text is not an IPv6 address.
   * @throws {RangeError} when nobody can have the address: `::` and multicast; and when `probe` is no
   *   {@link ProbeMode}.
   */
  announce(address: string, options: AnnounceOptions = {}): void {
    const key = parseIpv6(address);
    if (key === UNSPECIFIED || isMulticast(key)) {
      throw new RangeError(`address must be unicast, got ${address}`);
    }
    if (options.probe !== undefined) checkProbeMode(options.probe);
    if (this.#pump.closed || this.#announced.has(key)) return;
    this.#announced.set(key, { counters: zeroCounters(), leave: this.#join(formatIpv6(key)) });
    this.#pump.handle({ ...options, type: "announce", address: key });
  }

  /**
   * Stops answering for an address, without a word on the wire, and forgets its counters.
   *
   * @throws {TypeError} when the text is not an IPv6 address.
   */
  withdraw(address: string): void {
    const key = parseIpv6(address);
    if (this.#forget(key)) this.#pump.handle({ type: "withdraw", address: key });
  }

  /**
   * Tells the neighbours again who has an address, on the schedule that {@link announce} began with.
   * Does nothing unless it is announced and claimed.
   *
   * @throws {TypeError} when the text is not an IPv6 address.
   */
  repeat(address: string): void {
    this.#pump.handle({ type: "repeat", address: parseIpv6(address) });
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
    if (!this.#pump.close()) return;
    for (const address of this.#announced.keys()) this.#forget(address);
    this.#port.close();
    this.removeAllListeners();
  }

  /** Most frames on a segment are about others, and cost no more than a look at their target. */
  #receive(frame: Uint8Array): void {
    const target = peekTarget(frame);
    if (target !== undefined && !this.#announced.has(target)) {
      this.#port.ignore();
      return;
    }
    const packet = this.#port.read(frame);
    if (packet === undefined) return;
    this.#pump.handle({ type: "packet", packet, mac: this.#port.mac, ownMacs: this.#ownMacs });
  }

  #carryOut(output: AnnouncerOutput): void {
    const address = output.type === "answer" ? output.solicitation.target : output.address;
    const counters = this.#announced.get(address)?.counters;
    if (counters === undefined) return; // withdrawn, or closed, while this waited its turn
    switch (output.type) {
      case "answer":
        this.#answer(output.solicitation, output.override, counters);
        return;
      case "probe":
        if (this.#port.send(probe(address, this.#port.mac, output.nonce))) counters.probesSent += 1;
        return;
      case "check":
        if (this.#port.send(this.#question(address))) counters.probesSent += 1;
        return;
      case "unsolicited":
        if (this.#port.send(unsolicited(address, this.#port.mac))) counters.unsolicitedSent += 1;
        return;
      case "defence":
        if (!this.#port.send(unsolicited(address, this.#port.mac))) return;
        counters.unsolicitedSent += 1;
        counters.defences += 1;
        return;
      case "conflict":
        counters.conflicts += 1;
        if (output.isNews) this.#tell(output);
        return;
      default:
        this.emit(output.type, formatIpv6(address));
    }
  }

  #answer(
    solicitation: NeighborSolicitation,
    override: boolean,
    counters: Writable<AddressCounters>,
  ): void {
    counters.solicitationsReceived += 1;
    if (!this.#port.send(answerTo(solicitation, this.#port.mac, override))) return;
    counters.responsesSent += 1;
    if (this.listenerCount("answered") === 0) return;
    this.emit("answered", {
      address: formatIpv6(solicitation.target),
      senderAddress: formatIpv6(solicitation.source),
      senderMac: formatMac(linkLayerSource(solicitation)),
    });
  }

  /** The link-local address that it comes from need not be the interface's: nobody else has it. */
  #question(address: Ipv6Address): NeighborSolicitation {
    const { mac } = this.#port;
    return neighborSolicitation(address, linkLocalOf(mac), mac);
  }

  #tell({ address, mac, during, isKept }: Conflict): void {
    this.emit("conflict", { address: formatIpv6(address), mac: formatMac(mac), during, isKept });
  }

  #forget(address: Ipv6Address): boolean {
    const announced = this.#announced.get(address);
    if (announced === undefined) return false;
    this.#announced.delete(address);
    announced.leave();
    return true;
  }
}

interface Announced {
  readonly counters: Writable<AddressCounters>;
  /** Leaves its solicited-node group. */
  readonly leave: () => void;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function zeroCounters(): Writable<AddressCounters> {
  return {
    solicitationsReceived: 0,
    responsesSent: 0,
    unsolicitedSent: 0,
    probesSent: 0,
    conflicts: 0,
    defences: 0,
  };
}

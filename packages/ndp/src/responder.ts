import { EventEmitter } from "eventemitter3";
import { formatIpv6, formatMac, type Ipv6Address, parseIpv6 } from "./address.ts";
import {
  type AnnouncerInput,
  type AnnouncerOptions,
  type AnnouncerOutput,
  NdpAnnouncer,
} from "./announcer.ts";
import { type FrameCounters, type FrameEvents, FramePort } from "./frame-port.ts";
import { answerTo, probe, unsolicited } from "./frames.ts";
import { isMulticast, UNSPECIFIED } from "./group.ts";
import type { NeighborSolicitation } from "./message.ts";
import { peekTarget } from "./packet.ts";
import { Pump } from "./pump.ts";
import { linkLayerSource, linkLayerTarget } from "./sender.ts";
import type { Clock, NdpSocket } from "./socket.ts";

/** Options of an {@link NdpResponder}. */
export interface NdpResponderOptions extends AnnouncerOptions {
  /** Makes the nonces: numbers from 0 to below 1, evenly spread; by default `Math.random`. */
  readonly random?: () => number;
}

/** What happened for one address since it was announced. */
export interface AddressCounters {
  /** Solicitations that were to be answered. */
  readonly solicitationsReceived: number;
  /** Answers that the socket took. */
  readonly responsesSent: number;
  /** Unsolicited advertisements that the socket took. */
  readonly unsolicitedSent: number;
  /** Packets of others that use the address, or want to. */
  readonly conflicts: number;
}

/** A solicitation that was answered, in text; `senderAddress` is `::` in a probe. */
export interface AnsweredSolicitation {
  readonly address: string;
  readonly senderAddress: string;
  readonly senderMac: string;
}

/** Another who has an address that is announced here, or wants it. */
export interface AddressConflict {
  readonly address: string;
  /** The other's hardware address. */
  readonly mac: string;
  /** What the other did: asked whether anybody has the address, or said that it has. */
  readonly by: "probe" | "advertisement";
  /** Whether the address was claimed, and still is; otherwise it is not announced any more. */
  readonly claimed: boolean;
}

/** Events of an {@link NdpResponder}. */
export interface NdpResponderEvents extends FrameEvents {
  /** From now on an address is answered for. */
  claimed: [address: string];
  /** Told with every such packet. */
  conflict: [conflict: AddressConflict];
  /** Told after the answer was sent. Costs nothing while nobody listens. */
  answered: [solicitation: AnsweredSolicitation];
}

/**
 * Answers Neighbor Solicitations for addresses on one interface, and tells the neighbours when they
 * come.
 *
 * No frame makes it throw; what a listener throws goes to whoever called the responder.
 */
export class NdpResponder extends EventEmitter<NdpResponderEvents> {
  readonly #port: FramePort;
  readonly #join: (target: string) => () => void;
  readonly #pump: Pump<AnnouncerInput, AnnouncerOutput>;
  readonly #announced = new Map<Ipv6Address, Announced>();

  /** @throws {RangeError} when an option is out of its range; the message names it and its value. */
  constructor(socket: NdpSocket, clock: Clock, options: NdpResponderOptions = {}) {
    super();
    this.#port = new FramePort(socket, {
      malformed: (error) => this.emit("malformed", error),
      invalid: (reason) => this.emit("invalid", reason),
    });
    this.#join = (target) => socket.join(target);
    const announcer = new NdpAnnouncer(options, options.random ?? Math.random);
    this.#pump = new Pump(clock, announcer, { type: "tick" }, (outputs, input) => {
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
   * Answers for an address from now on, or once nobody contradicted its probe, and sends unsolicited
   * advertisements on the schedule. Does nothing when the address is announced already, or the
   * responder closed.
   *
   * @throws {TypeError} when the text is not an IPv6 address.
   * @throws {RangeError} when nobody can have the address: `::` and multicast.
   */
  announce(address: string): void {
    const key = parseIpv6(address);
    if (key === UNSPECIFIED || isMulticast(key)) {
      throw new RangeError(`address must be unicast, got ${address}`);
    }
    if (this.#pump.closed || this.#announced.has(key)) return;
    this.#announced.set(key, {
      counters: { solicitationsReceived: 0, responsesSent: 0, unsolicitedSent: 0, conflicts: 0 },
      leave: this.#join(formatIpv6(key)),
    });
    this.#pump.handle({ type: "announce", address: key });
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

  /** Withdraws every address and closes the socket; a second call does nothing. */
  close(): void {
    if (!this.#pump.close()) return;
    for (const address of this.#announced.keys()) this.#forget(address);
    this.#port.close();
    this.removeAllListeners();
  }

  /** Most frames on a segment are for others, and cost no more than a look at their target. */
  #receive(frame: Uint8Array): void {
    const target = peekTarget(frame);
    if (target !== undefined && !this.#announced.has(target)) {
      this.#port.ignore();
      return;
    }
    const packet = this.#port.read(frame);
    if (packet !== undefined) this.#pump.handle({ type: "packet", packet, mac: this.#port.mac });
  }

  #carryOut(output: AnnouncerOutput): void {
    const address = addressOf(output);
    const announced = this.#announced.get(address);
    if (announced === undefined) return; // withdrawn, or closed, while this waited its turn
    const { counters } = announced;
    switch (output.type) {
      case "probe":
        this.#port.send(probe(address, this.#port.mac, output.nonce));
        return;
      case "claimed":
        this.emit("claimed", formatIpv6(address));
        return;
      case "answer":
        this.#answer(output.solicitation, counters);
        return;
      case "unsolicited":
        if (this.#port.send(unsolicited(address, this.#port.mac))) counters.unsolicitedSent += 1;
        return;
      case "conflict":
        counters.conflicts += 1;
        if (!output.claimed) this.#forget(address);
        this.emit("conflict", conflictOf(output));
    }
  }

  #answer(solicitation: NeighborSolicitation, counters: Writable<AddressCounters>): void {
    counters.solicitationsReceived += 1;
    if (!this.#port.send(answerTo(solicitation, this.#port.mac))) return;
    counters.responsesSent += 1;
    if (this.listenerCount("answered") === 0) return;
    this.emit("answered", {
      address: formatIpv6(solicitation.target),
      senderAddress: formatIpv6(solicitation.source),
      senderMac: formatMac(linkLayerSource(solicitation)),
    });
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

function addressOf(output: AnnouncerOutput): Ipv6Address {
  if (output.type === "answer") return output.solicitation.target;
  return output.type === "conflict" ? output.packet.target : output.address;
}

function conflictOf(output: Extract<AnnouncerOutput, { type: "conflict" }>): AddressConflict {
  const { packet, claimed } = output;
  const isProbe = packet.type === "neighbor-solicitation";
  const mac = isProbe ? linkLayerSource(packet) : linkLayerTarget(packet);
  return {
    address: formatIpv6(packet.target),
    mac: formatMac(mac),
    by: isProbe ? "probe" : "advertisement",
    claimed,
  };
}

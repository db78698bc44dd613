import { BROADCAST_MAC } from "./address.ts";
import { ArpHardware, ArpOperation, type ArpPacket, ArpProtocol } from "./packet.ts";

// One interface, and the addresses that it answers for.
//
//                            | address not announced      | address announced
//  announce                  | gratuitous, schedule opens | -
//  withdraw                  | -                          | schedule closes
//  request to us (see below) | -                          | answer
//  any other packet          | -                          | -
//  up                        | -                          | gratuitous, schedule opens anew
//  deadline                  | -                          | gratuitous, while the schedule is open
//
// A request is to us when it is for IPv4 over Ethernet, came by broadcast or to our own hardware
// address, and was not sent by us. Who asks does not matter: probes (from 0.0.0.0) and gratuitous
// requests are answered too.

/** What happens to an {@link ArpAnnouncer}. Addresses are 32-bit numbers, MACs 48-bit numbers. */
export type AnnouncerInput =
  | { readonly type: "announce"; readonly address: number }
  | { readonly type: "withdraw"; readonly address: number }
  /** `mac` is the interface's own when the packet arrives. */
  | { readonly type: "packet"; readonly packet: ArpPacket; readonly mac: number }
  /** The interface came up, or has another hardware address now. */
  | { readonly type: "up" }
  | { readonly type: "tick" };

/** What an {@link ArpAnnouncer} wants done: one reply, or a gratuitous request and reply. */
export type AnnouncerOutput =
  | { readonly type: "answer"; readonly request: ArpPacket }
  | { readonly type: "gratuitous"; readonly address: number };

/** How often neighbours are told that an address is here. */
export interface AnnouncerOptions {
  /** Between two rounds; 1 to 3,600,000, by default 1,100. */
  readonly gratuitousIntervalMs?: number;
  /** From the first round to the last at most; 0 (one round) to 3,600,000, by default 5,000. */
  readonly gratuitousForMs?: number;
}

/**
 * Decides which requests to answer and when to announce. Holds no timer and no socket: hand it what
 * happened and the time, carry out what it returns, and wake it with a tick at its deadline. A
 * tick before the deadline does nothing. Never throws once it is made.
 *
 * A packet costs one look-up however many addresses there are.
 */
export class ArpAnnouncer {
  readonly #intervalMs: number;
  readonly #forMs: number;
  /** The announced addresses, each with its next round, if its schedule is still open. */
  readonly #announced = new Map<number, Round | undefined>();
  /**
   * In order of `due`, as all wait equally long for it. Rounds that were replaced or withdrawn
   * stay until their time comes, and are passed over then.
   */
  readonly #rounds: Round[] = [];

  /** @throws {RangeError} when an option is out of its range; the message names it and its value. */
  constructor(options: AnnouncerOptions = {}) {
    this.#intervalMs = options.gratuitousIntervalMs ?? 1_100;
    this.#forMs = options.gratuitousForMs ?? 5_000;
    checkRange("gratuitousIntervalMs", this.#intervalMs, 1);
    checkRange("gratuitousForMs", this.#forMs, 0);
  }

  /**
   * When to tick next, on the clock of `now`; infinite while nothing is scheduled. After a
   * withdrawal it may come early, never late.
   */
  get deadline(): number {
    return this.#rounds[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  handle(input: AnnouncerInput, now: number): readonly AnnouncerOutput[] {
    switch (input.type) {
      case "announce":
        if (this.#announced.has(input.address)) return [];
        return [this.#round(input.address, now + this.#forMs, now)];
      case "withdraw":
        this.#announced.delete(input.address);
        if (this.#announced.size === 0) this.#rounds.length = 0;
        return [];
      case "packet":
        if (!this.#announced.has(input.packet.targetAddress)) return [];
        if (!isRequestTo(input.mac, input.packet)) return [];
        return [{ type: "answer", request: input.packet }];
      case "up":
        return this.#announceAll(now);
      case "tick":
        return now < this.deadline ? [] : this.#repeat(now);
    }
  }

  #announceAll(now: number): readonly AnnouncerOutput[] {
    this.#rounds.length = 0;
    const until = now + this.#forMs;
    return Array.from(this.#announced.keys(), (address) => this.#round(address, until, now));
  }

  #repeat(now: number): readonly AnnouncerOutput[] {
    const outputs: AnnouncerOutput[] = [];
    const rounds = this.#rounds;
    for (let round = rounds[0]; round !== undefined && round.due <= now; round = rounds[0]) {
      rounds.shift();
      if (this.#announced.get(round.address) !== round) continue;
      outputs.push(this.#round(round.address, round.until, now));
    }
    return outputs;
  }

  /** A round now, and the next one put down if it is not too late for that. */
  #round(address: number, until: number, now: number): AnnouncerOutput {
    const due = now + this.#intervalMs;
    const next = due <= until ? { address, due, until } : undefined;
    if (next !== undefined) this.#rounds.push(next);
    this.#announced.set(address, next);
    return { type: "gratuitous", address };
  }
}

interface Round {
  readonly address: number;
  readonly due: number;
  /** When the schedule closes. */
  readonly until: number;
}

function isRequestTo(mac: number, packet: ArpPacket): boolean {
  return (
    packet.operation === ArpOperation.request &&
    packet.hardwareType === ArpHardware.ethernet &&
    packet.protocolType === ArpProtocol.ipv4 &&
    (packet.destination === BROADCAST_MAC || packet.destination === mac) &&
    packet.senderMac !== mac
  );
}

function checkRange(option: string, value: number, least: number): void {
  if (Number.isFinite(value) && value >= least && value <= MOST_MS) return;
  throw new RangeError(`${option} must be from ${least} to ${MOST_MS}, got ${value}`);
}

const MOST_MS = 3_600_000;

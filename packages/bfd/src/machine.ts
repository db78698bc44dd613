import { EchoFunction, type EchoIdentity } from "./echo.ts";
import {
  type BfdMachineOptions,
  type BfdTiming,
  type ResolvedOptions,
  resolveOptions,
} from "./options.ts";
import type { BfdPacket } from "./packet.ts";
import { type RemoteEnd, remoteOf, UNKNOWN_REMOTE } from "./remote.ts";
import { BfdDiagnostic, type BfdState, type DownReason, stateAfter } from "./state.ts";
import { type Intervals, Timing } from "./timing.ts";
import { TransmitSchedule } from "./transmit-schedule.ts";

// One end of a session, in asynchronous mode. What a packet does to the state is the table of
// state.ts; what else happens, with `-` for nothing:
//
//             | silence  | echo lost | admin down | admin up | periodic packets
//  adminDown  | -        | -         | -          | down     | every second
//  down       | -        | -         | admin down | -        | every second, none when passive and unknown
//  init       | down     | -         | admin down | -        | every second
//  up         | down     | down      | admin down | -        | as negotiated
//
// Silence is a detection time without a packet; in every state it makes the neighbour unknown.

/** What a machine is told. */
export type BfdInput =
  | { readonly type: "start" }
  | { readonly type: "packet"; readonly packet: BfdPacket }
  | { readonly type: "echo"; readonly payload: Uint8Array }
  | { readonly type: "tick" }
  | { readonly type: "adminDown" }
  | { readonly type: "adminUp" }
  | { readonly type: "configure"; readonly timing: Required<BfdTiming> };

/** What a machine wants done. */
export type BfdOutput =
  | { readonly type: "send"; readonly packet: BfdPacket }
  | { readonly type: "sendEcho"; readonly payload: Uint8Array }
  /** `reason` when it has left `up`. */
  | { readonly type: "changed"; readonly state: BfdState; readonly reason?: DownReason }
  /** The neighbour says another state than before, or is not heard any more. */
  | { readonly type: "remoteChanged"; readonly state: BfdState };

/**
 * One end of a session. Holds no timer and no socket: hand it what happened and the time, carry out
 * what it returns, and wake it with a tick at its deadline. A tick before the deadline does nothing.
 * Packets have to be accepted by all rules before they come here. Never throws once it is made.
 *
 * @see RFC 5880 section 6.8
 */
export class BfdMachine {
  #options: ResolvedOptions;
  readonly #identity: EchoIdentity;
  readonly #schedule: TransmitSchedule;
  readonly #echo: EchoFunction;
  readonly #timing: Timing;
  #state: BfdState = "down";
  #diagnostic: number = BfdDiagnostic.none;
  #remote: RemoteEnd = UNKNOWN_REMOTE;
  #receivedAt = 0;
  #started = false;
  /** Until when packets that wait in the socket may still disprove silence. */
  #graceUntil: number | undefined;
  /** What was sent last, but for the Poll and Final bits. */
  #said: BfdPacket | undefined;

  /**
   * `random` returns numbers from 0 to below 1.
   *
   * @throws {RangeError} when an option is out of its range; the message names it and its value.
   */
  constructor(options: BfdMachineOptions, identity: EchoIdentity, random: () => number) {
    this.#options = resolveOptions(options);
    this.#identity = identity;
    this.#schedule = new TransmitSchedule(random);
    this.#echo = new EchoFunction(identity, this.#options.echoIntervalMs, random);
    this.#timing = new Timing(this.#wantedIntervals());
  }

  get state(): BfdState {
    return this.#state;
  }

  /** One of {@link BfdDiagnostic}: why the state before this one was left. */
  get diagnostic(): number {
    return this.#diagnostic;
  }

  get remote(): RemoteEnd {
    return this.#remote;
  }

  get isEchoActive(): boolean {
    return this.#echo.isActive;
  }

  /** Between two packets, before jitter; infinite when the neighbour wants none. */
  get transmitIntervalMs(): number {
    const { requiredMinRxUs } = this.#remote;
    if (requiredMinRxUs === 0) return Number.POSITIVE_INFINITY;
    return Math.max(this.#timing.effective.desiredMinTxUs, requiredMinRxUs) / 1_000;
  }

  /** Silence for so long is a failure; undefined while the neighbour is not known. */
  get detectionMs(): number | undefined {
    const { discriminator, detectMultiplier, desiredMinTxUs } = this.#remote;
    if (discriminator === 0) return undefined;
    const intervalUs = Math.max(this.#timing.effective.requiredMinRxUs, desiredMinTxUs);
    return (detectMultiplier * intervalUs) / 1_000;
  }

  /** When to tick next, on the clock of `now`; infinite when nothing is planned. */
  get deadline(): number {
    const expiry = this.#graceUntil ?? this.#expiresAt();
    return Math.min(this.#schedule.deadline, this.#echo.sendAt, expiry);
  }

  handle(input: BfdInput, now: number): readonly BfdOutput[] {
    const outputs: BfdOutput[] = [];
    switch (input.type) {
      case "start":
        this.#started = true;
        break;
      case "packet":
        this.#receive(input.packet, now, outputs);
        break;
      case "echo":
        this.#echo.returned(input.payload, now);
        break;
      case "tick":
        this.#tick(now, outputs);
        break;
      case "adminDown":
        this.#become("adminDown", BfdDiagnostic.administrativelyDown, "adminDown", outputs);
        break;
      case "adminUp":
        if (this.#state === "adminDown") {
          this.#become("down", BfdDiagnostic.none, undefined, outputs);
        }
        break;
      case "configure":
        this.#options = { ...this.#options, ...input.timing };
        break;
    }
    this.#settle(now, outputs);
    return outputs;
  }

  #receive(packet: BfdPacket, now: number, outputs: BfdOutput[]): void {
    const before = this.#remote.state;
    this.#remote = remoteOf(packet);
    this.#receivedAt = now;
    if (packet.state !== before) outputs.push({ type: "remoteChanged", state: packet.state });
    if (packet.final) this.#timing.confirm(this.#state === "up");
    if (this.#state === "adminDown") return;
    const next = stateAfter(this.#state, packet.state);
    if (next === "down") {
      const reason = packet.state === "adminDown" ? "neighborAdminDown" : "neighborDown";
      this.#become(next, BfdDiagnostic.neighborSignaledDown, reason, outputs);
    } else {
      this.#become(next, next === "up" ? BfdDiagnostic.none : this.#diagnostic, undefined, outputs);
    }
    this.#retime(now);
    if (packet.poll) this.#send(outputs, { final: true });
  }

  #tick(now: number, outputs: BfdOutput[]): void {
    if (now >= this.#expiresAt()) {
      // Whoever was held up for long finds timers and packets waiting, and the timers come first.
      this.#graceUntil ??= now + GRACE_MS;
      if (now >= this.#graceUntil) {
        this.#expire(now, outputs);
        this.#retime(now);
      }
    }
    if (now >= this.#echo.sendAt) {
      const payload = this.#echo.next(now, this.#options.detectMultiplier);
      outputs.push({ type: "sendEcho", payload });
    }
    if (now >= this.#schedule.deadline && this.#maySend()) {
      this.#send(outputs, { final: false });
      this.#schedule.advance(now, this.transmitIntervalMs, this.#options.detectMultiplier);
    }
  }

  /** When either detection ends, whatever grace follows. */
  #expiresAt(): number {
    const echo = this.#echo.failAt(this.#options.detectMultiplier);
    return Math.min(this.#receivedAt + (this.detectionMs ?? Number.POSITIVE_INFINITY), echo);
  }

  #expire(now: number, outputs: BfdOutput[]): void {
    const { detectionMs = Number.POSITIVE_INFINITY } = this;
    if (now < this.#receivedAt + detectionMs) {
      this.#become("down", BfdDiagnostic.echoFailed, "echoFailed", outputs);
      return;
    }
    const before = this.#remote.state;
    this.#remote = UNKNOWN_REMOTE;
    this.#timing.abandonPoll();
    if (before !== UNKNOWN_REMOTE.state) {
      outputs.push({ type: "remoteChanged", state: UNKNOWN_REMOTE.state });
    }
    if (this.#state === "adminDown" || this.#state === "down") return;
    this.#become("down", BfdDiagnostic.detectionTimeExpired, "detectionTimeExpired", outputs);
  }

  /** `reason` is of interest only to those who saw the session up. */
  #become(
    state: BfdState,
    diagnostic: number,
    reason: DownReason | undefined,
    outputs: BfdOutput[],
  ): void {
    const before = this.#state;
    if (state === before) return;
    this.#state = state;
    this.#diagnostic = diagnostic;
    this.#timing.abandonPoll();
    const isLoss = before === "up" && reason !== undefined;
    outputs.push(isLoss ? { type: "changed", state, reason } : { type: "changed", state });
  }

  /** Brings what follows from the state, the neighbour and the options into line with them. */
  #settle(now: number, outputs: BfdOutput[]): void {
    this.#retime(now);
    if (now < this.#expiresAt()) this.#graceUntil = undefined;
    const { transmitIntervalMs: intervalMs } = this;
    const { detectMultiplier } = this.#options;
    if (!this.#maySend()) {
      this.#schedule.stop();
    } else if (this.#said === undefined || !isSame(this.#said, this.#packet())) {
      this.#send(outputs, { final: false });
      this.#schedule.restart(now, intervalMs, detectMultiplier);
    } else {
      this.#schedule.ensure(now, intervalMs, detectMultiplier);
    }
  }

  #retime(now: number): void {
    const { requiredMinEchoRxUs } = this.#remote;
    if (this.#options.echo && this.#state === "up" && requiredMinEchoRxUs !== 0) {
      this.#echo.run(now, requiredMinEchoRxUs, this.#options.detectMultiplier);
    } else {
      this.#echo.stop();
    }
    this.#timing.want(this.#wantedIntervals(), this.#state === "up");
  }

  #wantedIntervals(): Intervals {
    const transmitUs = Math.round(this.#options.transmitIntervalMs * 1_000);
    const receiveUs = Math.round(this.#options.receiveIntervalMs * 1_000);
    return {
      desiredMinTxUs: this.#state === "up" ? transmitUs : Math.max(transmitUs, SLOW_US),
      requiredMinRxUs: this.#echo.isActive ? Math.max(receiveUs, SLOW_US) : receiveUs,
    };
  }

  /** Whether periodic packets, and those with news, may be sent. */
  #maySend(): boolean {
    const { discriminator, requiredMinRxUs, demand, state } = this.#remote;
    if (!this.#started || requiredMinRxUs === 0) return false;
    if (this.#options.passive && discriminator === 0) return false;
    const isUnwanted = demand && this.#state === "up" && state === "up";
    return !isUnwanted || this.#timing.isPolling;
  }

  #send(outputs: BfdOutput[], { final }: { readonly final: boolean }): void {
    const packet = this.#packet();
    this.#said = packet;
    const poll = !final && this.#timing.isPolling && this.#remote.discriminator !== 0;
    outputs.push({ type: "send", packet: { ...packet, poll, final } });
  }

  #packet(): BfdPacket {
    return {
      diagnostic: this.#diagnostic,
      state: this.#state,
      poll: false,
      final: false,
      controlPlaneIndependent: this.#options.controlPlaneIndependent,
      demand: false,
      multipoint: false,
      detectMultiplier: this.#options.detectMultiplier,
      myDiscriminator: this.#identity.discriminator,
      yourDiscriminator: this.#remote.discriminator,
      ...this.#timing.advertised,
      requiredMinEchoRxUs: Math.round(this.#options.echoReceiveIntervalMs * 1_000),
    };
  }
}

/** The least interval of sending unless up, and of receiving beside echo packets. */
const SLOW_US = 1_000_000;

/** One turn of an event loop: enough to read what waits in the socket. */
const GRACE_MS = 1;

function isSame(one: BfdPacket, other: BfdPacket): boolean {
  return (
    one.state === other.state &&
    one.diagnostic === other.diagnostic &&
    one.detectMultiplier === other.detectMultiplier &&
    one.yourDiscriminator === other.yourDiscriminator &&
    one.desiredMinTxUs === other.desiredMinTxUs &&
    one.requiredMinRxUs === other.requiredMinRxUs
  );
}

import { EventEmitter } from "eventemitter3";
import type { Authenticator } from "./authentication.ts";
import { type EchoIdentity, isEchoOf } from "./echo.ts";
import { type BfdInput, BfdMachine, type BfdOutput } from "./machine.ts";
import { type BfdSessionOptions, type BfdTiming, resolveTiming } from "./options.ts";
import { type BfdPacket, encodeBfd } from "./packet.ts";
import { countDiscard, type DiscardReason } from "./reception.ts";
import type { BfdCounters, BfdSessionEvents } from "./report.ts";
import type { BfdEchoSocket, BfdSender, Clock, EchoVerdict } from "./socket.ts";
import { type BfdState, isFailure } from "./state.ts";

/** What a speaker gives to a session. @internal */
export interface SessionSeat {
  readonly clock: Clock;
  readonly identity: EchoIdentity;
  readonly random: () => number;
  readonly sender: BfdSender;
  readonly echo: BfdEchoSocket | undefined;
  readonly authenticator: Authenticator | undefined;
  /** Wakes the session at this time or before. */
  readonly plan: (deadline: number) => void;
  readonly leave: () => void;
}

/** One session with one neighbour; made by a speaker's `open`. */
export class BfdSession extends EventEmitter<BfdSessionEvents> {
  readonly #options: BfdSessionOptions;
  readonly #seat: SessionSeat;
  readonly #machine: BfdMachine;
  readonly #counters: Writable<Omit<BfdCounters, "discarded">> = zeroCounters();
  readonly #discarded: Partial<Record<DiscardReason, number>> = {};
  readonly #queue: BfdInput[] = [];
  /** From when on the neighbour may number its packets anew. */
  #forgetAt = Number.POSITIVE_INFINITY;
  #draining = false;
  #closed = false;

  /** @internal */
  constructor(options: BfdSessionOptions, seat: SessionSeat) {
    super();
    this.#options = options;
    this.#seat = seat;
    this.#machine = new BfdMachine(options, seat.identity, seat.random);
    if (seat.echo !== undefined) seat.echo.onEcho = (payload) => this.#judgeEcho(payload);
  }

  /** What it was opened with; the timing may have changed since. */
  get options(): BfdSessionOptions {
    return this.#options;
  }

  /** This end's, on this speaker unique. */
  get discriminator(): number {
    return this.#seat.identity.discriminator;
  }

  get state(): BfdState {
    return this.#machine.state;
  }

  /** The neighbour's, as it says; `down` while it is not heard. */
  get remoteState(): BfdState {
    return this.#machine.remote.state;
  }

  /** Why the state before this one was left, one of `BfdDiagnostic`; and why the neighbour's was. */
  get diagnostics(): { readonly local: number; readonly remote: number } {
    return { local: this.#machine.diagnostic, remote: this.#machine.remote.diagnostic };
  }

  /** Whether it ever was up: until then its state says nothing about the path. */
  get wasUp(): boolean {
    return this.#counters.ups > 0;
  }

  /** Whether the neighbour's BFD would outlive its control plane, as it says. */
  get isRemoteControlPlaneIndependent(): boolean {
    return this.#machine.remote.controlPlaneIndependent;
  }

  /** Between two packets, before jitter, as negotiated; infinite when the neighbour wants none. */
  get transmitIntervalMs(): number {
    return this.#machine.transmitIntervalMs;
  }

  /** Silence for so long is a failure, as negotiated; undefined while the neighbour is not known. */
  get detectionMs(): number | undefined {
    return this.#machine.detectionMs;
  }

  /** Whether echo packets are being sent. */
  get isEchoActive(): boolean {
    return this.#machine.isEchoActive;
  }

  /** A copy. */
  get counters(): BfdCounters {
    return { ...this.#counters, discarded: { ...this.#discarded } };
  }

  /**
   * Changes the timing without a flap: what is slower than before waits for the neighbour's consent.
   * What is left out takes its default.
   *
   * @throws {RangeError} when a value is out of its range; then nothing changes.
   */
  configure(timing: BfdTiming): void {
    this.#handle({ type: "configure", timing: resolveTiming(timing) });
  }

  /** Takes the session down and tells the neighbour that this is no failure (AdminDown). */
  disable(): void {
    this.#handle({ type: "adminDown" });
  }

  /** Lets a disabled session come up again. */
  enable(): void {
    this.#handle({ type: "adminUp" });
  }

  /**
   * Ends the session for good, without an event. The neighbour is told as by `disable`, in a single
   * packet: where its loss matters, disable the session and close it a detection time later.
   */
  close(): void {
    if (this.#closed) return;
    this.removeAllListeners();
    const farewell = this.#machine.handle({ type: "adminDown" }, this.#seat.clock.now());
    this.#closed = true;
    this.#queue.length = 0;
    for (const output of farewell) {
      if (output.type === "send") this.#seat.sender.send(this.#encode(output.packet));
    }
    this.#seat.sender.close();
    if (this.#seat.echo !== undefined) {
      this.#seat.echo.onEcho = undefined;
      this.#seat.echo.close();
    }
    this.#seat.leave();
  }

  /** @internal */
  start(): void {
    this.#handle({ type: "start" });
  }

  /** @internal */
  tick(): void {
    this.#handle({ type: "tick" });
  }

  /** Takes a packet that is for this session; `bytes` are its own. @internal */
  receive(packet: BfdPacket, bytes: Uint8Array): void {
    const now = this.#seat.clock.now();
    const reason = this.#authenticate(packet, bytes, now);
    if (reason !== undefined) {
      this.discard(reason);
      return;
    }
    this.#counters.controlReceived += 1;
    this.#handle({ type: "packet", packet });
    this.#forgetAt = now + 2 * (this.#machine.detectionMs ?? Number.POSITIVE_INFINITY);
  }

  /** Counts a packet of this session that is not accepted. @internal */
  discard(reason: DiscardReason): void {
    countDiscard(this.#discarded, reason);
    this.emit("discarded", reason);
  }

  #authenticate(packet: BfdPacket, bytes: Uint8Array, now: number): DiscardReason | undefined {
    const { authenticator } = this.#seat;
    if (packet.authentication === undefined) {
      return authenticator === undefined ? undefined : "missingAuthentication";
    }
    if (authenticator === undefined) return "unexpectedAuthentication";
    if (now >= this.#forgetAt) authenticator.forgetSequence();
    return authenticator.verify(packet, bytes);
  }

  #judgeEcho(payload: Uint8Array): EchoVerdict {
    if (isEchoOf(this.#seat.identity, payload)) {
      this.#counters.echoReceived += 1;
      this.#handle({ type: "echo", payload: Uint8Array.from(payload) });
      return "ours";
    }
    const { echo = false, echoReceiveIntervalMs } = this.#options;
    const isOffered = echoReceiveIntervalMs === undefined ? echo : echoReceiveIntervalMs > 0;
    return isOffered && this.#machine.remote.discriminator !== 0 ? "return" : "ignore";
  }

  /** Inputs queue up, so that a listener or socket that calls back in does not re-enter the machine. */
  #handle(input: BfdInput): void {
    if (this.#closed) return;
    this.#queue.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const outputs = this.#machine.handle(next, this.#seat.clock.now());
        // Packets first: what a listener throws must not keep them back.
        for (const output of outputs) this.#send(output);
        this.#tell(outputs);
      }
    } finally {
      this.#draining = false;
      if (!this.#closed) this.#seat.plan(this.#machine.deadline);
    }
  }

  #send(output: BfdOutput): void {
    if (this.#closed) return;
    if (output.type === "send") {
      const isTaken = this.#seat.sender.send(this.#encode(output.packet));
      this.#counters[isTaken ? "controlSent" : "dropped"] += 1;
    } else if (output.type === "sendEcho" && this.#seat.echo !== undefined) {
      const isTaken = this.#seat.echo.send(output.payload);
      this.#counters[isTaken ? "echoSent" : "dropped"] += 1;
    }
  }

  #encode(packet: BfdPacket): Uint8Array {
    return this.#seat.authenticator?.seal(packet) ?? encodeBfd(packet);
  }

  #tell(outputs: readonly BfdOutput[]): void {
    const changes = outputs.filter((output) => output.type === "changed");
    for (const { state, reason } of changes) {
      if (state === "up") this.#counters.ups += 1;
      if (reason !== undefined) this.#counters.downs += 1;
    }
    if (changes.length > 0 || outputs.some(({ type }) => type === "remoteChanged")) {
      this.emit("state", { local: this.state, remote: this.remoteState });
    }
    for (const { state, reason } of changes) {
      if (state === "up") this.emit("up");
      if (reason !== undefined) this.emit("down", { reason, isFailure: isFailure(reason) });
    }
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function zeroCounters(): Writable<Omit<BfdCounters, "discarded">> {
  return {
    controlReceived: 0,
    controlSent: 0,
    echoReceived: 0,
    echoSent: 0,
    dropped: 0,
    ups: 0,
    downs: 0,
  };
}

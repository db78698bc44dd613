import { type Identity, isConfirmed, isLive, resolveCollision } from "./collision.ts";
import { Cease, ErrorCode, OpenError } from "./constants.ts";
import { Damping, type DampingOptions } from "./damping.ts";
import { cease, type Ending } from "./ending.ts";
import type { Fault } from "./fault.ts";
import { isRestart, partingOf } from "./graceful-restart.ts";
import { jittered, type Random } from "./jitter.ts";
import type { BfdState, MachineInput, MachineMessage, StopInput } from "./machine-input.ts";
import type { MachineOutput } from "./machine-output.ts";
import type { NotificationMessage, OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import { Slot } from "./slot.ts";
import type { SlotOptions, SlotOwner } from "./slot-owner.ts";
import type { State } from "./transitions.ts";

/** Times and choices of a {@link PeerMachine}. */
export interface MachineOptions extends SlotOptions {
  readonly local: Identity;
  /** Whether it never dials. */
  readonly passive: boolean;
  readonly damping: Required<DampingOptions>;
  /** How long a closed connection may still carry its NOTIFICATION. */
  readonly lingerMs: number;
  /** CollisionDetectEstablishedState: an Established session does not win by itself. */
  readonly compareEstablished: boolean;
}

/** What a {@link PeerMachine} asks for. */
export interface MachineDependencies {
  readonly random: Random;
  /** A number that no connection of the peer has had. */
  nextConnection(): number;
  /** The OPEN to send, as of now. */
  localOpen(): OpenMessage;
  /** Whether the peer's OPEN will do, and what it makes of the session. */
  judge(open: OpenMessage): { readonly negotiated: Negotiated } | Fault;
}

/**
 * A peer: two connections that may collide, one of them dialled here, damping, and connections that
 * still carry their last NOTIFICATION. Holds no timer and no socket: hand it what happened and the
 * time, carry out what it returns, and wake it at its deadline. Never throws.
 */
export class PeerMachine {
  readonly #options: MachineOptions;
  readonly #dependencies: MachineDependencies;
  readonly #dialler: Slot;
  readonly #listener: Slot;
  readonly #damping: Damping;
  readonly #lingering = new Map<number, number>();
  readonly #resumeAt = new Map<Slot, number>();
  #outputs: MachineOutput[] = [];
  #started = false;
  #bfdUp = false;
  #toldState: State = "idle";

  constructor(options: MachineOptions, dependencies: MachineDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#dialler = new Slot(
      this.#ownerOf(() => this.#dialler),
      options,
      dependencies.random,
    );
    this.#listener = new Slot(
      this.#ownerOf(() => this.#listener),
      options,
      dependencies.random,
    );
    this.#damping = new Damping(options.damping);
  }

  /** That of the connection that is furthest; while there is none, whether it dials or listens. */
  get state(): State {
    const [further] = [this.#dialler, this.#listener]
      .filter((slot) => isLive(slot.state))
      .sort((a, b) => RANK.indexOf(b.state) - RANK.indexOf(a.state));
    return (further ?? (this.#options.passive ? this.#listener : this.#dialler)).state;
  }

  /** When to tick next, on the clock of `now`; infinite when nothing is waited for. */
  get deadline(): number {
    return Math.min(this.#dialler.deadline, this.#listener.deadline, ...this.#lingering.values());
  }

  handle(input: MachineInput, now: number): readonly MachineOutput[] {
    this.#outputs = [];
    this.#take(input, now);
    this.#settle(now);
    if (this.state !== this.#toldState) {
      this.#toldState = this.state;
      this.#outputs.push({ type: "state", state: this.#toldState });
    }
    return this.#outputs;
  }

  #ownerOf(slot: () => Slot): SlotOwner {
    return {
      emit: (output) => this.#outputs.push(output),
      nextConnection: this.#dependencies.nextConnection,
      localOpen: this.#dependencies.localOpen,
      close: (connection, last, now) => this.#close(connection, last, now),
      ended: (kind, upMs, now) => this.#ended(slot(), kind, upMs, now),
    };
  }

  #take(input: MachineInput, now: number): void {
    switch (input.type) {
      case "start":
        this.#start(now);
        return;
      case "stop":
        this.#stop(input, now);
        return;
      case "fail":
        this.#fail(input.notification, now);
        return;
      case "bfd":
        this.#bfd(input.state, now);
        return;
      case "accepted":
        this.#accepted(input.connection, now);
        return;
      case "tick":
        this.#tick(now);
        return;
      case "connected":
        this.#connected(input.connection, now);
        return;
      case "dial-failed": {
        const slot = this.#slots.find((candidate) => candidate.dialling === input.connection);
        slot?.handle({ name: "tcp-failed", detail: input.detail }, now);
        return;
      }
      case "closed":
        this.#lingering.delete(input.connection);
        this.#slotOf(input.connection)?.handle({ name: "tcp-failed", detail: input.detail }, now);
        return;
      case "fault": {
        const name = FAULT_EVENTS[input.fault.code] ?? "update-error";
        this.#slotOf(input.connection)?.handle({ name, notification: input.fault }, now);
        return;
      }
      case "blocked":
        this.#slotOf(input.connection)?.setBlocked(input.blocked, now);
        return;
      case "message": {
        const slot = this.#slotOf(input.connection);
        if (slot !== undefined) this.#message(slot, input.message, now);
        return;
      }
    }
  }

  get #slots(): readonly [Slot, Slot] {
    return [this.#dialler, this.#listener];
  }

  #slotOf(connection: number): Slot | undefined {
    return this.#slots.find((slot) => slot.connection === connection);
  }

  #other(slot: Slot): Slot {
    return slot === this.#dialler ? this.#listener : this.#dialler;
  }

  /** By hand: what went wrong before is forgotten, and a wait is over. */
  #start(now: number): void {
    this.#damping.clear();
    this.#resumeAt.clear();
    this.#started = true;
    for (const slot of this.#slots) if (slot.state === "idle") slot.rest(now);
  }

  #stop(input: StopInput, now: number): void {
    this.#started = false;
    this.#damping.clear();
    for (const slot of this.#slots) {
      const session = slot.state === "established" ? slot.negotiated : undefined;
      const notification = partingOf(session, input.notification, input.graceful);
      slot.handle({ name: "manual-stop", notification }, now);
      if (slot.state === "idle") slot.rest(now);
    }
  }

  #fail(notification: NotificationMessage, now: number): void {
    for (const slot of this.#slots) {
      if (isLive(slot.state)) slot.handle({ name: "automatic-stop", notification }, now);
    }
  }

  /** @see RFC 9384 section 2 */
  #bfd(state: BfdState, now: number): void {
    const failed = this.#bfdUp && state === "down";
    this.#bfdUp = state === "up";
    if (!failed) return;
    const session = this.#slots.find((slot) => slot.state === "established");
    session?.handle({ name: "automatic-stop", notification: cease(Cease.bfdDown) }, now);
  }

  #connected(connection: number, now: number): void {
    const slot = this.#slots.find((candidate) => candidate.dialling === connection);
    if (slot === undefined) this.#outputs.push({ type: "destroy", connection });
    else slot.handle({ name: "tcp-acknowledged", connection }, now);
  }

  /**
   * The peer's newest attempt takes the place of one that has not said OPEN. A peer that comes back
   * while its session still stands here is listened to as well: it may say that it has restarted.
   */
  #accepted(connection: number, now: number): void {
    const isSpare = this.#dialler.state === "idle" && this.#listener.state === "established";
    if (isSpare) this.#dialler.handle({ name: "automatic-start-passive" }, now);
    else if (this.#listener.state === "open-sent") this.#listener.relisten(now);
    const slot = isSpare ? this.#dialler : this.#listener;
    slot.handle({ name: "tcp-confirmed", connection }, now);
  }

  #tick(now: number): void {
    for (const slot of this.#slots) slot.tick(now);
    for (const [connection, until] of this.#lingering) {
      if (until > now) continue;
      this.#lingering.delete(connection);
      this.#outputs.push({ type: "destroy", connection });
    }
  }

  #message(slot: Slot, message: MachineMessage, now: number): void {
    switch (message.type) {
      case "open":
        this.#open(slot, message, now);
        return;
      case "notification": {
        const name = isVersionError(message) ? "version-error" : "notification";
        slot.handle({ name, notification: message }, now);
        return;
      }
      case "keepalive":
        slot.handle({ name: "keepalive" }, now);
        if (slot.establishedAt === now) this.#yieldTo(slot, now);
        return;
      default:
        slot.handle({ name: message.type }, now);
        return;
    }
  }

  #open(slot: Slot, open: OpenMessage, now: number): void {
    const name = slot.isDelayingOpen ? "open-delayed" : "open";
    if (slot.state !== "open-sent" && !slot.isDelayingOpen) {
      slot.handle({ name, open, negotiated: undefined }, now);
      return;
    }
    const verdict = this.#dependencies.judge(open);
    if ("fault" in verdict) {
      slot.handle({ name: "open-error", notification: verdict.fault }, now);
      return;
    }
    const { negotiated } = verdict;
    const other = this.#other(slot);
    const session = other.state === "established" ? other.negotiated : undefined;
    if (session && isRestart(open, session, now - other.establishedAt)) other.replace(now);
    const remote = { routerId: open.routerId, asn: negotiated.peerAsn };
    const { local, compareEstablished } = this.#options;
    const decision = resolveCollision(slot, other, local, remote, compareEstablished);
    if (decision === "dump-this") {
      slot.handle({ name: "collision-dump" }, now);
      return;
    }
    if (decision === "dump-other") other.handle({ name: "collision-dump" }, now);
    slot.handle({ name, open, negotiated }, now);
  }

  /** One session is enough. */
  #yieldTo(session: Slot, now: number): void {
    const other = this.#other(session);
    if (isLive(other.state)) other.handle({ name: "collision-dump" }, now);
  }

  #close(connection: number, last: NotificationMessage | undefined, now: number): void {
    if (last === undefined) {
      this.#outputs.push({ type: "destroy", connection });
      return;
    }
    this.#outputs.push({ type: "send", connection, message: last }, { type: "end", connection });
    this.#lingering.set(connection, now + this.#options.lingerMs);
  }

  #ended(slot: Slot, kind: Ending["kind"], upMs: number, now: number): void {
    if (kind === "stopped") return;
    if (kind === "quiet") {
      const waitMs = slot === this.#dialler ? this.#options.connectRetryMs : 0;
      this.#resumeAt.set(slot, now + jittered(waitMs, this.#dependencies.random));
      return;
    }
    const waitMs = jittered(this.#damping.failed(upMs), this.#dependencies.random);
    this.#resumeAt.set(slot, now + waitMs);
    const other = this.#other(slot);
    if (isLive(other.state)) return;
    other.rest(now);
    this.#resumeAt.set(other, now + waitMs);
  }

  /** Starts what rests and should not, and gives up a dial that is not needed any more. */
  #settle(now: number): void {
    if (!this.#started) return;
    const dialler = this.#dialler;
    if (this.#listener.isAtRest) this.#resume(this.#listener, now);
    if (this.#options.passive || isConfirmed(this.#listener.state)) {
      if (dialler.connection === undefined && dialler.state !== "idle") dialler.rest(now);
    } else if (dialler.isAtRest) {
      this.#resume(dialler, now);
    }
  }

  #resume(slot: Slot, now: number): void {
    const delayMs = (this.#resumeAt.get(slot) ?? 0) - now;
    const isDialler = slot === this.#dialler;
    if (delayMs > 0) {
      const name = isDialler ? "automatic-start-damped" : "automatic-start-damped-passive";
      slot.handle({ name, delayMs }, now);
    } else {
      slot.handle({ name: isDialler ? "automatic-start" : "automatic-start-passive" }, now);
    }
  }
}

const RANK: readonly State[] = ["open-sent", "open-confirm", "established"];

const FAULT_EVENTS: Readonly<Record<number, "header-error" | "open-error">> = {
  [ErrorCode.header]: "header-error",
  [ErrorCode.open]: "open-error",
};

function isVersionError({ code, subcode }: NotificationMessage): boolean {
  return code === ErrorCode.open && subcode === OpenError.version;
}

import { type Ending, type EndingAction, endingOf, isEnding, reasonOf } from "./ending.ts";
import { jittered, type Random } from "./jitter.ts";
import type { KeepaliveMessage, OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import type { SlotEvent } from "./slot-event.ts";
import type { SlotOptions, SlotOwner } from "./slot-owner.ts";
import { Timers } from "./timers.ts";
import { type Action, actionFor, type State } from "./transitions.ts";

/**
 * One connection of a peer, from nothing to Established: the finite state machine of RFC 4271, run by
 * the table in `transitions.ts`. A peer has two, so that connections may collide.
 */
export class Slot {
  readonly #owner: SlotOwner;
  readonly #options: SlotOptions;
  readonly #random: Random;
  readonly #timers = new Timers<TimerName>(TIMER_NAMES);
  #state: State = "idle";
  #connection: number | undefined;
  #dialling: number | undefined;
  #isOurs = false;
  #resumeBy: "dial" | "listen" = "listen";
  #negotiated: Negotiated | undefined;
  #open: OpenMessage | undefined;
  #establishedAt = Number.POSITIVE_INFINITY;
  #graceSpent = false;

  constructor(owner: SlotOwner, options: SlotOptions, random: Random) {
    this.#owner = owner;
    this.#options = options;
    this.#random = random;
  }

  get state(): State {
    return this.#state;
  }

  get deadline(): number {
    return this.#timers.deadline;
  }

  /** Undefined while there is none. */
  get connection(): number | undefined {
    return this.#connection;
  }

  /** The number of the dial that is under way. */
  get dialling(): number | undefined {
    return this.#dialling;
  }

  /** Whether the connection was dialled here. */
  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** Since when it is Established; infinite while it is not. */
  get establishedAt(): number {
    return this.#establishedAt;
  }

  /** Undefined before the peer's OPEN was accepted. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /** Whether an OPEN that comes now is one that DelayOpen waits for. */
  get isDelayingOpen(): boolean {
    return this.#timers.isArmed("delay-open-expired");
  }

  /** Whether it is Idle and nothing will wake it. */
  get isAtRest(): boolean {
    return this.#state === "idle" && !this.#timers.isArmed("idle-hold-expired");
  }

  /** Lets every timer that is due expire. */
  tick(now: number): void {
    for (let name = this.#timers.take(now); name !== undefined; name = this.#timers.take(now)) {
      // Timers may run before sockets are read. What is readable comes first: only a second wake,
      // one turn later, ends the session.
      if (name === "hold-expired" && !this.#graceSpent) {
        this.#graceSpent = true;
        this.#timers.arm(name, now + GRACE_MS);
        continue;
      }
      this.handle({ name }, now);
    }
  }

  /** Octets wait for the peer to take them, or do so no longer. @see RFC 9687 section 3 */
  setBlocked(blocked: boolean, now: number): void {
    if (!blocked) this.#timers.disarm("send-hold-expired");
    else if (!this.#timers.isArmed("send-hold-expired")) {
      const holdMs = 1000 * (this.#negotiated?.holdTimeS ?? 0);
      const sendHoldMs = this.#options.sendHoldMs ?? Math.max(EIGHT_MINUTES_MS, 2 * holdMs);
      this.#timers.arm("send-hold-expired", now + sendHoldMs);
    }
  }

  /** The connection is dropped for one with which the peer came back. @see RFC 4724 section 5 */
  replace(now: number): void {
    this.#end({ kind: "quiet", reason: { type: "replaced" } }, now);
  }

  /** Goes back to waiting, or to nothing, before OPEN was sent; the dial is given up. */
  rest(now: number): void {
    this.#cancelDial();
    this.#dropConnection(now);
    this.#becomeIdle();
  }

  /** Gives up a connection in OpenSent and waits for the next, as the peer came with another. */
  relisten(now: number): void {
    this.#dropConnection(now);
    this.#becomeIdle();
    this.#listen();
  }

  handle(event: SlotEvent, now: number): void {
    const action = actionFor(this.#state, event.name);
    if (isEnding(action)) {
      this.#end(endingOf(action, event, this.#state, this.#options.notifyBeforeOpen), now);
    } else {
      this.#actions[action](event, now);
    }
  }

  readonly #actions: Readonly<
    Record<Exclude<Action, EndingAction>, (event: SlotEvent, now: number) => void>
  > = {
    "-": () => {},
    dial: (_, now) => this.#dial(now),
    listen: () => this.#listen(),
    "hold-off": (event, now) => this.#holdOff(event, now),
    resume: (_, now) => (this.#resumeBy === "dial" ? this.#dial(now) : this.#listen()),
    redial: (_, now) => this.#redial(now),
    connected: (event, now) => this.#connected(event, now),
    "send-open": (_, now) => this.#sendOpen(now),
    refuse: (event, now) => this.#refuse(event, now),
    retry: (event, now) => this.#retry(event, now),
    lost: (event, now) => this.#lost(event, now),
    accept: (event, now) => this.#accept(event, now),
    "accept-early": (event, now) => this.#acceptEarly(event, now),
    establish: (_, now) => this.#establish(now),
    alive: (_, now) => this.#armHold(now),
    keepalive: (_, now) => this.#sendKeepalive(now),
  };

  #dial(now: number): void {
    this.#state = "connect";
    this.#isOurs = true;
    this.#resumeBy = "dial";
    this.#dialling = this.#owner.nextConnection();
    this.#armConnectRetry(now);
    this.#owner.emit({ type: "dial", connection: this.#dialling });
  }

  #listen(): void {
    this.#state = "active";
    this.#resumeBy = "listen";
  }

  #holdOff(event: SlotEvent, now: number): void {
    if (!("delayMs" in event)) return;
    this.#resumeBy = event.name === "automatic-start-damped" ? "dial" : "listen";
    this.#timers.arm("idle-hold-expired", now + event.delayMs);
  }

  #redial(now: number): void {
    this.#cancelDial();
    this.#dropConnection(now);
    this.#dial(now);
  }

  #refuse(event: SlotEvent, now: number): void {
    if ("connection" in event) this.#owner.close(event.connection, undefined, now);
  }

  #connected(event: SlotEvent, now: number): void {
    if (!("connection" in event)) return;
    if (this.#connection !== undefined) {
      // It waits for the peer's OPEN on the connection that it has.
      this.#owner.close(event.connection, undefined, now);
      return;
    }
    this.#isOurs = event.name === "tcp-acknowledged";
    if (this.#isOurs) this.#dialling = undefined;
    else this.#cancelDial();
    this.#connection = event.connection;
    this.#timers.disarm("connect-retry-expired");
    if (this.#options.delayOpenMs === 0) {
      this.#sendOpen(now);
      return;
    }
    const delayMs = jittered(this.#options.delayOpenMs, this.#random);
    this.#timers.arm("delay-open-expired", now + delayMs);
  }

  #sendOpen(now: number): void {
    if (this.#connection === undefined) return;
    this.#timers.disarm("connect-retry-expired");
    this.#timers.disarm("delay-open-expired");
    this.#state = "open-sent";
    this.#graceSpent = false;
    this.#timers.arm("hold-expired", now + this.#options.openHoldMs);
    this.#send(this.#owner.localOpen());
  }

  #retry(event: SlotEvent, now: number): void {
    const wasDelaying = this.#state === "connect" && this.isDelayingOpen;
    this.#dialling = undefined;
    if (!wasDelaying) {
      this.#end({ kind: "quiet", reason: reasonOf(event) }, now);
      return;
    }
    this.#timers.disarm("delay-open-expired");
    this.#dropConnection(now);
    this.#state = "active";
    this.#armConnectRetry(now);
    this.#owner.emit({ type: "failed", reason: reasonOf(event) });
  }

  #lost(event: SlotEvent, now: number): void {
    const { isOurs } = this;
    this.#dropConnection(now);
    this.#becomeIdle();
    this.#state = "active";
    if (isOurs) this.#armConnectRetry(now);
    this.#owner.emit({ type: "failed", reason: reasonOf(event) });
  }

  #accept(event: SlotEvent, now: number): void {
    if (!("open" in event) || event.negotiated === undefined) return;
    if (this.#connection === undefined) return;
    this.#open = event.open;
    this.#negotiated = event.negotiated;
    this.#state = "open-confirm";
    this.#timers.disarm("connect-retry-expired");
    this.#armHold(now);
    this.#sendKeepalive(now);
  }

  #acceptEarly(event: SlotEvent, now: number): void {
    this.#sendOpen(now);
    this.#accept(event, now);
  }

  #establish(now: number): void {
    if (this.#connection === undefined || !this.#negotiated || !this.#open) return;
    this.#state = "established";
    this.#establishedAt = now;
    this.#armHold(now);
    this.#owner.emit({
      type: "established",
      connection: this.#connection,
      open: this.#open,
      negotiated: this.#negotiated,
    });
  }

  /** With a hold time of 0 nothing is ever missed, the wait for OPEN included. */
  #armHold(now: number): void {
    const holdMs = 1000 * (this.#negotiated?.holdTimeS ?? 0);
    this.#graceSpent = false;
    if (holdMs === 0) this.#timers.disarm("hold-expired");
    else this.#timers.arm("hold-expired", now + holdMs);
  }

  #sendKeepalive(now: number): void {
    this.#send({ type: "keepalive" });
    const thirdMs = (1000 * (this.#negotiated?.holdTimeS ?? 0)) / 3;
    if (thirdMs === 0) return;
    const intervalMs = Math.min(this.#options.keepaliveMs ?? thirdMs, thirdMs);
    this.#timers.arm("keepalive-expired", now + jittered(intervalMs, this.#random));
  }

  #armConnectRetry(now: number): void {
    const delayMs = jittered(this.#options.connectRetryMs, this.#random);
    this.#timers.arm("connect-retry-expired", now + delayMs);
  }

  #send(message: OpenMessage | KeepaliveMessage): void {
    if (this.#connection === undefined) return;
    this.#owner.emit({ type: "send", connection: this.#connection, message });
  }

  #cancelDial(): void {
    if (this.#dialling === undefined) return;
    this.#owner.emit({ type: "cancel-dial", connection: this.#dialling });
    this.#dialling = undefined;
  }

  #dropConnection(now: number): void {
    if (this.#connection === undefined) return;
    this.#owner.close(this.#connection, undefined, now);
    this.#connection = undefined;
  }

  #end({ kind, reason, last }: Ending, now: number): void {
    const connection = this.#connection;
    const isEstablished = this.#state === "established";
    const upMs = isEstablished ? now - this.#establishedAt : 0;
    this.#cancelDial();
    if (connection !== undefined) this.#owner.close(connection, last, now);
    this.#becomeIdle();
    if (isEstablished && connection !== undefined) {
      this.#owner.emit({ type: "down", connection, reason });
    } else if (kind !== "stopped") {
      this.#owner.emit({ type: "failed", reason });
    }
    this.#owner.ended(kind, upMs, now);
  }

  #becomeIdle(): void {
    this.#state = "idle";
    this.#timers.disarmAll();
    this.#connection = undefined;
    this.#isOurs = false;
    this.#negotiated = undefined;
    this.#open = undefined;
    this.#establishedAt = Number.POSITIVE_INFINITY;
  }
}

const TIMER_NAMES = [
  "idle-hold-expired",
  "connect-retry-expired",
  "delay-open-expired",
  "keepalive-expired",
  "hold-expired",
  "send-hold-expired",
] as const;
type TimerName = (typeof TIMER_NAMES)[number];

const GRACE_MS = 1;
const EIGHT_MINUTES_MS = 480_000;

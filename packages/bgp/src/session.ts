import { MAX_EXTENDED_MESSAGE_LENGTH, MessageType } from "./constants.ts";
import type { Fault } from "./fault.ts";
import { FirstError } from "./first-error.ts";
import { type Frame, Framer } from "./framer.ts";
import { KEEPALIVE } from "./keepalive.ts";
import type {
  KeepaliveMessage,
  NotificationMessage,
  OpenMessage,
  RouteRefreshMessage,
} from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import { decodeNotification, encodeNotification } from "./notification.ts";
import { decodeOpen, encodeOpen } from "./open.ts";
import { decodeRouteRefresh, encodeRouteRefresh } from "./route-refresh.ts";
import type { BgpConnection } from "./transport.ts";

/** A message that a session has read; `update` is the body of one, lent for the call. */
export type SessionMessage =
  | OpenMessage
  | NotificationMessage
  | KeepaliveMessage
  | RouteRefreshMessage
  | { readonly type: "update"; readonly body: Uint8Array };

/** What a session tells its peer. */
export interface SessionSink {
  message(message: SessionMessage): void;
  fault(notification: NotificationMessage): void;
  blocked(blocked: boolean): void;
  closed(detail: string): void;
}

/** Messages that wait to be sent. */
export interface Outgoing {
  /** Some whole messages, of `mostOctets` or a little more; undefined when there are none. */
  pull(mostOctets: number): Uint8Array | undefined;
}

/** What has gone over a connection. */
export interface SessionCounters {
  messagesReceived: number;
  messagesSent: number;
  octetsReceived: number;
  octetsSent: number;
}

/**
 * One connection: cuts and decodes what arrives, encodes what is sent, and pulls routes only while
 * the socket takes them, so that what waits is never encoded and a NOTIFICATION soon leaves.
 */
export class Session {
  readonly #connection: BgpConnection;
  readonly #sink: SessionSink;
  readonly #counters: SessionCounters;
  readonly #framer = new Framer();
  /** Of whoever is told of messages: those behind one are read all the same. */
  readonly #thrown = new FirstError();
  #outgoing: Outgoing | undefined;
  #isBlocked = false;
  #state: "open" | "ending" | "closed" = "open";

  constructor(connection: BgpConnection, sink: SessionSink, counters: SessionCounters) {
    this.#connection = connection;
    this.#sink = sink;
    this.#counters = counters;
    connection.onData = (bytes) => this.#receive(bytes);
    connection.onDrain = () => this.#drained();
    connection.onClose = (reason) => this.#closed(reason);
  }

  get connection(): BgpConnection {
    return this.#connection;
  }

  send(message: OpenMessage | KeepaliveMessage | NotificationMessage | RouteRefreshMessage): void {
    this.#counters.messagesSent += 1;
    this.#write(encode(message));
  }

  /** From now on what is outgoing is sent as the socket takes it. */
  established(negotiated: Negotiated, outgoing: Outgoing): void {
    if (negotiated.extendedMessage) this.#framer.maxLength = MAX_EXTENDED_MESSAGE_LENGTH;
    this.#outgoing = outgoing;
  }

  /** There is something outgoing again. */
  wake(): void {
    while (!this.#isBlocked && this.#state === "open") {
      const octets = this.#outgoing?.pull(CHUNK_LENGTH);
      if (octets === undefined) return;
      this.#write(octets);
    }
  }

  /** Closes our direction after what was written; what still arrives is thrown away. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#outgoing = undefined;
    this.#connection.end();
  }

  /** The connection is gone when this returns. */
  destroy(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#outgoing = undefined;
    this.#connection.destroy();
  }

  #receive(bytes: Uint8Array): void {
    this.#counters.octetsReceived += bytes.length;
    if (this.#state !== "open") return;
    this.#framer.push(bytes);
    // What a message leads to may end the session.
    while (this.#state === "open" && this.#takeNext()) {}
    this.#thrown.raise();
  }

  /** False when there is no whole message left, or none that can be told from the next. */
  #takeNext(): boolean {
    const frame = this.#framer.next();
    if (frame === undefined) return false;
    const message = "fault" in frame ? frame : decode(frame);
    if ("fault" in message) {
      this.#thrown.guard(() => this.#sink.fault(message.fault));
      return false;
    }
    this.#counters.messagesReceived += 1;
    this.#thrown.guard(() => this.#sink.message(message));
    return true;
  }

  #write(octets: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#counters.octetsSent += octets.length;
    if (this.#connection.write(octets) || this.#isBlocked) return;
    this.#isBlocked = true;
    this.#sink.blocked(true);
  }

  #drained(): void {
    if (this.#state !== "open" || !this.#isBlocked) return;
    this.#isBlocked = false;
    this.#sink.blocked(false);
    this.wake();
  }

  #closed(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#outgoing = undefined;
    this.#sink.closed(reason);
  }
}

/** Large enough for the system calls not to matter, small enough to wait behind. */
const CHUNK_LENGTH = 65_536;

function decode(frame: Frame): SessionMessage | Fault {
  switch (frame.type) {
    case MessageType.open:
      return decodeOpen(frame.body);
    case MessageType.update:
      return { type: "update", body: frame.body };
    case MessageType.notification:
      return decodeNotification(frame.body);
    case MessageType.keepalive:
      return { type: "keepalive" };
    case MessageType.routeRefresh:
      return decodeRouteRefresh(frame.body);
  }
}

function encode(
  message: OpenMessage | KeepaliveMessage | NotificationMessage | RouteRefreshMessage,
): Uint8Array {
  switch (message.type) {
    case "open":
      return encodeOpen(message);
    case "keepalive":
      return KEEPALIVE;
    case "notification":
      return encodeNotification(message);
    case "route-refresh":
      return encodeRouteRefresh(message);
  }
}

import { EventEmitter } from "eventemitter3";
import { AdjRibIn } from "./adj-rib-in.ts";
import { Cease, ErrorCode } from "./constants.ts";
import { Dials } from "./dials.ts";
import { Exchange } from "./exchange.ts";
import { FirstError } from "./first-error.ts";
import { noImports, type ReceivedRoutes } from "./import.ts";
import type { BfdState, MachineInput } from "./machine-input.ts";
import type { MachineOutput } from "./machine-output.ts";
import type { Family, NotificationMessage, OpenMessage } from "./message.ts";
import type { Negotiated } from "./negotiate.ts";
import { shutdownData } from "./notification.ts";
import { obstacleTo } from "./obstacle.ts";
import { NO_OCTETS } from "./octets.ts";
import { judgeOpen, localOpen } from "./open-policy.ts";
import type { PeerCounters } from "./peer-counters.ts";
import type { PeerEvents, StopOptions } from "./peer-events.ts";
import type { PeerHost } from "./peer-host.ts";
import { PeerMachine } from "./peer-machine.ts";
import type { ResolvedOptions } from "./peer-options.ts";
import { Session, type SessionCounters, type SessionMessage } from "./session.ts";
import type { State } from "./transitions.ts";
import type { BgpConnection } from "./transport.ts";

/** A neighbour, and the session with it. Made by `Speaker.peer`. */
export class Peer extends EventEmitter<PeerEvents> {
  /** Canonical text. */
  readonly address: string;
  readonly #host: PeerHost;
  readonly #options: ResolvedOptions;
  readonly #machine: PeerMachine;
  readonly #sessions = new Map<number, Session>();
  readonly #dials: Dials;
  readonly #inputs: MachineInput[] = [];
  readonly #events: (() => void)[] = [];
  readonly #traffic: SessionCounters = {
    messagesReceived: 0,
    messagesSent: 0,
    octetsReceived: 0,
    octetsSent: 0,
  };
  readonly #imports = noImports();
  readonly #received = new AdjRibIn();
  /** Of whoever is told of routes. */
  readonly #thrown = new FirstError();
  #established = 0;
  #failed = 0;
  #lastConnection = 0;
  #current: { readonly connection: number; readonly exchange: Exchange } | undefined;
  #gracefulShutdown = false;
  #isDraining = false;
  #isRemoved = false;

  /** @internal */
  constructor(address: string, options: ResolvedOptions, host: PeerHost) {
    super();
    this.address = address;
    this.#host = host;
    this.#options = options;
    this.#dials = new Dials(host.dial, {
      connected: (connection, made) => {
        this.#adopt(connection, made);
        this.#handle({ type: "connected", connection });
      },
      failed: (connection, detail) => this.#handle({ type: "dial-failed", connection, detail }),
    });
    const { localAsn: asn, routerId, keepaliveS, sendHoldMs } = options;
    this.#machine = new PeerMachine(
      {
        ...options,
        local: { asn, routerId },
        passive: host.dial === undefined,
        keepaliveMs: keepaliveS === undefined ? undefined : 1000 * keepaliveS,
        sendHoldMs,
      },
      {
        random: host.random,
        nextConnection: () => this.#nextConnection(),
        localOpen: () => this.#localOpen(),
        judge: (open) => judgeOpen(options, this.#localOpen(), open),
      },
    );
  }

  get state(): State {
    return this.#machine.state;
  }

  /** Undefined unless the session is Established. */
  get negotiated(): Negotiated | undefined {
    return this.#current?.exchange.negotiated;
  }

  /** What the peer has announced; empty unless `keepRoutes` was asked for. */
  get routes(): AdjRibIn {
    return this.#received;
  }

  /** A copy of the counters. */
  get counters(): PeerCounters {
    return {
      ...this.#traffic,
      ...this.#imports,
      established: this.#established,
      failed: this.#failed,
      sent: this.#current?.exchange.sent,
    };
  }

  /** Starts, or starts again without waiting; what went wrong before is forgotten. */
  start(): void {
    if (!this.#isRemoved) this.#handle({ type: "start" });
  }

  /** Ends the session and makes no new one until `start`. */
  stop({ text = "", graceful = false }: StopOptions = {}): void {
    this.#stop(Cease.administrativeShutdown, text, graceful);
  }

  /** Ends the session and makes a new one. The routes go. */
  reset({ text = "" }: { readonly text?: string } = {}): void {
    this.#stop(Cease.administrativeReset, text, false);
    this.start();
  }

  /** Stops, and takes the peer out of the speaker. */
  remove(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    this.#stop(Cease.peerDeconfigured, "", false);
    this.#host.remove();
  }

  /** Tells how the path to the peer is. It going down ends the session. @see RFC 9384 */
  bfd(state: BfdState): void {
    this.#handle({ type: "bfd", state });
  }

  /**
   * Announces all routes again as ones that will go soon, or as usual; holds for later sessions too.
   *
   * @see RFC 8326
   */
  gracefulShutdown(wanted = true): void {
    this.#gracefulShutdown = wanted;
    this.#current?.exchange.setGracefulShutdown(wanted);
  }

  /** Asks the peer for all its routes of a family again. False when it cannot be asked. */
  requestRefresh(family: Family): boolean {
    const session = this.#current && this.#sessions.get(this.#current.connection);
    if (session === undefined || this.negotiated?.routeRefresh !== true) return false;
    session.send({ type: "route-refresh", ...family, subtype: 0 });
    return true;
  }

  /** @internal */
  get deadline(): number {
    return this.#machine.deadline;
  }

  /** Whether nothing of it is open. @internal */
  get isQuiet(): boolean {
    return this.#sessions.size === 0 && this.#dials.size === 0;
  }

  /** @internal */
  tick(): void {
    this.#handle({ type: "tick" });
  }

  /** @param minTtl what is known to be dropped on the connection already. @internal */
  accept(connection: BgpConnection, minTtl = 0): void {
    const obstacle = obstacleTo(connection, minTtl, this.#options);
    if (obstacle !== undefined) {
      connection.destroy();
      this.#failed += 1;
      this.emit("failed", { type: "connection-failed", detail: obstacle });
      return;
    }
    const number = this.#nextConnection();
    this.#adopt(number, connection);
    this.#handle({ type: "accepted", connection: number });
  }

  /** Says that the routes are complete. @internal */
  complete(): void {
    this.#current?.exchange.endOfRibs();
  }

  /** Sends what is pending. @internal */
  flush(): void {
    if (this.#current !== undefined) this.#sessions.get(this.#current.connection)?.wake();
  }

  #nextConnection(): number {
    this.#lastConnection += 1;
    return this.#lastConnection;
  }

  #localOpen(): OpenMessage {
    return localOpen(this.#options, this.#host.isRestarting());
  }

  #stop(subcode: number, text: string, graceful: boolean): void {
    const data = text === "" ? NO_OCTETS : shutdownData(text);
    const code = ErrorCode.cease;
    const notification: NotificationMessage = { type: "notification", code, subcode, data };
    this.#handle({ type: "stop", notification, graceful });
  }

  /** Inputs queue up, so that whoever is called cannot re-enter; listeners come last. */
  #handle(input: MachineInput): void {
    this.#inputs.push(input);
    if (this.#isDraining) return;
    this.#isDraining = true;
    const thrown = new FirstError();
    try {
      do {
        this.#run();
        const tell = this.#events.shift();
        if (tell !== undefined) thrown.guard(tell);
      } while (this.#inputs.length > 0 || this.#events.length > 0);
    } finally {
      this.#isDraining = false;
      this.#host.changed();
    }
    thrown.raise();
  }

  #run(): void {
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const outputs = this.#machine.handle(next, this.#host.clock.now());
      for (const output of outputs) this.#carryOut(output);
    }
  }

  #carryOut(output: MachineOutput): void {
    switch (output.type) {
      case "dial":
        this.#dials.start(output.connection);
        return;
      case "cancel-dial":
        this.#dials.cancel(output.connection);
        return;
      case "send":
        this.#sessions.get(output.connection)?.send(output.message);
        return;
      case "end":
        this.#sessions.get(output.connection)?.end();
        return;
      case "destroy":
        this.#sessions.get(output.connection)?.destroy();
        this.#sessions.delete(output.connection);
        return;
      case "established":
        this.#establish(output);
        return;
      case "down":
        this.#leave(output.connection);
        this.#events.push(() => this.emit("down", output.reason));
        return;
      case "failed":
        this.#failed += 1;
        this.#events.push(() => this.emit("failed", output.reason));
        return;
      case "state":
        this.#events.push(() => this.emit("state", output.state));
    }
  }

  #adopt(number: number, connection: BgpConnection): void {
    const session = new Session(
      connection,
      {
        message: (message) => this.#receive(number, message),
        fault: (fault) => this.#handle({ type: "fault", connection: number, fault }),
        blocked: (blocked) => this.#handle({ type: "blocked", connection: number, blocked }),
        closed: (detail) => {
          this.#sessions.delete(number);
          this.#handle({ type: "closed", connection: number, detail });
        },
      },
      this.#traffic,
    );
    this.#sessions.set(number, session);
  }

  #receive(connection: number, message: SessionMessage): void {
    const exchange = this.#current?.connection === connection ? this.#current.exchange : undefined;
    if (message.type !== "update") {
      this.#handle({ type: "message", connection, message });
      if (message.type === "route-refresh") exchange?.refresh(message);
      this.#thrown.raise();
      return;
    }
    const update = exchange?.receive(message.body);
    if (update !== undefined && "fault" in update) {
      this.#handle({ type: "fault", connection, fault: update.fault });
      return;
    }
    // The peer is alive, whatever becomes of its routes.
    this.#handle({ type: "message", connection, message: UPDATE });
    const cease = update?.();
    if (cease !== undefined) this.#handle({ type: "fail", notification: cease });
    this.#thrown.raise();
  }

  #establish(output: Extract<MachineOutput, { type: "established" }>): void {
    const { connection, negotiated, open } = output;
    const session = this.#sessions.get(connection);
    if (session === undefined) return;
    const exchange = new Exchange(session, negotiated, {
      options: this.#options,
      routes: this.#host.routes,
      counters: this.#imports,
      onRoutes: this.#onRoutes,
      gracefulShutdown: this.#gracefulShutdown,
      onPending: () => this.#host.flushSoon(),
    });
    this.#established += 1;
    this.#current = { connection, exchange };
    if (this.#host.isComplete()) exchange.endOfRibs();
    const { localAddress, remoteAddress, remotePort } = session.connection;
    const info = { negotiated, open, localAddress, remoteAddress, remotePort };
    this.#events.push(() => this.emit("established", info));
  }

  get #onRoutes(): ((routes: ReceivedRoutes) => void) | undefined {
    const { onRoutes, keepRoutes } = this.#options;
    if (!keepRoutes && onRoutes === undefined) return undefined;
    return (routes) => {
      const gone = keepRoutes ? this.#received.take(routes) : [];
      const told = gone.length > 0 ? { ...routes, withdrawn: gone } : routes;
      this.#thrown.guard(() => onRoutes?.(told));
    };
  }

  #leave(connection: number): void {
    if (this.#current?.connection !== connection) return;
    this.#current.exchange.close();
    this.#current = undefined;
    this.#received.clear();
  }
}

const UPDATE = { type: "update" } as const;

import type { Fault } from "../fault.ts";
import type { MachineInput, MachineMessage } from "../machine-input.ts";
import type { MachineOutput } from "../machine-output.ts";
import type { NotificationMessage, OpenMessage } from "../message.ts";
import { judgeOpen, localOpen } from "../open-policy.ts";
import { PeerMachine } from "../peer-machine.ts";
import type { SessionOptions } from "../peer-options.ts";
import { resolveOptions } from "../resolve-options.ts";

/** The speaker at the other end of a {@link PeerBench}, by its OPEN. */
export const REMOTE: { readonly asn: number; readonly routerId: string } = {
  asn: 65_002,
  routerId: "192.0.2.2",
};

/** One machine, driven by hand: what goes in, what comes out, and when. */
export class PeerBench {
  readonly machine: PeerMachine;
  readonly options: ReturnType<typeof resolveOptions>;
  now = 1_000;
  #last = 0;

  constructor(
    options: Partial<SessionOptions> & { readonly passive?: boolean } = {},
    random = () => 1,
  ) {
    const { passive = false, ...rest } = options;
    const speaker = { asn: 65_001, routerId: "192.0.2.1" };
    this.options = resolveOptions({ asn: REMOTE.asn, ...rest }, speaker);
    const { localAsn: asn, routerId, keepaliveS, sendHoldMs } = this.options;
    const keepaliveMs = keepaliveS === undefined ? undefined : keepaliveS * 1000;
    this.machine = new PeerMachine(
      { ...this.options, local: { asn, routerId }, passive, keepaliveMs, sendHoldMs },
      {
        random,
        nextConnection: () => this.number(),
        localOpen: () => localOpen(this.options, false),
        judge: (open): ReturnType<typeof judgeOpen> | Fault =>
          judgeOpen(this.options, localOpen(this.options, false), open),
      },
    );
  }

  /** A number for a connection that is accepted. */
  number(): number {
    this.#last += 1;
    return this.#last;
  }

  put(input: MachineInput, later = 0): string[] {
    return this.putRaw(input, later).map(describe);
  }

  putRaw(input: MachineInput, later = 0): readonly MachineOutput[] {
    this.now += later;
    return this.machine.handle(input, this.now);
  }

  /** Lets time pass until the deadline, and ticks. */
  wake(): string[] {
    this.now = this.machine.deadline;
    return this.put({ type: "tick" });
  }

  message(connection: number, message: MachineMessage): string[] {
    return this.put({ type: "message", connection, message });
  }

  /** Starts, and gives the number of the dial. */
  dial(): number {
    const out = this.putRaw({ type: "start" });
    for (const output of out) if (output.type === "dial") return output.connection;
    throw new Error("it did not dial");
  }

  /** Starts, connects, and brings the session to where it is wanted; gives the connection. */
  bring(to: "open-sent" | "open-confirm" | "established", open = remoteOpen()): number {
    const connection = this.dial();
    this.put({ type: "connected", connection });
    if (to !== "open-sent") this.message(connection, open);
    if (to === "established") this.message(connection, { type: "keepalive" });
    if (this.machine.state !== to) throw new Error(`it is ${this.machine.state}`);
    return connection;
  }
}

/** What the peer says first, unless something of it is to be different. */
export function remoteOpen(changes: Partial<OpenMessage> = {}): OpenMessage {
  const options = resolveOptions({ asn: 65_001, gracefulRestart: {} }, REMOTE);
  return { ...localOpen(options, false), ...changes };
}

/** A NOTIFICATION without data. */
export function notification(code: number, subcode: number): NotificationMessage {
  return { type: "notification", code, subcode, data: new Uint8Array() };
}

/** An output in a line: `send 1 open`, `destroy 2`, `down notification-sent 4/0`. */
export function describe(output: MachineOutput): string {
  switch (output.type) {
    case "send": {
      const { message, connection } = output;
      if (message.type !== "notification") return `send ${connection} ${message.type}`;
      const data = message.data.length > 0 ? ` [${message.data}]` : "";
      return `send ${connection} ${message.code}/${message.subcode}${data}`;
    }
    case "state":
      return `state ${output.state}`;
    case "down":
    case "failed": {
      const { reason } = output;
      if (!("notification" in reason)) return `${output.type} ${reason.type}`;
      return `${output.type} ${reason.type} ${reason.notification.code}/${reason.notification.subcode}`;
    }
    default:
      return `${output.type} ${output.connection}`;
  }
}

import { describe, expect, it } from "vitest";
import { judgeOpen, localOpen } from "./open-policy.ts";
import { Slot } from "./slot.ts";
import type { SlotEvent } from "./slot-event.ts";
import { notification, PeerBench, remoteOpen } from "./testing/peer-bench.ts";
import { EVENTS, type EventName, STATES, type State } from "./transitions.ts";

// Every cell of RFC 4271 section 8.2.2, as what is to be seen from outside: the state afterwards, what
// was done, and how it ended. "=" is nothing at all. In Connect and Active the slot has no connection
// yet, except where a row says so.
const SAME = "=";
const DROP = "idle, destroy, failure";
const QUIET = "idle, failure"; // nothing to drop yet
const DIALLING = "idle, cancel-dial, failure";
const said = (error: string) => `idle, say ${error}, failure`;
const fsm = (type: string) => [1, 2, 3].map((subcode) => said(`5/${subcode}${type}`));
const [timerInOpenSent = "", timerInOpenConfirm = "", timerInEstablished = ""] = fsm("");

// idle, connect, active, open-sent, open-confirm, established
const EXPECTED: Readonly<Record<EventName, readonly string[]>> = {
  "manual-start": ["connect, dial", SAME, SAME, SAME, SAME, SAME],
  "manual-stop": [
    SAME,
    "idle, cancel-dial, stopped",
    "idle, stopped",
    ...Array<string>(3).fill("idle, say 6/2, stopped"),
  ],
  "automatic-start": ["connect, dial", SAME, SAME, SAME, SAME, SAME],
  "manual-start-passive": ["active", SAME, SAME, SAME, SAME, SAME],
  "automatic-start-passive": ["active", SAME, SAME, SAME, SAME, SAME],
  "automatic-start-damped": ["idle, waits", SAME, SAME, SAME, SAME, SAME],
  "automatic-start-damped-passive": ["idle, waits", SAME, SAME, SAME, SAME, SAME],
  "automatic-stop": [SAME, DIALLING, QUIET, said("6/1"), said("6/1"), said("6/1")],
  "connect-retry-expired": [
    SAME,
    "connect, cancel-dial, dial",
    "connect, dial",
    timerInOpenSent,
    timerInOpenConfirm,
    timerInEstablished,
  ],
  "hold-expired": [SAME, DIALLING, QUIET, said("4/0"), said("4/0"), said("4/0")],
  "keepalive-expired": [
    SAME,
    DIALLING,
    QUIET,
    timerInOpenSent,
    "open-confirm, send keepalive",
    "established, send keepalive",
  ],
  // Without a connection there is nothing to send OPEN on.
  "delay-open-expired": [SAME, SAME, SAME, timerInOpenSent, timerInOpenConfirm, timerInEstablished],
  "idle-hold-expired": [
    "active",
    DIALLING,
    QUIET,
    timerInOpenSent,
    timerInOpenConfirm,
    timerInEstablished,
  ],
  "tcp-valid": [SAME, SAME, SAME, SAME, SAME, SAME],
  "tcp-invalid": Array<string>(6).fill("refuse"),
  "tcp-acknowledged": [
    "refuse",
    "open-sent, send open",
    "open-sent, send open",
    "refuse",
    "refuse",
    "refuse",
  ],
  "tcp-confirmed": [
    "refuse",
    "open-sent, cancel-dial, send open",
    "open-sent, send open",
    "refuse",
    "refuse",
    "refuse",
  ],
  "tcp-failed": [SAME, "idle, quiet", "idle, quiet", "active, destroy", DROP, DROP],
  open: [SAME, DIALLING, QUIET, "open-confirm, send keepalive", ...fsm("[1]").slice(1)],
  // While OPEN is delayed there is a connection: see the test below.
  "open-delayed": [SAME, SAME, SAME, ...fsm("[1]")],
  "header-error": [SAME, DIALLING, QUIET, said("1/1"), said("1/1"), said("1/1")],
  "open-error": [SAME, DIALLING, QUIET, said("2/2"), said("2/2"), said("2/2")],
  "collision-dump": [
    SAME,
    "idle, cancel-dial, quiet",
    "idle, quiet",
    ...Array<string>(3).fill("idle, say 6/7, quiet"),
  ],
  "version-error": [
    SAME,
    "idle, cancel-dial, quiet",
    "idle, quiet",
    ...Array<string>(3).fill("idle, destroy, quiet"),
  ],
  notification: [SAME, DIALLING, QUIET, DROP, DROP, DROP],
  keepalive: [SAME, DIALLING, QUIET, said("5/1[4]"), "established", SAME],
  update: [SAME, DIALLING, QUIET, said("5/1[2]"), said("5/2[2]"), SAME],
  "update-error": [SAME, DIALLING, QUIET, said("5/1[2]"), said("5/2[2]"), said("3/1")],
  "send-hold-expired": [SAME, DIALLING, QUIET, said("8/0"), said("8/0"), said("8/0")],
  "route-refresh": [SAME, DIALLING, QUIET, said("5/1[5]"), said("5/2[5]"), SAME],
};

class SlotBench {
  readonly slot: Slot;
  readonly #log: string[] = [];
  readonly #options = new PeerBench().options;

  constructor(delayOpenMs = 0, notifyBeforeOpen = false) {
    const settings = { ...this.#options, keepaliveMs: undefined, sendHoldMs: undefined };
    this.slot = new Slot(
      {
        emit: (output) => {
          if (output.type === "send") this.#log.push(`send ${output.message.type}`);
          else if (output.type === "dial" || output.type === "cancel-dial") {
            this.#log.push(output.type);
          }
        },
        nextConnection: () => 1,
        localOpen: () => localOpen(this.#options, false),
        close: (connection, last) => {
          if (connection === STRANGER) this.#log.push("refuse");
          else if (last === undefined) this.#log.push("destroy");
          else {
            const data = last.data.length > 0 ? `[${last.data}]` : "";
            this.#log.push(`say ${last.code}/${last.subcode}${data}`);
          }
        },
        ended: (kind) => this.#log.push(kind),
      },
      { ...settings, delayOpenMs, notifyBeforeOpen },
      () => 1,
    );
  }

  in(state: State): this {
    if (state === "connect") this.slot.handle({ name: "manual-start" }, 0);
    if (STATES.indexOf(state) > 1) this.slot.handle({ name: "manual-start-passive" }, 0);
    if (STATES.indexOf(state) > 2) {
      this.slot.handle({ name: "tcp-confirmed", connection: 1 }, 0);
    }
    if (STATES.indexOf(state) > 3) this.slot.handle(this.event("open"), 0);
    if (state === "established") this.slot.handle({ name: "keepalive" }, 0);
    expect(this.slot.state).toBe(state);
    this.#log.length = 0;
    return this;
  }

  /** What an event leads to, in the words of the table. */
  put(name: EventName): string {
    const before = this.slot.state;
    this.slot.handle(this.event(name), 10);
    if (this.slot.state === "idle" && Number.isFinite(this.slot.deadline)) this.#log.push("waits");
    const log = this.#log.splice(0);
    if (log.includes("refuse")) return this.slot.state === before ? log.join() : "changed";
    if (log.length === 0 && this.slot.state === before) return SAME;
    return [this.slot.state, ...log].join(", ");
  }

  event(name: EventName): SlotEvent {
    const open = remoteOpen();
    const verdict = judgeOpen(this.#options, localOpen(this.#options, false), open);
    const negotiated = "fault" in verdict ? undefined : verdict.negotiated;
    switch (name) {
      case "automatic-start-damped":
      case "automatic-start-damped-passive":
        return { name, delayMs: 500 };
      case "tcp-acknowledged":
      case "tcp-confirmed":
        return {
          name,
          connection:
            this.slot.connection === undefined && this.slot.state !== "idle" ? 1 : STRANGER,
        };
      case "tcp-invalid":
        return { name, connection: STRANGER };
      case "tcp-failed":
        return { name, detail: "reset" };
      case "open":
      case "open-delayed":
        return { name, open, negotiated };
      case "header-error":
        return { name, notification: notification(1, 1) };
      case "open-error":
        return { name, notification: notification(2, 2) };
      case "update-error":
        return { name, notification: notification(3, 1) };
      case "version-error":
        return { name, notification: notification(2, 1) };
      case "notification":
        return { name, notification: notification(6, 4) };
      case "automatic-stop":
        return { name, notification: notification(6, 1) };
      case "manual-stop":
        return { name, notification: notification(6, 2) };
      default:
        return { name };
    }
  }
}

const STRANGER = 99;
const cells = EVENTS.flatMap((event) =>
  STATES.map((state, i) => ({ event, state, expected: EXPECTED[event][i] })),
);

describe("the state machine of RFC 4271 section 8", () => {
  it("has a row for each of the 28 events and the two that came later", () => {
    expect(EVENTS.length).toBe(30);
    expect(cells.length).toBe(180);
  });

  it.each(cells)("$event in $state", ({ event, state, expected }) => {
    expect(new SlotBench().in(state).put(event)).toBe(expected);
  });

  it.each<[State]>([["connect"], ["active"]])(
    "delays OPEN in %s until the peer's comes",
    (state) => {
      const bench = new SlotBench(1_000).in(state);
      const cancelled = state === "connect" ? ["cancel-dial"] : [];
      expect(bench.put("tcp-confirmed")).toBe(
        cancelled.length > 0 ? [state, ...cancelled].join(", ") : SAME,
      );
      expect(bench.slot.isDelayingOpen).toBe(true);
      expect(bench.put("open-delayed")).toBe("open-confirm, send open, send keepalive");
    },
  );

  it("delays OPEN no longer than it was told", () => {
    const bench = new SlotBench(1_000).in("active");
    bench.put("tcp-confirmed");
    expect(bench.slot.deadline).toBe(1_010);
    expect(bench.put("delay-open-expired")).toBe("open-sent, send open");
    expect(bench.slot.isDelayingOpen).toBe(false);
  });

  it("goes to Active when TCP fails while OPEN is delayed in Connect", () => {
    const bench = new SlotBench(1_000).in("connect");
    bench.put("tcp-acknowledged");
    expect(bench.put("tcp-failed")).toBe("active, destroy");
  });

  it("says what was wrong before OPEN only when asked to", () => {
    const silent = new SlotBench(1_000).in("active");
    silent.put("tcp-confirmed");
    expect(silent.put("header-error")).toBe(DROP);
    const telling = new SlotBench(1_000, true).in("active");
    telling.put("tcp-confirmed");
    expect(telling.put("header-error")).toBe(said("1/1"));
  });
});

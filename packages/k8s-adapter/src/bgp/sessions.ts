import type { MeasuredSession } from "../observe/bgp-metrics.ts";
import type { PeerSettings } from "../reconcile/bgp-peers.ts";
import type { PeerSession } from "./announcements.ts";
import { BgpSession, type SessionHost } from "./session.ts";

/** The sessions of a speaker, for those who want to see how they are. */
export class BgpSessions {
  readonly #host: Omit<SessionHost, "isStarting">;
  readonly #sessions = new Set<BgpSession>();

  constructor(host: Omit<SessionHost, "isStarting">) {
    this.#host = host;
  }

  /** Begins one; it is measured until it is stopped. */
  open(settings: PeerSettings, isStarting: () => boolean): PeerSession {
    const session = new BgpSession(settings, { ...this.#host, isStarting });
    this.#sessions.add(session);
    return {
      announce: (prefix, attributes) => session.announce(prefix, attributes),
      withdraw: (prefix) => session.withdraw(prefix),
      complete: () => session.complete(),
      watch: (timing) => session.watch(timing),
      stop: (text, forRestart) => {
        this.#sessions.delete(session);
        return session.stop(text, forRestart);
      },
    };
  }

  measure(): readonly MeasuredSession[] {
    return Array.from(this.#sessions, ({ settings: { address, port }, status }) => ({
      peer: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
      ...status,
    }));
  }
}

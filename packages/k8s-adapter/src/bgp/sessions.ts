import type { MeasuredSession } from "../observe/bgp-metrics.ts";
import type { PeerSettings } from "../reconcile/bgp-peers.ts";
import type { PeerSession } from "./announcements.ts";
import type { FindRouter } from "./cables.ts";
import { BgpSession, type SessionHost } from "./session.ts";
import { type MeasuredPeerSession, UnnumberedSession } from "./unnumbered.ts";

/** What sessions run on, and where routers without an address are found. */
export interface SessionsHost extends Omit<SessionHost, "isStarting"> {
  readonly find: FindRouter;
}

/** The sessions of a speaker, for those who want to see how they are. */
export class BgpSessions {
  readonly #host: SessionsHost;
  readonly #sessions = new Set<Session>();

  constructor(host: SessionsHost) {
    this.#host = host;
  }

  /** Begins one; it is measured until it is stopped. */
  open(settings: PeerSettings, isStarting: () => boolean): PeerSession {
    const at = (known: PeerSettings) => new BgpSession(known, { ...this.#host, isStarting });
    const session =
      settings.interface === ""
        ? at(settings)
        : new UnnumberedSession(settings, { ...this.#host, open: at });
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
    return Array.from(this.#sessions, ({ settings, status }) => ({
      peer: nameOf(settings),
      ...status,
    }));
  }
}

/** A session as it is measured. */
interface Session extends MeasuredPeerSession {
  readonly settings: PeerSettings;
}

function nameOf({ address, interface: device, port }: PeerSettings): string {
  const end = address.includes(":") ? `[${address}]` : address;
  return `${device === "" ? end : device}:${port}`;
}

import type { PathAttributes } from "@ingot/bgp";
import type { Clock } from "../clock.ts";
import type { BfdTiming } from "../domain.ts";
import type { Logger } from "../observe/log.ts";
import type { PeerSettings } from "../reconcile/bgp-peers.ts";
import type { PeerSession } from "./announcements.ts";
import type { FindRouter } from "./cables.ts";
import type { SessionStatus } from "./session.ts";

/** A session with one address that can be asked how it is. */
export interface MeasuredPeerSession extends PeerSession {
  readonly status: SessionStatus;
}

/** What an {@link UnnumberedSession} works with. */
export interface UnnumberedOptions {
  readonly find: FindRouter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Begins a session with a router whose address is known. */
  readonly open: (settings: PeerSettings) => MeasuredPeerSession;
}

/**
 * A session with whatever router is at the other end of an interface: there is one with the address
 * that is heard. Another address takes its place only where the session has not been up for a while.
 */
export class UnnumberedSession implements MeasuredPeerSession {
  readonly settings: PeerSettings;
  readonly #options: UnnumberedOptions;
  readonly #routes = new Map<string, PathAttributes>();
  readonly #endSearch: () => void;
  #session: MeasuredPeerSession | undefined;
  #address = "";
  /** When the session was last seen up, or began. */
  #goodAt = 0;
  #isComplete = false;

  constructor(settings: PeerSettings, options: UnnumberedOptions) {
    this.settings = settings;
    this.#options = options;
    this.#endSearch = options.find(settings.interface, (address) => this.#heard(address));
  }

  get status(): SessionStatus {
    const none = { isUp: false, updates: 0, announced: 0, wanted: this.#routes.size };
    return this.#session?.status ?? none;
  }

  announce(prefix: string, attributes: PathAttributes): void {
    this.#routes.set(prefix, attributes);
    this.#session?.announce(prefix, attributes);
  }

  withdraw(prefix: string): void {
    this.#routes.delete(prefix);
    this.#session?.withdraw(prefix);
  }

  complete(): void {
    this.#isComplete = true;
    this.#session?.complete();
  }

  watch(timing: BfdTiming | undefined): void {
    this.#session?.watch(timing);
  }

  async stop(text: string, forRestart: boolean): Promise<void> {
    this.#endSearch();
    await this.#session?.stop(text, forRestart);
  }

  #heard(address: string): void {
    const { clock, logger, open } = this.#options;
    const now = clock.now();
    if (this.#session?.status.isUp === true) this.#goodAt = now;
    if (address === this.#address) return;
    if (this.#session !== undefined && now < this.#goodAt + PATIENCE_MS) return;
    void this.#session?.stop("another router is at the other end", false);
    this.#address = address;
    this.#goodAt = now;
    const { name, interface: device } = this.settings;
    logger.info({ peer: name, interface: device, address }, "found the router at the other end");
    const session = open({ ...this.settings, address });
    for (const [prefix, attributes] of this.#routes) session.announce(prefix, attributes);
    if (this.#isComplete) session.complete();
    this.#session = session;
  }
}

const PATIENCE_MS = 30_000;

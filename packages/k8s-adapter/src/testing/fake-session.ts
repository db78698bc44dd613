import type { PathAttributes } from "@ingot/bgp";
import type { PeerSession } from "../bgp/announcements.ts";
import type { BfdTiming } from "../domain.ts";
import type { PeerSettings } from "../reconcile/bgp-peers.ts";

/** A session that keeps what it is told. */
export class FakeSession implements PeerSession {
  readonly settings: PeerSettings;
  readonly routes = new Map<string, PathAttributes>();
  stopped: string | undefined;
  isComplete = false;
  /** How BFD was told to watch since the beginning. */
  readonly watched: (BfdTiming | undefined)[] = [];

  constructor(settings: PeerSettings) {
    this.settings = settings;
  }

  announce(prefix: string, attributes: PathAttributes): void {
    this.routes.set(prefix, attributes);
  }

  withdraw(prefix: string): void {
    this.routes.delete(prefix);
  }

  complete(): void {
    this.isComplete = true;
  }

  watch(timing: BfdTiming | undefined): void {
    this.watched.push(timing);
  }

  stop(text: string): Promise<void> {
    this.stopped = text;
    return Promise.resolve();
  }
}

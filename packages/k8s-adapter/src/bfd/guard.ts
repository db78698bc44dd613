import type { BfdState } from "@ingot/bgp";
import { subnetHolds } from "../address.ts";
import type { HostAddress } from "../bgp/router-id.ts";
import type { BfdTiming } from "../domain.ts";
import type { Logger } from "../observe/log.ts";
import { isInternal, type PeerSettings } from "../reconcile/bgp-peers.ts";
import { type BfdPath, type PathState, pathKey } from "./path.ts";
import type { BfdWatches, PathWatch } from "./watches.ts";

/** What a {@link BfdGuard} works with. */
export interface BfdGuardOptions {
  readonly watches: BfdWatches;
  readonly logger: Logger;
  /** The addresses of this host by now. */
  readonly addresses: () => readonly HostAddress[];
  /** Tells the BGP session how the path is. */
  readonly tell: (state: BfdState) => void;
}

/**
 * Has BFD watch over the path of one BGP session: from the start when the session is bound to an
 * address, else from when it is first up, as the local address is known then. From then on it goes on
 * whether the session is up or not, as long as the address stays the same.
 */
export class BfdGuard {
  readonly #settings: PeerSettings;
  readonly #options: BfdGuardOptions;
  #timing: BfdTiming | undefined;
  #path: BfdPath | undefined;
  #watch: PathWatch | undefined;

  constructor(settings: PeerSettings, options: BfdGuardOptions) {
    this.#settings = settings;
    this.#options = options;
    this.#timing = settings.bfd;
    if (settings.sourceAddress !== "") this.follow(settings.sourceAddress);
  }

  /** The session has this local address. */
  follow(localAddress: string): void {
    const path = this.#pathFrom(localAddress);
    if (this.#path !== undefined && pathKey(this.#path) === pathKey(path)) return;
    this.stop();
    this.#path = path;
    this.setTiming(this.#timing);
  }

  /** Watches with other intervals from now on; undefined: not at all. */
  setTiming(timing: BfdTiming | undefined): void {
    this.#timing = timing;
    if (this.#path === undefined) return;
    if (timing === undefined) this.stop();
    else if (this.#watch !== undefined) this.#watch.setTiming(timing);
    else {
      const { watches } = this.#options;
      this.#watch = watches.watch(this.#path, timing, (state, reason) => this.#see(state, reason));
    }
  }

  /** Watches no more. */
  stop(): void {
    if (this.#watch === undefined) return;
    this.#watch.stop();
    this.#watch = undefined;
    this.#options.tell("admin-down");
  }

  /** As FRR has it: several hops where they are asked for, or where a peer of our AS is elsewhere. */
  #pathFrom(localAddress: string): BfdPath {
    const { address, multiHop } = this.#settings;
    const isNear = this.#options
      .addresses()
      .some(({ address: own, prefixLength }) => subnetHolds(`${own}/${prefixLength}`, address));
    const isFar = isInternal(this.#settings) && !isNear;
    return { localAddress, remoteAddress: address, multiHop: multiHop || isFar };
  }

  #see(state: PathState, reason: string): void {
    const { logger, tell } = this.#options;
    const fields = { peer: this.#settings.name, ...this.#path };
    if (state === "up") logger.info(fields, "BFD session is up");
    else if (state === "failed") logger.warn({ ...fields, reason }, "BFD session has failed");
    else logger.info({ ...fields, reason }, "BFD session is off");
    tell(BGP_STATES[state]);
  }
}

const BGP_STATES: Readonly<Record<PathState, BfdState>> = {
  up: "up",
  failed: "down",
  off: "admin-down",
};

import { ClaimCopy } from "./claim-copy.ts";
import type { Destination } from "./outbox.ts";
import { type LinkState, PeerLink } from "./peers.ts";
import { ReplayWindow } from "./replay-window.ts";

/** What is known of one other node. */
export class Peer {
  readonly name: string;
  readonly #multiplier: number;
  readonly #links = new Map<string, Reach>();
  #session: Session | undefined;
  /** The number that a new run has to repeat to be believed; each one is good once. */
  nonce: number;
  /** When it was last asked for that, and for its whole set. */
  challengedAt: number = Number.NEGATIVE_INFINITY;
  requestedAt: number = Number.NEGATIVE_INFINITY;
  /** When it was last answered, before it had proven anything itself. */
  answeredAt: number = Number.NEGATIVE_INFINITY;
  /** When a run of it was last heard that has not proven itself yet. */
  unprovenAt: number = Number.NEGATIVE_INFINITY;
  /** Since when claims of its are known to be missing. */
  lacksSince: number | undefined;
  isListening = false;

  constructor(name: string, multiplier: number, nonce: number) {
    this.name = name;
    this.#multiplier = multiplier;
    this.nonce = nonce;
  }

  /** The run that has proven to be no recording. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** A run has proven itself with datagram `sequence`; everything of the run before is forgotten. */
  begin(boot: number, sequence: number): Session {
    this.#session = { boot, window: new ReplayWindow(sequence), copy: new ClaimCopy(), version: 0 };
    this.lacksSince = undefined;
    this.unprovenAt = Number.NEGATIVE_INFINITY;
    this.requestedAt = Number.NEGATIVE_INFINITY;
    return this.#session;
  }

  /** By which interfaces it is known, and how. */
  get links(): ReadonlyMap<string, Reach> {
    return this.#links;
  }

  /** The way to it by one interface; made when it is not there yet. */
  reach(name: string): Reach {
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const made = { link: new PeerLink(this.#multiplier), endpoint: "", macs: [] };
    this.#links.set(name, made);
    return made;
  }

  /** Whether it is heard by any of some interfaces; by any at all when there are none to choose from. */
  isLive(interfaces: readonly string[]): boolean {
    if (interfaces.length > 0) return interfaces.some((name) => this.stateOn(name) !== "dead");
    for (const { link } of this.#links.values()) if (link.state !== "dead") return true;
    return false;
  }

  /** Where to reach it. */
  get destination(): Destination | undefined {
    for (const [name, { link, endpoint }] of this.#links) {
      if (link.state !== "dead") return { interface: name, endpoint };
    }
    return undefined;
  }

  /** Whether the hardware address is one of its. */
  hasMac(mac: number): boolean {
    for (const { macs } of this.#links.values()) if (macs.includes(mac)) return true;
    return false;
  }

  stateOn(name: string): LinkState {
    return this.#links.get(name)?.link.state ?? "dead";
  }

  /** Whether all of its claims are known. */
  get isComplete(): boolean {
    const session = this.#session;
    return session !== undefined && session.copy.version >= session.version;
  }
}

/** One run of a peer. */
export interface Session {
  readonly boot: number;
  readonly window: ReplayWindow;
  readonly copy: ClaimCopy;
  /** The largest that it has told. */
  version: number;
}

/** A peer on one interface. */
export interface Reach {
  readonly link: PeerLink;
  /** Where its last datagram came from. */
  endpoint: string;
  /** Of its interfaces that are heard here, the last one first; more than one when it has two of them. */
  macs: readonly number[];
}

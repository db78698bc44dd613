import type { Clock } from "./clock.ts";
import type { SpeakerInterface } from "./domain.ts";
import type { Logger } from "./observe/log.ts";
import { Membership, type MembershipInput } from "./reconcile/membership.ts";

/** What a {@link PeerWatch} works with. */
export interface PeerWatchOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** This node. */
  readonly node: string;
  /** Called when somebody's liveness or interfaces changed, this node's among them. */
  readonly changed: () => void;
}

/** Keeps which nodes have a live speaker, and says in the log who comes and goes. */
export class PeerWatch {
  readonly #options: PeerWatchOptions;
  readonly #membership: Membership;
  #cancelTimer: () => void = () => {};

  constructor(options: PeerWatchOptions) {
    this.#options = options;
    this.#membership = new Membership(options.node);
  }

  /** Live nodes, this one among them, and the interfaces each can announce on. */
  get live(): ReadonlyMap<string, readonly SpeakerInterface[]> {
    return this.#membership.live;
  }

  handle(input: MembershipInput): void {
    const { clock, changed } = this.#options;
    const nodes = this.#membership.handle(input, clock.now());
    for (const node of nodes) this.#tell(node);
    if (nodes.length > 0) changed();
    this.#cancelTimer();
    const { deadline } = this.#membership;
    if (!Number.isFinite(deadline)) return;
    const tick = () => this.handle({ type: "tick" });
    this.#cancelTimer = clock.setTimer(Math.max(0, deadline - clock.now()), tick);
  }

  close(): void {
    this.#cancelTimer();
  }

  #tell(node: string): void {
    const { logger, node: self } = this.#options;
    if (node === self) return;
    const interfaces = this.live.get(node)?.map((link) => link.name);
    if (interfaces === undefined) logger.warn({ node }, "speaker is gone");
    else logger.info({ node, interfaces }, "speaker is live");
  }
}

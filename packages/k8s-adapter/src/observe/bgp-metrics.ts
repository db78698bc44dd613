import { Counter, Gauge, type Registry } from "prom-client";

/** One session as it is measured; `peer` is its address and port. */
export interface MeasuredSession {
  readonly peer: string;
  readonly isUp: boolean;
  /** UPDATE messages sent over the session that there is now. */
  readonly updates: number;
  /** Prefixes that the peer has. */
  readonly announced: number;
  /** Prefixes that it is to have. */
  readonly wanted: number;
}

/** BGP sessions under MetalLB's names, read when metrics are asked for. */
export class BgpMetrics {
  readonly #up: Gauge<"peer">;
  readonly #announced: Gauge<"peer">;
  readonly #pending: Gauge<"peer">;
  readonly #updates: Counter<"peer">;
  /** What was counted last for each peer that has series. */
  readonly #last = new Map<string, number>();

  /** @param sessions Those that there are now. */
  constructor(registry: Registry, sessions: () => readonly MeasuredSession[]) {
    const registers = [registry];
    const labelNames = ["peer"] as const;
    this.#up = new Gauge({
      name: "metallb_bgp_session_up",
      help: "1 while the session with a peer is Established.",
      labelNames,
      registers,
      collect: () => this.#collect(sessions()),
    });
    this.#announced = new Gauge({
      name: "metallb_bgp_announced_prefixes_total",
      help: "Prefixes that a peer has from this node.",
      labelNames,
      registers,
    });
    this.#pending = new Gauge({
      name: "metallb_bgp_pending_prefixes_total",
      help: "Prefixes that a peer is to have and has not yet.",
      labelNames,
      registers,
    });
    this.#updates = new Counter({
      name: "metallb_bgp_updates_total",
      help: "UPDATE messages sent to a peer.",
      labelNames,
      registers,
    });
  }

  #collect(sessions: readonly MeasuredSession[]): void {
    const gone = new Set(this.#last.keys());
    for (const { peer, isUp, updates, announced, wanted } of sessions) {
      gone.delete(peer);
      this.#up.set({ peer }, isUp ? 1 : 0);
      this.#announced.set({ peer }, announced);
      this.#pending.set({ peer }, Math.max(0, wanted - announced));
      const last = this.#last.get(peer) ?? 0;
      // Fewer than before: it is another session.
      this.#updates.inc({ peer }, updates >= last ? updates - last : updates);
      this.#last.set(peer, updates);
    }
    for (const peer of gone) {
      this.#last.delete(peer);
      for (const metric of [this.#up, this.#announced, this.#pending, this.#updates]) {
        metric.remove({ peer });
      }
    }
  }
}

import { Counter, Gauge, type Registry } from "prom-client";
import type { PathCounters } from "../bfd/path.ts";
import type { MeasuredPath } from "../bfd/watches.ts";

/** BFD sessions under MetalLB's names, read when metrics are asked for. */
export class BfdMetrics {
  readonly #up: Gauge<"peer">;
  readonly #counters: readonly (readonly [Count, Counter<"peer">])[];
  /** What was counted last for each path that has been measured. */
  readonly #last = new Map<string, { readonly peer: string; readonly counts: Counts }>();

  /** @param paths Those that are watched now. */
  constructor(registry: Registry, paths: () => readonly MeasuredPath[]) {
    const options = { labelNames: ["peer"] as const, registers: [registry] };
    this.#up = new Gauge({
      ...options,
      name: "metallb_bfd_session_up",
      help: "1 while the BFD session with a peer is up.",
      collect: () => this.#collect(paths()),
    });
    this.#counters = COUNTERS.map(([count, name, help]) => [
      count,
      new Counter({ ...options, name: `metallb_bfd_${name}`, help }),
    ]);
  }

  #collect(paths: readonly MeasuredPath[]): void {
    const gone = new Map(this.#last);
    const up = new Map<string, boolean>();
    for (const { key, peer, isUp, counters = NOTHING } of paths) {
      // Watched from several addresses of this host, a peer is up if all the paths are.
      up.set(peer, isUp && (up.get(peer) ?? true));
      this.#count(peer, this.#last.get(key)?.counts ?? NOTHING, counters);
      this.#last.set(key, { peer, counts: counters });
      gone.delete(key);
    }
    for (const [peer, isUp] of up) this.#up.set({ peer }, isUp ? 1 : 0);
    for (const [key, { peer }] of gone) {
      this.#last.delete(key);
      if (!up.has(peer)) this.#remove(peer);
    }
  }

  #count(peer: string, last: Counts, counts: Counts): void {
    for (const [count, counter] of this.#counters) {
      const [before, now] = [last[count], counts[count]];
      // Fewer than before: it is another session.
      counter.inc({ peer }, now >= before ? now - before : now);
    }
  }

  #remove(peer: string): void {
    this.#up.remove({ peer });
    for (const [, counter] of this.#counters) counter.remove({ peer });
  }
}

type Count = "controlReceived" | "controlSent" | "echoReceived" | "echoSent" | "ups" | "downs";
type Counts = Pick<PathCounters, Count>;

const COUNTERS: readonly (readonly [Count, string, string])[] = [
  ["controlReceived", "control_packet_input", "Control packets of a peer that were accepted."],
  ["controlSent", "control_packet_output", "Control packets sent to a peer."],
  ["echoReceived", "echo_packet_input", "Echo packets that a peer returned."],
  ["echoSent", "echo_packet_output", "Echo packets sent by way of a peer."],
  ["ups", "session_up_events", "Times the BFD session with a peer came up."],
  ["downs", "session_down_events", "Times the BFD session with a peer went from up."],
];

const NOTHING: Counts = {
  controlReceived: 0,
  controlSent: 0,
  echoReceived: 0,
  echoSent: 0,
  ups: 0,
  downs: 0,
};

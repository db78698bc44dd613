import { Counter, collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import type { Kind } from "../domain.ts";

/** Milliseconds since 1970, read when metrics are asked for. */
export type WallClock = () => number;

/** Every metric of one program in the text format of Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  render(): Promise<string>;
}

/** What both programs measure: MetalLB's names first, then our own under `ingot_`. */
export class ProgramMetrics implements MetricsText {
  readonly #registry: Registry;
  readonly #updates: Counter;
  readonly #updateErrors: Counter;
  readonly #configLoaded: Gauge;
  readonly #configStale: Gauge;
  readonly #connected: Gauge<"kind">;
  readonly #rejected: Gauge<"kind">;
  readonly #failures: Counter;
  #staleSinceMs: number | undefined;

  constructor(registry: Registry, now: WallClock) {
    this.#registry = registry;
    collectDefaultMetrics({ register: registry });
    const registers = [registry];
    this.#updates = new Counter({
      name: "metallb_k8s_client_updates_total",
      help: "Changes of watched objects that were worked on.",
      registers,
    });
    this.#updateErrors = new Counter({
      name: "metallb_k8s_client_update_errors_total",
      help: "Changes of watched objects that could not be carried out.",
      registers,
    });
    this.#configLoaded = new Gauge({
      name: "metallb_k8s_client_config_loaded_bool",
      help: "1 once a configuration is in force.",
      registers,
    });
    this.#configStale = new Gauge({
      name: "metallb_k8s_client_config_stale_bool",
      help: "1 while a configuration object is refused and its last good form, if any, is in force.",
      registers,
    });
    this.#connected = new Gauge({
      name: "ingot_source_connected",
      help: "1 while what is known about this kind of object is current.",
      labelNames: ["kind"],
      registers,
    });
    this.#rejected = new Gauge({
      name: "ingot_rejected_objects",
      help: "Objects that are refused as they stand.",
      labelNames: ["kind"],
      registers,
    });
    this.#failures = new Counter({
      name: "ingot_reconcile_failures_total",
      help: "Attempts to bring one object in order that failed, and are made again.",
      registers,
    });
    const staleSeconds = () => {
      const since = this.#staleSinceMs;
      return since === undefined ? 0 : Math.max(0, now() - since) / 1000;
    };
    new Gauge({
      name: "ingot_world_stale_seconds",
      help: "Seconds since the known objects were last known to be current; 0 while they are.",
      registers,
      collect() {
        this.set(staleSeconds());
      },
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  render(): Promise<string> {
    return this.#registry.metrics();
  }

  countUpdate(): void {
    this.#updates.inc();
  }

  countUpdateError(): void {
    this.#updateErrors.inc();
  }

  setConfigLoaded(loaded: boolean): void {
    this.#configLoaded.set(loaded ? 1 : 0);
  }

  setConfigStale(stale: boolean): void {
    this.#configStale.set(stale ? 1 : 0);
  }

  setConnected(kind: Kind, connected: boolean): void {
    this.#connected.set({ kind }, connected ? 1 : 0);
  }

  /** How many objects of a kind are refused now. */
  setRejected(kind: Kind, count: number): void {
    this.#rejected.set({ kind }, count);
  }

  /** The wall-clock time at which the world was last known to be current; undefined: it is. */
  setWorldStaleSince(sinceMs: number | undefined): void {
    this.#staleSinceMs = sinceMs;
  }

  countReconcileFailure(): void {
    this.#failures.inc();
  }
}

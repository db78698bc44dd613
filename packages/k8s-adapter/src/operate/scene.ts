import { Allocator } from "@ingot/allocator";
import type { Clock } from "../clock.ts";
import type { Key, Kind, PoolRecord, ServiceRecord } from "../domain.ts";
import type { WallClock } from "../observe/metrics.ts";
import { EligibleNodes } from "../reconcile/eligible-nodes.ts";
import { Holders } from "../reconcile/holders.ts";
import { resolvePools } from "../reconcile/pools.ts";
import { World } from "../reconcile/world.ts";
import type { Source, SourceEvent } from "../source/source.ts";

/** What a {@link Scene} works with. */
export interface SceneOptions {
  /** Its own from now on: closing the scene closes it. */
  readonly source: Source;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly lbClass: string;
  readonly ignoreExcludeLb: boolean;
}

/** The cluster, or the folder, as an operator's command sees it while it works. */
export class Scene {
  readonly options: SceneOptions;
  readonly world: World = new World(KINDS);
  readonly holders: Holders = new Holders();
  readonly eligible: EligibleNodes;
  readonly #waiting = new Set<() => void>();
  readonly #addresses = new Allocator();
  #pools: ReadonlyMap<string, PoolRecord> | undefined;
  #problem: string | undefined;

  constructor(options: SceneOptions) {
    this.options = options;
    this.eligible = new EligibleNodes({
      ...options,
      evacuateCordoned: false,
      nodes: this.world.table("node"),
      advertisements: this.world.table("l2Advertisement"),
      speakers: this.world.table("speaker"),
      slicesOf: (service) => this.world.slicesOf(service),
      poolOf: (address) => this.#poolOf(address),
      isAlive: () => true,
    });
  }

  /** Resolves when everything is listed. @throws {Error} when that takes too long; it says why. */
  async open(timeoutMs: number): Promise<void> {
    this.options.source.start(KINDS, (event) => this.#take(event));
    if (await this.until(() => this.world.isListed, timeoutMs)) return;
    const why = this.#problem ?? "no answer";
    throw new Error(`cannot read from ${this.options.source.description}: ${why}`);
  }

  /** Whether something came true in time; it is looked at after every change. */
  until(isTrue: () => boolean, timeoutMs: number): Promise<boolean> {
    if (isTrue()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const look = () => {
        if (!isTrue()) return;
        end(true);
      };
      const cancel = this.options.clock.setTimer(timeoutMs, () => end(isTrue()));
      const end = (result: boolean) => {
        cancel();
        this.#waiting.delete(look);
        resolve(result);
      };
      this.#waiting.add(look);
    });
  }

  service(key: Key): ServiceRecord | undefined {
    return this.world.table("service").get(key);
  }

  close(): Promise<void> {
    return this.options.source.close();
  }

  #take(event: SourceEvent): void {
    this.world.apply(event);
    if (event.type === "connection" && !event.connected) this.#problem = event.reason;
    if (event.type === "put" && event.kind === "l2Status") {
      this.holders.put(event.record, this.options.clock.now());
    } else if (event.type === "delete" && event.kind === "l2Status") {
      this.holders.delete(event.key, this.options.clock.now());
    } else if (event.type === "put" || event.type === "delete") {
      if (event.kind === "pool") this.#pools = undefined;
      if (event.kind !== "service") this.eligible.forget();
    }
    for (const look of [...this.#waiting]) look();
  }

  #poolOf(address: string): PoolRecord | undefined {
    if (this.#pools === undefined) {
      this.#pools = resolvePools(new Map(), this.world.table("pool").values()).accepted;
      this.#addresses.setPools([...this.#pools.values()]);
    }
    return this.#pools.get(this.#addresses.poolOf(address) ?? "");
  }
}

const KINDS: readonly Kind[] = [
  "pool",
  "l2Advertisement",
  "node",
  "speaker",
  "l2Status",
  "endpointSlice",
  "service",
];

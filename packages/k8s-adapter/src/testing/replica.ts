import type { Clock } from "../clock.ts";
import { ControllerLoop } from "../controller-loop.ts";
import type { Kind } from "../domain.ts";
import { LeaderElection, type LeaseStore } from "../leader-election.ts";
import type { LeaseState } from "../leadership.ts";
import { ControllerMetrics } from "../observe/controller-metrics.ts";
import type { ServiceStatus, SourceEvent, WriteResult } from "../source/source.ts";
import type { AssignmentWorld } from "./assignment-world.ts";
import { FakeSource } from "./fake-source.ts";
import { KeepingLogger } from "./keeping-logger.ts";
import { keyRecord } from "./records.ts";

/** A controller in an {@link AssignmentWorld}, put together as the program does. */
export class Replica {
  readonly #world: AssignmentWorld;
  readonly #election: LeaderElection;
  readonly #source: ReplicaSource;
  #watchLease: (lease: LeaseState | undefined) => void = () => {};
  #dead = false;
  #missed: (() => void)[] | undefined;

  constructor(world: AssignmentWorld, identity: string) {
    this.#world = world;
    const clock: Clock = {
      now: () => world.clock.now(),
      setTimer: (delayMs, wake) => world.clock.setTimer(delayMs, () => this.happen(wake)),
    };
    const logger = new KeepingLogger();
    this.#source = new ReplicaSource(world, this);
    const loop = new ControllerLoop({
      source: this.#source,
      clock,
      logger,
      metrics: new ControllerMetrics(() => 0),
      random: () => 0,
      wallClock: () => world.clock.now(),
      lbClass: "",
      tables: undefined,
      ready: () => {},
    });
    const election = new LeaderElection({ store: this.#store(), clock, logger, identity });
    election.on("leading", () => loop.lead(() => election.actMs));
    election.on("suspended", () => loop.suspend());
    election.on("following", () => loop.follow());
    election.start();
    this.#election = election;
  }

  get isActing(): boolean {
    return this.#election.actMs > 0;
  }

  /** It is told in order, however late. */
  tell(event: SourceEvent): void {
    this.#source.queue([event]);
  }

  observe(lease: LeaseState): void {
    this.#world.clock.setTimer(this.#world.latencyMs(), () =>
      this.happen(() => this.#watchLease(lease)),
    );
  }

  kill(): void {
    this.#dead = true;
  }

  freeze(ms: number): void {
    if (this.#missed !== undefined) return;
    this.#missed = [];
    this.#world.clock.setTimer(ms, () => {
      const missed = this.#missed ?? [];
      this.#missed = undefined;
      for (const what of missed) this.happen(what);
    });
  }

  /** Something happens in its process: now, when it goes on, or never. */
  happen(what: () => void): void {
    if (this.#dead) return;
    if (this.#missed === undefined) what();
    else this.#missed.push(what);
  }

  /** A request, there and back. @throws {Error} when no answer came. */
  ask<T>(serve: () => T, withinMs = Number.POSITIVE_INFINITY): Promise<T> {
    const { clock } = this.#world;
    return new Promise<T>((resolve, reject) => {
      const fail = () => this.happen(() => reject(new Error("no answer")));
      const thereMs = this.#world.latencyMs();
      clock.setTimer(Math.min(withinMs, 30_000), fail);
      if (this.#dead || thereMs > withinMs) return;
      clock.setTimer(thereMs, () => {
        if (this.#world.isAway) {
          fail();
          return;
        }
        const answer = serve();
        if (this.#world.isLost()) return;
        clock.setTimer(this.#world.latencyMs(), () => this.happen(() => resolve(answer)));
      });
    });
  }

  #store(): LeaseStore {
    return {
      description: "the Lease",
      read: () => this.ask(() => this.#world.readLease(), PATIENCE_MS),
      write: (lease) => this.ask(() => this.#world.writeLease(lease), PATIENCE_MS),
      watch: (listen) => {
        this.#watchLease = listen;
        return async () => {};
      },
    };
  }
}

const PATIENCE_MS = 1_000;
const RETRY_MS = 50;

/** Watches that are late and in order, and writes that take their time. */
class ReplicaSource extends FakeSource {
  readonly #world: AssignmentWorld;
  readonly #replica: Replica;
  readonly #waiting: (SourceEvent | (() => void))[][] = [];
  #pumping = false;
  #take: ((event: SourceEvent) => void) | undefined;

  constructor(world: AssignmentWorld, replica: Replica) {
    super();
    this.#world = world;
    this.#replica = replica;
  }

  override start(kinds: readonly Kind[], listen: (event: SourceEvent) => void): void {
    this.#take = listen;
    this.queue([
      ...this.#world.snapshot,
      { type: "put", kind: "ownershipKey", record: keyRecord() },
      ...kinds.map((kind): SourceEvent => ({ type: "synced", kind })),
    ]);
  }

  /** Everything that is on its way now comes before it resolves. */
  override refresh(): Promise<void> {
    return new Promise((resolve) => this.queue([resolve]));
  }

  override writeServiceStatus(status: ServiceStatus): Promise<WriteResult> {
    return this.#replica.ask(() => this.#world.writeStatus(status), status.withinMs);
  }

  queue(events: readonly (SourceEvent | (() => void))[]): void {
    if (this.#take === undefined) return;
    this.#waiting.push([...events]);
    if (!this.#pumping) this.#pump(this.#world.latencyMs());
  }

  #pump(delayMs: number): void {
    this.#pumping = true;
    this.#world.clock.setTimer(delayMs, () => {
      if (this.#world.isAway) {
        this.#pump(RETRY_MS);
        return;
      }
      const batch = this.#waiting.shift() ?? [];
      this.#replica.happen(() => {
        for (const item of batch) {
          if (typeof item === "function") item();
          else this.#take?.(item);
        }
      });
      this.#pumping = false;
      if (this.#waiting.length > 0) this.#pump(this.#world.latencyMs() / 4);
    });
  }
}

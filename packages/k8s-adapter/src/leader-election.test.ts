import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import { LeaderElection, type LeaseStore } from "./leader-election.ts";
import type { LeaseState, LeaseWrite } from "./leadership.ts";
import { KeepingLogger } from "./testing/keeping-logger.ts";

/** A Lease in memory, out of reach when told so. */
class MemoryLease implements LeaseStore {
  readonly description = "Lease a/b";
  lease: LeaseState | undefined;
  isAway = false;
  isWatched = false;
  #listen: (lease: LeaseState | undefined) => void = () => {};

  async read(): Promise<LeaseState | undefined> {
    if (this.isAway) throw new Error("no route");
    return this.lease;
  }

  async write(write: LeaseWrite): Promise<LeaseState | undefined> {
    if (this.isAway) throw new Error("no route");
    if (write.version !== this.lease?.version) return undefined;
    const version = `${Number(write.version ?? 0) + 1}`;
    const { holder, durationMs, transitions } = write;
    this.set({ holder, durationMs, transitions, version, renewal: version });
    return this.lease;
  }

  set(lease: LeaseState): void {
    this.lease = lease;
    this.#listen(lease);
  }

  watch(listen: (lease: LeaseState | undefined) => void): () => Promise<void> {
    this.isWatched = true;
    this.#listen = listen;
    return async () => {
      this.isWatched = false;
    };
  }
}

function elect() {
  const store = new MemoryLease();
  const clock = new VirtualClock();
  const logger = new KeepingLogger();
  const election = new LeaderElection({ store, clock, logger, identity: "me" });
  const told: string[] = [];
  election.on("leading", () => told.push("leading"));
  election.on("suspended", () => told.push("suspended"));
  election.on("following", (holder) => told.push(`following ${holder}`));
  return { store, clock, logger, election, told };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

async function pass(clock: VirtualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    clock.advance(100);
    await settled();
  }
}

const others: LeaseState = {
  holder: "you",
  durationMs: 4_000,
  renewal: "1",
  transitions: 0,
  version: "1",
};

describe("leader election", () => {
  it("leads from its first write on, tells that once, and renews for as long as it runs", async () => {
    const { store, clock, election, told } = elect();
    election.start();
    await settled();
    expect(election.actMs).toBe(2_250);
    await pass(clock, 60_000);
    expect(told).toEqual(["leading"]);
    expect(election.actMs).toBeGreaterThan(1_400);
    expect(store.lease).toMatchObject({ holder: "me", transitions: 0, version: "81" });
  });

  it("follows, and leads when the other gives up", async () => {
    const { store, election, told } = elect();
    store.lease = others;
    election.start();
    await settled();
    expect(election.actMs).toBe(0);
    store.set({ ...others, holder: "", renewal: "2", version: "2" });
    await settled();
    expect(told).toEqual(["following you", "leading"]);
  });

  it("may not act while the Lease is out of reach for long, and says so once", async () => {
    const { store, clock, logger, election, told } = elect();
    election.start();
    await settled();
    store.isAway = true;
    await pass(clock, 6_000);
    expect(election.actMs).toBe(0);
    store.isAway = false;
    await pass(clock, 1_000);
    expect(told).toEqual(["leading", "suspended", "leading"]);
    expect(logger.lines.filter((line) => line.includes("no route"))).toEqual([
      'warn the lease cannot be reached, will try again {"lease":"Lease a/b","error":"no route"}',
    ]);
  });

  it("gives the Lease up at the end, and is silent then", async () => {
    const { store, clock, election } = elect();
    election.start();
    await settled();
    await election.stop();
    expect(store).toMatchObject({ isWatched: false, lease: { holder: "" } });
    expect([election.actMs, clock.pending]).toEqual([0, 0]);
  });

  it("ends as well while nothing can be reached", async () => {
    const { store, clock, election } = elect();
    store.isAway = true;
    election.start();
    await settled();
    await election.stop();
    expect(clock.pending).toBe(0);
  });
});

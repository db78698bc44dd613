import { VirtualClock } from "@ingot/testkit";
import { describe, expect, it } from "vitest";
import type { ServiceRecord } from "../domain.ts";
import { OWNERS_ANNOTATION } from "../reconcile/owners.ts";
import { settled } from "../testing/controller-bench.ts";
import { FakeSource } from "../testing/fake-source.ts";
import {
  advertisementRecord,
  keyRecord,
  l2StatusRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  speakerRecord,
} from "../testing/records.ts";
import { evacuate, undoEvacuation } from "./evacuate.ts";
import { move } from "./move.ts";
import { rebalanceAll } from "./rebalance.ts";
import { rotateKey } from "./rotate-key.ts";
import { Scene } from "./scene.ts";

/** A cluster whose speakers take over what a table gives them, 200 ms after it was written. */
class Bench {
  readonly source = new FakeSource();
  readonly clock = new VirtualClock();
  readonly said: string[] = [];
  readonly warned: string[] = [];
  readonly report = {
    say: (line: string) => void this.said.push(line),
    warn: (line: string) => void this.warned.push(line),
  };
  readonly scene: Scene;
  /** Nodes that take nothing over. */
  readonly deaf = new Set<string>();
  #seen = 0;
  /** The most that were on the move at one moment. */
  mostMoving = 0;

  constructor() {
    this.scene = new Scene({
      source: this.source,
      clock: this.clock,
      wallClock: () => 1_000_000,
      lbClass: "",
      ignoreExcludeLb: false,
    });
  }

  async open(...services: readonly ServiceRecord[]): Promise<void> {
    const opened = this.scene.open(1_000);
    this.source.tell(
      { type: "put", kind: "pool", record: poolRecord("lan", ["10.77.0.0/24"]) },
      { type: "put", kind: "l2Advertisement", record: advertisementRecord("all") },
    );
    for (const node of ["n1", "n2", "n3"]) {
      this.source.tell(
        { type: "put", kind: "node", record: nodeRecord(node) },
        { type: "put", kind: "speaker", record: speakerRecord(node) },
      );
    }
    for (const record of services) {
      this.source.tell({ type: "put", kind: "service", record });
      const node = /:(n\d)/.exec(record.annotations[OWNERS_ANNOTATION] ?? "")?.[1];
      if (node !== undefined) this.holds(node, record.key);
    }
    this.source.sync();
    await opened;
  }

  holds(node: string, service: string): void {
    for (const other of ["n1", "n2", "n3"]) {
      const { key } = l2StatusRecord(service, other);
      if (other !== node) this.source.tell({ type: "delete", kind: "l2Status", key });
    }
    this.source.tell({ type: "put", kind: "l2Status", record: l2StatusRecord(service, node) });
  }

  /** Waits for an order to be carried out, letting time go by. */
  async done<T>(order: Promise<T>): Promise<T> {
    let result: { value: T } | { error: unknown } | undefined;
    order.then(
      (value) => (result = { value }),
      (error: unknown) => (result = { error }),
    );
    for (let turn = 0; result === undefined && turn < 2_000; turn++) {
      await settled();
      this.#react();
      this.clock.advance(100);
      await settled();
    }
    if (result === undefined) throw new Error("it does not end");
    if ("error" in result) throw result.error;
    return result.value;
  }

  #react(): void {
    const fresh = this.source.statuses.slice(this.#seen);
    this.#seen = this.source.statuses.length;
    this.mostMoving = Math.max(this.mostMoving, fresh.length);
    for (const { key, annotations } of fresh) {
      const node = /:(n\d)/.exec(annotations[OWNERS_ANNOTATION] ?? "")?.[1] ?? "";
      if (!this.deaf.has(node)) this.clock.setTimer(200, () => this.holds(node, key));
    }
  }
}

const owned = (name: string, last: number, table: string, changes = {}) =>
  serviceRecord(`default/${name}`, {
    ingress: [`10.77.0.${last}`],
    annotations: { [OWNERS_ANNOTATION]: table },
    ...changes,
  });

describe("ingot move", () => {
  it("writes a table and waits until the node answers", async () => {
    const bench = new Bench();
    await bench.open(owned("web", 1, "7:n1,n2"));
    expect(await bench.done(move(bench.scene, "default/web", "n3", 5_000, bench.report))).toBe(
      true,
    );
    expect(bench.source.statuses).toEqual([
      {
        key: "default/web",
        resourceVersion: "1",
        addresses: ["10.77.0.1"],
        annotations: { [OWNERS_ANNOTATION]: "1000:n3,n1,n2" },
      },
    ]);
    expect(bench.said).toEqual([
      "default/web (10.77.0.1): n1 -> n3",
      expect.stringMatching(/^n3 answers after 0\.[23]0 s$/),
    ]);
  });

  it("takes all along that share the address, and reads again what changed meanwhile", async () => {
    const bench = new Bench();
    await bench.open(owned("tcp", 1, "7:n1"), owned("udp", 1, "7:n1"));
    bench.source.answers.push("conflict");
    const moving = bench.done(move(bench.scene, "default/udp", "n2", 5_000, bench.report));
    await settled();
    bench.source.tell({
      type: "put",
      kind: "service",
      record: owned("tcp", 1, "7:n1", { resourceVersion: "5" }),
    });
    expect(await moving).toBe(true);
    expect(bench.source.statuses.map(({ key, resourceVersion }) => [key, resourceVersion])).toEqual(
      [
        ["default/tcp", "1"],
        ["default/tcp", "5"],
        ["default/udp", "1"],
      ],
    );
  });

  it("says so when the node does not answer in time", async () => {
    const bench = new Bench();
    bench.deaf.add("n2");
    await bench.open(owned("web", 1, "7:n1,n2"));
    const moved = await bench.done(move(bench.scene, "default/web", "n2", 5_000, bench.report));
    expect(moved).toBe(false);
    expect(bench.warned).toEqual(["default/web: n2 does not answer after 5 s; n1 does"]);
  });

  it("has nothing to do when the node answers already", async () => {
    const bench = new Bench();
    await bench.open(owned("web", 1, "7:n1"));
    expect(await bench.done(move(bench.scene, "default/web", "n1", 5_000, bench.report))).toBe(
      true,
    );
    expect(bench.source.statuses).toEqual([]);
  });

  it.each([
    ["nope", "n1", "there is no Service default/nope of type LoadBalancer that is ours"],
    ["new", "n1", "default/new has no address yet"],
    ["web", "n9", "there is no node n9; there are: n1, n2, n3"],
    ["foreign", "n1", "no node may answer for default/foreign on layer 2"],
    ["web", "n3", "n3 may not answer for default/web; those that may: n1, n2"],
    ["web", "n2", "n2 is being evacuated; first: ingot evacuate --undo n2"],
    ["bare", "n1", "default/bare has no table of owners"],
  ])("refuses %s to %s", async (name, node, message) => {
    const bench = new Bench();
    await bench.open(
      serviceRecord("default/new"),
      owned("web", 1, "7:n1"),
      owned("foreign", 2, "7:n1", { ingress: ["192.0.2.1"] }),
      owned("bare", 3, "", { annotations: {} }),
    );
    bench.source.tell(
      {
        type: "put",
        kind: "node",
        record: nodeRecord("n3", { excludedFromLoadBalancers: true }),
      },
      { type: "put", kind: "node", record: nodeRecord("n2", { evacuated: true }) },
    );
    const moving = bench.done(move(bench.scene, `default/${name}`, node, 5_000, bench.report));
    await expect(moving).rejects.toThrow(message);
    expect(bench.source.statuses).toEqual([]);
  });
});

describe("ingot rebalance", () => {
  const lopsided = () =>
    Array.from({ length: 9 }, (_, i) => owned(`s${i}`, i + 1, i < 8 ? "7:n1,n2,n3" : "7:n2,n1,n3"));

  it("only says what it would do in a dry run", async () => {
    const bench = new Bench();
    await bench.open(...lopsided());
    const options = { dryRun: true, atATime: 2, timeoutMs: 5_000 };
    expect(await bench.done(rebalanceAll(bench.scene, options, bench.report))).toBe(true);
    expect(bench.source.statuses).toEqual([]);
    expect(bench.said.slice(0, 2)).toEqual([
      "now:   n1 8, n2 1, n3 0",
      "after: n1 3, n2 3, n3 3, by 5 moves",
    ]);
    expect(bench.said).toHaveLength(7);
  });

  it("moves so many at a time, each until it is answered, and then has nothing to do", async () => {
    const bench = new Bench();
    await bench.open(...lopsided());
    const options = { dryRun: false, atATime: 2, timeoutMs: 5_000 };
    expect(await bench.done(rebalanceAll(bench.scene, options, bench.report))).toBe(true);
    expect(bench.source.statuses).toHaveLength(5);
    expect(bench.mostMoving).toBe(2);
    expect(bench.said.at(-1)).toMatch(/^5\/5 default\/s\d \(10\.77\.0\.\d\): n1 -> n[23], after/);
    expect(await bench.done(rebalanceAll(bench.scene, options, bench.report))).toBe(true);
    expect(bench.said.at(-1)).toBe("loads are even, there is nothing to move");
  });

  it("goes on with the others when one does not succeed, and says how many did not", async () => {
    const bench = new Bench();
    bench.deaf.add("n3");
    await bench.open(...lopsided());
    const options = { dryRun: false, atATime: 9, timeoutMs: 5_000 };
    expect(await bench.done(rebalanceAll(bench.scene, options, bench.report))).toBe(false);
    expect(bench.warned.at(-1)).toBe("3 of 5 moves did not succeed");
  });

  it("has nothing to work with where nobody writes tables", async () => {
    const bench = new Bench();
    await bench.open(owned("web", 1, "", { annotations: {} }));
    const options = { dryRun: false, atATime: 9, timeoutMs: 5_000 };
    expect(await bench.done(rebalanceAll(bench.scene, options, bench.report))).toBe(false);
    expect(bench.warned.join()).toContain("no Service has a table of owners");
  });
});

describe("ingot evacuate", () => {
  it("marks the node, and waits until others answer for all that it did", async () => {
    const bench = new Bench();
    await bench.open(owned("web", 1, "7:n1,n2"), owned("api", 2, "7:n1,n2"));
    const evacuating = bench.done(evacuate(bench.scene, "n1", 5_000, bench.report));
    bench.clock.setTimer(700, () => bench.holds("n2", "default/web"));
    bench.clock.setTimer(1_900, () => bench.holds("n3", "default/api"));
    expect(await evacuating).toBe(true);
    expect(bench.scene.world.table("node").get("n1")?.evacuated).toBe(true);
    expect(bench.said).toEqual([
      "n1 is marked, it answers for 2 groups of Services",
      expect.stringMatching(/^n1 answers for nothing any more, after (1\.9|2\.0)0 s$/),
    ]);
    expect(await undoEvacuation(bench.scene, "n1", bench.report)).toBe(true);
    expect(bench.scene.world.table("node").get("n1")?.evacuated).toBe(false);
  });

  it("says what stays, since no other node may answer for it", async () => {
    const bench = new Bench();
    await bench.open(owned("web", 1, "7:n1"));
    for (const node of ["n2", "n3"]) {
      const record = nodeRecord(node, { excludedFromLoadBalancers: true });
      bench.source.tell({ type: "put", kind: "node", record });
    }
    expect(await bench.done(evacuate(bench.scene, "n1", 5_000, bench.report))).toBe(false);
    expect(bench.warned).toEqual(["no other node may answer for default/web; it stays with n1"]);
  });

  it("says so when nobody moves anything, and refuses a node that is not there", async () => {
    const bench = new Bench();
    await bench.open(owned("web", 1, "7:n1"));
    expect(await bench.done(evacuate(bench.scene, "n1", 5_000, bench.report))).toBe(false);
    expect(bench.warned.join()).toContain("after 5 s n1 still answers for default/web");
    await expect(evacuate(bench.scene, "n9", 5_000, bench.report)).rejects.toThrow("no node n9");
  });
});

describe("an operator's command", () => {
  it("says why it cannot read the world", async () => {
    const bench = new Bench();
    const opened = bench.scene.open(1_000).catch(String);
    const connection = { type: "connection", connected: false, reason: "refused" } as const;
    bench.source.tell({ ...connection, kind: "pool" });
    bench.clock.advance(1_000);
    expect(await opened).toBe("Error: cannot read from fake: refused");
  });

  it.each([
    [undefined, "there is no key yet"],
    [keyRecord(), ""],
    [keyRecord({ next: "B" }), ""],
  ])("asks for another key (%#)", async (record, problem) => {
    const { source, clock, report, said } = new Bench();
    const asked = rotateKey({ source, clock }, 1_000, report).catch(String);
    if (record !== undefined) source.tell({ type: "put", kind: "ownershipKey", record });
    source.tell({ type: "synced", kind: "ownershipKey" });
    expect(String(await asked)).toContain(problem);
    const isAsked = record?.next === "";
    expect(source.keyWrites.map(({ rotationAsked }) => rotationAsked)).toEqual(
      isAsked ? [true] : [],
    );
    expect(said).toHaveLength(record === undefined ? 0 : 1);
  });
});

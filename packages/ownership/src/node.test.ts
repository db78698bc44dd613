import { seededRandom } from "@ingot/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NodeInput, OwnershipNode } from "./node.ts";
import { Keyring } from "./seal.ts";
import { parseTable } from "./table.ts";
import { group, keys, Pair, vip } from "./testing/pair.ts";

const rejected = (pair: Pair, name: string) =>
  Object.fromEntries(pair.nodes.get(name)?.counters.rejected ?? []);

describe("ownership node", () => {
  it("lets the first in the order answer, after it has listened", () => {
    const pair = new Pair();
    pair.run(224);
    expect(pair.take("n1")).toEqual(["peer"]);
    pair.run(300);
    expect(pair.take("n1")).toEqual(["start optimistic", "claimed"]);
    expect(pair.nodes.get("n2")?.holder(vip)).toMatchObject({
      node: "n1",
      claim: { epoch: 1, term: 0 },
    });
  });

  it("takes over from a dead node within 304 ms of its last hello, and is not asked to give it back", () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.take("n2");
    pair.stopped.add("n1");
    pair.run(1_304);
    expect(pair.take("n2")).toEqual(["peer", "peer", "start off", "claimed"]);
  });

  it("hands over without a gap when it shuts down", () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.outputs.splice(0);
    pair.feed("n1", { type: "shutdown" });
    const order = pair.outputs.map(([name, { type }]) => `${name} ${type}`);
    expect(order.indexOf("n2 start")).toBeLessThan(order.indexOf("n1 stop"));
    expect(order.at(-1)).toBe("n1 done");
    expect(pair.now).toBe(1_000);
  });

  it("moves to the first of a newer table, which one alone has heard of", () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.take("n2");
    const moved = { ...group, table: parseTable("2:n2,n1") };
    pair.feed("n2", { type: "desired", groups: [moved] });
    expect(pair.nodes.get("n1")?.holder(vip)).toMatchObject({
      node: "n2",
      claim: { epoch: 2, term: 0 },
    });
    expect(pair.take("n2").slice(0, 2)).toEqual(["start off", "claimed"]);
  });

  it("stops at once for a Service that is gone, and leaves out what it cannot read", () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.take("n1");
    pair.feed("n1", { type: "desired", groups: [{ ...group, addresses: ["no address"] }] });
    expect(pair.take("n1")).toEqual(["unreadable", "stop", "stopped"]);
  });

  it("takes from a holder that says hello but answers nobody, and once only", () => {
    const pair = new Pair();
    pair.run(15_000);
    pair.outputs.splice(0);
    pair.run(60_000);
    const moves = pair.outputs.filter(([, { type }]) => type === "start").map(([name]) => name);
    expect(moves).toEqual([]);
    expect(pair.nodes.get("n1")?.holder(vip)).toMatchObject({
      node: "n2",
      claim: { isForSilence: true },
    });
  });

  it("leaves a holder alone whose address answers", () => {
    const pair = new Pair();
    for (let step = 1; step <= 600; step++) {
      pair.run(step * 50);
      const isAsked = pair.take("n2").includes("ask");
      const answered = {
        type: "answered",
        interface: "eth0",
        address: vip,
        mac: 0x0200_0000_0001,
      } as const;
      if (isAsked) pair.feed("n2", answered);
    }
    expect(pair.nodes.get("n2")?.holder(vip)?.node).toBe("n1");
  });

  it("defends an address once against a stranger, then leaves it, and looks again", () => {
    const pair = new Pair({ proof: "off" });
    pair.run(1_000);
    pair.take("n1");
    pair.feed("n1", { type: "foreign", address: vip, mac: 0x0200_0000_0002 });
    expect(pair.take("n1")).toEqual([]);
    const foreign = { type: "foreign", address: vip, mac: 0x0200_0000_0099 } as const;
    pair.feed("n1", foreign);
    expect(pair.take("n1")).toEqual(["gratuitous", "conflict"]);
    pair.feed("n1", foreign);
    expect(pair.take("n1")).toEqual(["stop", "conflict"]);
    pair.run(30_999);
    expect([...pair.take("n1")]).toEqual([]);
    expect(pair.nodes.get("n2")?.holder(vip)).toMatchObject({
      node: "n1",
      claim: { state: "conflicted" },
    });
    pair.run(32_100);
    expect(pair.take("n1")).toEqual(["start first", "resumed"]);
  });

  it("does not take its own sleep for the death of others", () => {
    const pair = new Pair({ proof: "off" });
    pair.run(1_000);
    pair.take("n2");
    pair.now = 6_000;
    pair.feed("n2", { type: "tick" });
    expect(pair.take("n2")).toEqual(["late"]);
    expect(pair.nodes.get("n2")?.holder(vip)?.node).toBe("n1");
  });

  it("changes its key without a gap", () => {
    const next = new Uint8Array(32).fill(8);
    const old = new Uint8Array(32).fill(7);
    const pair = new Pair();
    pair.run(1_000);
    pair.outputs.splice(0);
    const stages = [[old, next], [next, old], [next]];
    for (const [i, secrets] of stages.entries()) {
      for (const name of ["n1", "n2"]) {
        pair.feed(name, { type: "keys", keys: new Keyring(secrets) });
        pair.run(pair.now + 400);
      }
      expect({
        i,
        peers: pair.outputs.filter(([, o]) => o.type === "fact" && o.fact.kind === "peer"),
      }).toEqual({ i, peers: [] });
    }
    expect(Object.keys(rejected(pair, "n1"))).toEqual(["unproven"]);
  });

  it("hands over by its other interface when one loses its carrier", () => {
    const pair = new Pair({ proof: "off" });
    for (const name of ["n1", "n2"])
      pair.feed(name, { type: "up", interface: "eth1", mac: 0x0200_0000_0011 });
    pair.run(1_000);
    pair.outputs.splice(0);
    pair.feed("n1", { type: "down", interface: "eth0" });
    expect(pair.take("n2")).toContain("start off");
    expect(pair.now).toBe(1_000);
  });

  it("never throws, whatever comes in whatever order", () => {
    const name = fc.constantFrom("eth0", "eth1");
    const input: fc.Arbitrary<NodeInput> = fc.oneof(
      fc.record({ type: fc.constant("up" as const), interface: name, mac: fc.nat() }),
      fc.record({ type: fc.constant("down" as const), interface: name }),
      fc.record({
        type: fc.constant("datagram" as const),
        interface: name,
        from: fc.string(),
        bytes: fc.uint8Array().map((bytes) => keys.seal(bytes)),
      }),
      fc.record({
        type: fc.constant("foreign" as const),
        address: fc.constantFrom(vip, "x"),
        mac: fc.nat(),
      }),
      fc.record({
        type: fc.constant("answered" as const),
        interface: name,
        address: fc.constantFrom(vip, "x"),
        mac: fc.nat(),
      }),
      fc.constantFrom<NodeInput>(
        { type: "tick" },
        { type: "shutdown" },
        { type: "desired", groups: [group] },
        { type: "desired", groups: [] },
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(input, fc.nat(2_000))), (steps) => {
        const node = new OwnershipNode({ node: "n1", boot: 1, keys, random: () => 0.5 });
        let now = 0;
        let isAnswering = false;
        for (const [next, later] of steps) {
          now += later;
          for (const output of node.handle(next, now)) {
            if (output.type === "start") isAnswering = true;
            if (output.type === "stop") isAnswering = false;
          }
          expect(node.handle({ type: "tick" }, Math.min(now, node.deadline - 1))).toEqual([]);
        }
        expect(isAnswering && node.holder(vip) === undefined).toBe(false);
      }),
    );
  });

  it("refuses options out of their range", () => {
    const options = { node: "n1", boot: 1, keys, random: () => 0 };
    expect(() => new OwnershipNode({ ...options, helloIntervalMs: 9 })).toThrow(
      new RangeError("helloIntervalMs must be from 10 to 1000, got 9"),
    );
    expect(() => new OwnershipNode({ ...options, node: "a b" })).toThrow(
      new RangeError('node must be a node\'s name, got "a b"'),
    );
  });
});

describe("hostile datagrams", () => {
  const feed = (pair: Pair, bytes: Uint8Array) =>
    pair.feed("n2", { type: "datagram", interface: "eth0", from: "n1", bytes });

  it("are counted by reason, and change nothing", () => {
    const pair = new Pair();
    pair.run(1_000);
    pair.outputs.splice(0);
    const [, genuine = new Uint8Array()] = pair.sent.findLast(([name]) => name === "n1") ?? [];
    const [, own = new Uint8Array()] = pair.sent.findLast(([name]) => name === "n2") ?? [];
    const version = pair.nodes.get("n2")?.peers.get("n1")?.session?.version;
    feed(pair, genuine);
    feed(pair, own);
    feed(pair, genuine.subarray(0, 20));
    feed(pair, genuine.with(4, (genuine[4] ?? 0) ^ 1));
    // A sequence number of the future, as a forger has to make up.
    feed(pair, genuine.with(17, 9));
    expect(rejected(pair, "n2")).toMatchObject({
      replayed: 1,
      own: 1,
      malformed: 1,
      "unknown-key": 1,
      forged: 1,
    });
    expect(pair.outputs).toEqual([]);
    expect(pair.nodes.get("n2")?.peers.get("n1")?.session?.version).toBe(version);
  });

  it("cannot bring a dead node back with a recording, neither of this run nor of one before", () => {
    const earlier = new Pair({ boot: 5, random: seededRandom(99) });
    earlier.run(1_000);
    const pair = new Pair();
    pair.run(1_000);
    pair.stopped.add("n1");
    pair.run(2_000);
    pair.outputs.splice(0);
    for (const [name, bytes] of [...earlier.sent, ...pair.sent])
      if (name === "n1") feed(pair, bytes);
    expect(pair.outputs).toEqual([]);
    expect(pair.nodes.get("n2")?.peers.get("n1")?.stateOn("eth0")).toBe("dead");
    expect(Object.keys(rejected(pair, "n2")).sort()).toEqual(["replayed", "unproven"]);
  });
});

import { describe, expect, it } from "vitest";
import { POOL_ANNOTATION } from "./reconcile/allocation.ts";
import { OWNERS_ANNOTATION } from "./reconcile/owners.ts";
import { ControllerBench, put, putPool, settled } from "./testing/controller-bench.ts";
import { sliceRecord } from "./testing/records.ts";
import { assigned, lan, OPTIONS, START_S, service, TableBench } from "./testing/table-bench.ts";

describe("tables of owners", () => {
  it("are counted by those that lead alone", async () => {
    const bench = new TableBench(["n1"]);
    await bench.start(assigned("web", "10.77.0.1", "7:n1"));
    expect(await bench.metrics.render()).toContain('ingot_owned_groups{node="n1"} 1\n');
    await bench.loop.close();
    expect(await bench.metrics.render()).not.toContain("ingot_owned_groups{");
  });

  it("are written together with the address, once", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    await bench.start(service("web"));
    expect(bench.source.statuses).toEqual([
      {
        key: "default/web",
        resourceVersion: "1",
        addresses: ["10.77.0.1"],
        annotations: { [POOL_ANNOTATION]: "lan", [OWNERS_ANNOTATION]: "1000:n1,n2,n3" },
      },
    ]);
    await bench.pass(120_000);
    expect(bench.source.statuses).toHaveLength(1);
  });

  it("are even, and stay so for whoever inherits: 99 addresses on 3 nodes", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    await bench.start(...Array.from({ length: 99 }, (_, i) => service(`s${i}`)));
    const tables = bench.written().map((line) => line.replace(/^.*:/, "").split(","));
    expect(counts(tables.map(([first = ""]) => first))).toEqual([33, 33, 33]);
    expect(await bench.metrics.render()).toContain('ingot_owned_groups{node="n3"} 33\n');
    for (const dead of ["n1", "n2", "n3"]) {
      const heirs = tables.map((nodes) => nodes.find((node) => node !== dead) ?? "");
      expect(counts(heirs)).toEqual([49, 50]);
    }
  });

  it("stay as they are at a start over a steady state, and nothing is written", async () => {
    const bench = new TableBench(["n1", "n2"]);
    await bench.start(
      assigned("web", "10.77.0.1", "7:n2,n1"),
      assigned("api", "10.77.0.2", "8:n2,n1"),
    );
    await bench.holds("n2", "default/web", "default/api");
    await bench.pass(120_000);
    expect(bench.source.statuses).toEqual([]);
  });

  it("come to Services of a controller that wrote none, so many a second, and most stay where they are", async () => {
    const bench = new TableBench(["n1", "n2"]);
    const names = Array.from({ length: 120 }, (_, i) => `s${i}`);
    for (const name of names.slice(0, 70)) await bench.holds("n2", `default/${name}`);
    for (const name of names.slice(70)) await bench.holds("n1", `default/${name}`);
    await bench.start(...names.map((name, i) => assigned(name, `10.77.0.${i + 1}`)));
    expect(bench.source.statuses.length).toBeLessThanOrEqual(50);
    await bench.pass(4_000);
    expect(bench.source.statuses).toHaveLength(120);
    const lines = bench.written();
    const firsts = lines.map((line) => line.replace(/^.*:(n\d).*$/, "$1"));
    expect(counts(firsts)).toEqual([60, 60]);
    const stayed = lines.filter((line) => {
      const [, index = ""] = /^s(\d+) /.exec(line) ?? [];
      return line.includes(`:${Number(index) < 70 ? "n2" : "n1"}`);
    });
    expect(stayed).toHaveLength(110);
  });

  it("move what is more than a node's fair share, ten at a time, and nothing of that is given up", async () => {
    const bench = new TableBench(["n1", "n2"]);
    const names = Array.from({ length: 200 }, (_, i) => `s${i}`);
    await bench.holds("n2", ...names.map((name) => `default/${name}`));
    await bench.start(...names.map((name, i) => assigned(name, `10.77.0.${i + 1}`)));
    const firsts = new Map<string, string>();
    for (let step = 0; step < 200; step++) {
      for (const line of bench.written()) {
        const [, name = "", first = ""] = /^(\w+) \d+:(n\d)/.exec(line) ?? [];
        expect(firsts.has(name), `${name} is written twice`).toBe(false);
        firsts.set(name, first);
        // It takes each speaker a second to say so.
        if (first === "n1") {
          bench.clock.setTimer(1_000, () => void bench.holds("n1", `default/${name}`));
        }
      }
      await bench.pass(100);
    }
    expect(counts([...firsts.values()])).toEqual([100, 100]);
  });

  it("wait for speakers that are just starting, so that the first one does not get everything", async () => {
    const bench = new TableBench([], OPTIONS);
    await bench.start(service("web"), service("api"));
    expect(bench.written()).toEqual(["api -", "web -"]);
    bench.speaker("n1", { createdMs: START_S * 1_000 });
    await bench.pass(2_900);
    bench.speaker("n2", { createdMs: START_S * 1_000 });
    await bench.pass(2_900);
    expect(bench.written()).toEqual([]);
    await bench.pass(200);
    expect([...bench.written()].sort()).toEqual(["api 1005:n2,n1", "web 1005:n1,n2"]);
  });

  it("are not written where nobody may answer, and not touched by that either", async () => {
    const bench = new TableBench([]);
    await bench.start(service("new"), assigned("old", "10.77.0.9", "7:n1"));
    await bench.pass(5_000);
    expect(bench.written()).toEqual(["new -"]);
  });

  it.each([0, START_S * 1_000])(
    "wait as well for speakers that were there, but perhaps not for long (%i)",
    async (createdMs) => {
      const bench = new TableBench(["n1", "n2"], OPTIONS, createdMs);
      await bench.start(service("web"));
      expect(bench.written()).toEqual(["web -"]);
      await bench.pass(3_100);
      expect(bench.written()).toEqual(["web 1003:n1,n2"]);
    },
  );

  it("do not begin with a node that gives no sign of life, but do not move away from it either", async () => {
    const bench = new TableBench(["n2"]);
    bench.speaker("n1", { durationMs: 5_000 });
    await bench.start(assigned("old", "10.77.0.9", "7:n1,n2"));
    await bench.pass(6_000);
    bench.source.tell(put(service("web")), put(service("api")));
    await bench.pass(60_000);
    expect(bench.written()).toEqual(["web 1006:n2,n1", "api 1006:n2,n1"]);
  });

  it("go with the address", async () => {
    const bench = new TableBench(["n1"]);
    await bench.start(assigned("web", "10.77.0.1", "7:n1"));
    const { annotations } = assigned("web", "10.77.0.1", "7:n1");
    bench.source.tell(
      put(service("web", { isLoadBalancer: false, ingress: ["10.77.0.1"], annotations })),
    );
    await settled();
    expect(bench.source.statuses.at(-1)).toMatchObject({
      addresses: [],
      annotations: { [POOL_ANNOTATION]: null, [OWNERS_ANNOTATION]: null },
    });
  });

  it("follow a failover once, although it flaps, and nothing moves", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    await bench.start(assigned("web", "10.77.0.1", "7:n1,n2,n3"));
    await bench.holds("n1", "default/web");
    await bench.pass(10_000);
    for (const node of ["n2", "n1", "n2", "n1", "n2"]) {
      await bench.holds(node, "default/web");
      await bench.pass(500);
    }
    expect(bench.written()).toEqual([]);
    await bench.pass(600);
    expect(bench.written()).toEqual(["web 1013:n2,n1,n3"]);
    await bench.pass(120_000);
    expect(bench.written()).toEqual([]);
  });

  it("are not taken back from whoever gave one by hand before it took over", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    await bench.start(assigned("web", "10.77.0.1", "7:n1,n2,n3"));
    await bench.holds("n1", "default/web");
    await bench.pass(10_000);
    bench.source.tell(put({ ...assigned("web", "10.77.0.1", "9:n3,n1,n2"), resourceVersion: "5" }));
    await bench.pass(4_000);
    await bench.holds("n3", "default/web");
    await bench.pass(20_000);
    expect(bench.written()).toEqual([]);
  });

  it("go back to who holds when the node that was named does not take over", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    await bench.start(assigned("web", "10.77.0.1", "9:n3,n1,n2"));
    await bench.holds("n1", "default/web");
    await bench.pass(4_900);
    expect(bench.written()).toEqual([]);
    await bench.pass(200);
    expect(bench.written()).toEqual(["web 1005:n1,n3,n2"]);
  });

  it("name another first node when the first one may no longer answer", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    for (const name of ["n1", "n2", "n3"]) bench.node(name);
    await bench.start(assigned("web", "10.77.0.1", "7:n1,n2,n3"));
    bench.node("n1", { excludedFromLoadBalancers: true, resourceVersion: "2" });
    await bench.pass(900);
    expect(bench.written()).toEqual([]);
    await bench.pass(200);
    expect(bench.written()).toEqual(["web 1001:n2,n3"]);
  });

  it("change for no node that joins, that returns, or that only renews its sign of life", async () => {
    const bench = new TableBench(["n1", "n2"]);
    await bench.start(assigned("web", "10.77.0.1", "7:n2,n1"));
    bench.speaker("n2", { held: false, renewal: "2" });
    await bench.pass(500);
    bench.speaker("n2", { renewal: "3" });
    for (let i = 4; i < 20; i++) {
      bench.speaker("n1", { renewal: `${i}` });
      await bench.pass(1_000);
    }
    expect(bench.written()).toEqual([]);
  });

  it("have a node that returns after a crash inherit again, and move nothing", async () => {
    const bench = new TableBench(["n2", "n3"]);
    bench.speaker("n1", { durationMs: 5_000 });
    const names = Array.from({ length: 12 }, (_, i) => `s${i}`);
    const table = (i: number) => (i < 6 ? "7:n2,n3,n1" : "7:n3,n2,n1");
    await bench.start(...names.map((name, i) => assigned(name, `10.77.0.${i + 1}`, table(i))));
    await bench.pass(60_000);
    expect(bench.written()).toEqual([]);
    bench.speaker("n1", { durationMs: 1_000_000, renewal: "2" });
    await bench.pass(29_000);
    expect(bench.written()).toEqual([]);
    await bench.pass(2_000);
    const lines = bench.written();
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/:(n2,n1,n3|n3,n1,n2)$/);
  });

  it("take a node in as a successor after it has been there for half a minute", async () => {
    const bench = new TableBench(["n1"]);
    await bench.start(assigned("web", "10.77.0.1", "7:n1"), assigned("api", "10.77.0.2", "7:n1"));
    await bench.pass(60_000);
    expect(bench.written()).toEqual([]);
    bench.speaker("n2");
    await bench.pass(29_000);
    expect(bench.written()).toEqual([]);
    await bench.pass(2_000);
    expect(bench.written()).toEqual(["web 1090:n1,n2", "api 1090:n1,n2"]);
  });

  it("are the same for Services that share an address, whoever's is newer", async () => {
    const shared = { "metallb.io/allow-shared-ip": "k" };
    const bench = new TableBench(["n1", "n2"]);
    const udp = { ports: [{ protocol: "UDP" as const, port: 53 }] };
    await bench.start(assigned("tcp", "10.77.0.1", "7:n1,n2", shared), {
      ...assigned("udp", "10.77.0.1", "9:n2,n1", shared),
      ...udp,
    });
    await bench.pass(1_000);
    expect(bench.written()).toEqual(["tcp 9:n2,n1"]);
  });

  it("follow the endpoints of a Service of policy Local, and stay while there are none", async () => {
    const bench = new TableBench(["n1", "n2"]);
    const endpoints = (...nodes: string[]) =>
      bench.source.tell({
        type: "put",
        kind: "endpointSlice",
        record: sliceRecord("web-1", "default/web", nodes),
      });
    endpoints("n1");
    await bench.start({ ...assigned("web", "10.77.0.1", "7:n1"), trafficPolicy: "Local" });
    endpoints();
    await bench.pass(5_000);
    expect(bench.written()).toEqual([]);
    endpoints("n2");
    await bench.pass(1_100);
    expect(bench.written()).toEqual(["web 1006:n2"]);
  });

  it("are not those of Services of another class", async () => {
    const bench = new TableBench(["n1", "n2"]);
    const theirs = { ...assigned("theirs", "10.77.0.9", "7:n1"), loadBalancerClass: "x/y" };
    await bench.start(theirs, service("web"));
    expect(bench.written()).toEqual(["web 1000:n1,n2"]);
    expect(await bench.metrics.render()).not.toContain('ingot_owned_groups{node="n2"}');
    bench.source.tell(put({ ...service("web"), loadBalancerClass: "x/y", resourceVersion: "9" }));
    await settled();
    expect(await bench.metrics.render()).not.toContain("ingot_owned_groups{");
  });

  it("are left alone where the hash decides", async () => {
    const bench = new ControllerBench();
    bench.loop.lead();
    bench.source.tell(putPool(lan), put(service("new")), put(assigned("old", "10.77.0.9", "7:n1")));
    bench.source.sync();
    await settled();
    expect(bench.source.statuses.map(({ key, annotations }) => [key, annotations])).toEqual([
      ["default/new", { [POOL_ANNOTATION]: "lan" }],
    ]);
  });
});

/** How often each comes, least first. */
function counts(names: readonly string[]): readonly number[] {
  const byName = new Map<string, number>();
  for (const name of names) byName.set(name, (byName.get(name) ?? 0) + 1);
  return [...byName.values()].sort((a, b) => a - b);
}

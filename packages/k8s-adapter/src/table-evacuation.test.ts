import { describe, expect, it } from "vitest";
import { sliceRecord } from "./testing/records.ts";
import { assigned, OPTIONS, TableBench } from "./testing/table-bench.ts";

describe("tables of owners, when a node is to be left,", () => {
  it("leave a node that is evacuated, ten at a time, each until the new node answers", async () => {
    const bench = new TableBench(["n1", "n2", "n3"]);
    bench.node("n1");
    const names = Array.from({ length: 25 }, (_, i) => `s${i}`);
    await bench.start(...names.map((name, i) => assigned(name, `10.77.0.${i + 1}`, "7:n1,n2,n3")));
    await bench.holds("n1", ...names.map((name) => `default/${name}`));
    bench.node("n1", { evacuated: true, resourceVersion: "2" });
    await bench.pass(1_200);
    const first = bench.written();
    expect(first).toHaveLength(10);
    expect(first[0]).toBe("s0 1001:n2,n3,n1");
    await bench.pass(1_000);
    expect(bench.written()).toEqual([]);
    await bench.holds("n2", "default/s0", "default/s1");
    await bench.pass(100);
    expect(bench.written().map((line) => line.split(" ")[0])).toEqual(["s10", "s11"]);
    await bench.pass(20_000);
    expect(bench.written()).toHaveLength(13);
  });

  it("stay with a node that is evacuated where no other may answer", async () => {
    const bench = new TableBench(["n1", "n2"]);
    bench.node("n1", { evacuated: true });
    const local = assigned("web", "10.77.0.1", "7:n1,n2");
    bench.source.tell({
      type: "put",
      kind: "endpointSlice",
      record: sliceRecord("web-1", "default/web", ["n1"]),
    });
    await bench.start({ ...local, trafficPolicy: "Local" });
    await bench.pass(60_000);
    expect(bench.written().filter((line) => !line.includes(":n1"))).toEqual([]);
    bench.source.tell({
      type: "put",
      kind: "endpointSlice",
      record: sliceRecord("web-1", "default/web", ["n1", "n2"]),
    });
    await bench.pass(1_100);
    expect(bench.written()).toEqual([expect.stringMatching(/^web \d+:n2,n1$/)]);
  });

  it.each([
    [true, 1],
    [false, 0],
  ])("leave a cordoned node if that is wished for (%s)", async (evacuateCordoned, writes) => {
    const bench = new TableBench(["n1", "n2"], { ...OPTIONS, evacuateCordoned });
    bench.node("n1", { cordoned: true });
    await bench.start(assigned("web", "10.77.0.1", "7:n1,n2"));
    await bench.pass(5_000);
    expect(bench.written()).toHaveLength(writes);
  });
});

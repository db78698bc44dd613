import { describe, expect, it } from "vitest";
import type { EndpointSliceRecord, L2AdvertisementRecord, NodeRecord } from "../domain.ts";
import {
  advertisementRecord,
  nodeRecord,
  poolRecord,
  serviceRecord,
  sliceRecord,
  speakerRecord,
} from "../testing/records.ts";
import { isEvacuated } from "./eligibility.ts";
import { EligibleNodes } from "./eligible-nodes.ts";

class Bench {
  readonly nodes = new Map<string, NodeRecord>();
  readonly advertisements = new Map<string, L2AdvertisementRecord>([
    ["all", advertisementRecord("all")],
  ]);
  readonly slices: EndpointSliceRecord[] = [];
  readonly silent = new Set<string>();
  asked = 0;
  readonly eligible: EligibleNodes;

  constructor(evacuateCordoned = false) {
    const lan = poolRecord("lan", ["10.77.0.0/24"]);
    this.eligible = new EligibleNodes({
      lbClass: "",
      ignoreExcludeLb: false,
      evacuateCordoned,
      nodes: this.nodes,
      advertisements: this.advertisements,
      speakers: new Map(["n1", "n2"].map((node) => [node, speakerRecord(node)])),
      slicesOf: (service) => this.slices.filter((slice) => slice.service === service),
      poolOf: () => {
        this.asked += 1;
        return lan;
      },
      isAlive: (node) => !this.silent.has(node),
    });
  }

  of(changes = {}, addresses = ["10.77.0.1"]) {
    return this.eligible.of(serviceRecord("default/web", changes), addresses);
  }

  node(name: string, changes: Partial<NodeRecord>): void {
    this.nodes.set(name, nodeRecord(name, changes));
    this.eligible.forget();
  }
}

const names = (scores: ReadonlyMap<string, number> | undefined) => [...(scores?.keys() ?? [])];

describe("eligible nodes", () => {
  it("are those of a Service that has no endpoints yet, under policy Cluster", () => {
    expect(names(new Bench().of())).toEqual(["n1", "n2"]);
    expect(new Bench().of({ trafficPolicy: "Local" })).toBeUndefined();
  });

  it("are one answer for all of which the same is said, until that is forgotten", () => {
    const bench = new Bench();
    const [one, other] = [bench.of(), bench.of({ labels: { app: "x" } }, ["10.77.0.2"])];
    expect(other).toBe(one);
    bench.eligible.forget();
    expect(bench.of()).not.toBe(one);
  });

  it("are told apart by labels, endpoints and subnets where these matter", () => {
    const bench = new Bench();
    bench.advertisements.set(
      "all",
      advertisementRecord("all", {
        serviceSelectors: [{ matchLabels: { app: "x" }, matchExpressions: [] }],
      }),
    );
    expect(bench.of()).toBeUndefined();
    expect(names(bench.of({ labels: { app: "x" } }))).toEqual(["n1", "n2"]);
    bench.slices.push(sliceRecord("web-1", "default/web", ["n2"]));
    expect(names(bench.of({ labels: { app: "x" }, trafficPolicy: "Local" }))).toEqual(["n2"]);
  });

  it("count those that give no sign of life last, but count them", () => {
    const bench = new Bench();
    bench.silent.add("n1");
    const scores = bench.of();
    expect(scores?.get("n1")).toBeLessThan(scores?.get("n2") ?? 0);
    expect(isEvacuated(scores?.get("n1") ?? 0)).toBe(false);
  });

  it("count those that are evacuated after all others", () => {
    const bench = new Bench();
    bench.node("n1", { evacuated: true });
    expect(isEvacuated(bench.of()?.get("n1") ?? 0)).toBe(true);
    expect(isEvacuated(bench.of()?.get("n2") ?? 0)).toBe(false);
  });

  it.each([
    ["cordoned", { cordoned: true }],
    ["shut down", { shutsDown: true }],
  ])("count a node that is %s as evacuated if that is wished for", (_, changes) => {
    for (const wished of [false, true]) {
      const bench = new Bench(wished);
      bench.node("n1", changes);
      expect(isEvacuated(bench.of()?.get("n1") ?? 0)).toBe(wished);
    }
  });
});

import type { Eligible, Table } from "@ingot/ownership";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serviceRecord } from "../testing/records.ts";
import type { Holder } from "./holders.ts";
import { OWNERS_ANNOTATION, Owners } from "./owners.ts";

const NODES = ["n1", "n2", "n3", "n4"];

/** Services as they come, change and go, on nodes that may answer or not, with whoever holds. */
class Model {
  readonly eligible = new Set(NODES);
  readonly holders = new Map<string, Holder>();
  readonly addresses = new Map<string, readonly string[]>();
  readonly tables = new Map<string, Table>();
  readonly owners: Owners;
  now = 0;

  constructor() {
    this.owners = new Owners({
      eligible: () => new Map([...this.eligible].map((node) => [node, 0])) as Eligible,
      holderOf: (key) => this.holders.get(key),
      unixSeconds: () => this.now / 1_000,
    });
  }

  /** Decides a Service and, as the controller does, all that follow from it. */
  decide(key: string): void {
    const addresses = this.addresses.get(key) ?? [];
    const before = this.tables.get(key);
    const text = before === undefined ? "" : `${before.epoch}:${before.nodes.join(",")}`;
    const annotations = text === "" ? {} : { [OWNERS_ANNOTATION]: text };
    const service = serviceRecord(key, { ingress: addresses, annotations });
    const { table, others } = this.owners.decide(service, addresses, this.now);
    if (table === undefined) this.tables.delete(key);
    else this.tables.set(key, table);
    for (const other of others) this.decide(other);
    // The source tells what was written.
    if (table !== undefined && table.epoch !== before?.epoch) this.decide(key);
  }

  remove(key: string): void {
    this.addresses.delete(key);
    this.tables.delete(key);
    this.owners.forget(key);
  }
}

const action = fc.oneof(
  fc.record({
    do: fc.constant("put" as const),
    service: fc.nat(7),
    addresses: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ do: fc.constant("remove" as const), service: fc.nat(7) }),
  fc.record({ do: fc.constant("toggle" as const), node: fc.constantFrom(...NODES) }),
  fc.record({
    do: fc.constant("hold" as const),
    service: fc.nat(7),
    node: fc.constantFrom(...NODES),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat(10_000) }),
);

describe("owners", () => {
  it("keep every promise, whatever comes, changes and goes", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const model = new Model();
        for (const step of actions) {
          const before = new Map(model.tables);
          const settled = new Map(model.holders);
          if (step.do === "put") {
            const addresses = step.addresses.map((n) => `10.0.0.${n}`);
            model.addresses.set(`default/s${step.service}`, addresses);
            model.decide(`default/s${step.service}`);
          } else if (step.do === "remove") {
            model.remove(`default/s${step.service}`);
          } else if (step.do === "hold") {
            const holder = { node: step.node, since: model.now };
            model.holders.set(`default/s${step.service}`, holder);
          } else if (step.do === "wait") model.now += step.ms;
          else if (!model.eligible.delete(step.node)) model.eligible.add(step.node);
          for (const key of model.addresses.keys()) model.decide(key);

          for (const [key, table] of model.tables) {
            const old = before.get(key);
            expect(table.epoch).toBeGreaterThanOrEqual(old?.epoch ?? 0);
            if (old?.epoch === table.epoch) expect(table.nodes).toEqual(old.nodes);
            if (model.eligible.size > 0) expect(model.eligible).toContain(table.nodes[0]);
            for (const address of model.addresses.get(key) ?? []) {
              for (const [other, list] of model.addresses) {
                if (list.includes(address)) expect(model.tables.get(other)).toEqual(table);
              }
            }
            // Sticky: who was first and may be stays, where nobody else holds and nobody joined it.
            const [first = ""] = old?.nodes ?? [];
            const alone = step.do !== "put" && settled.size === 0;
            if (alone && model.eligible.has(first)) expect(table.nodes[0]).toBe(first);
          }
          const firsts = new Map<string, Set<string>>();
          for (const [key, table] of model.tables) {
            const [first = ""] = table.nodes;
            const groups = firsts.get(first) ?? new Set();
            groups.add(groupOf(model, key));
            firsts.set(first, groups);
          }
          for (const node of NODES) {
            expect(model.owners.loads.get(node) ?? 0).toBe(firsts.get(node)?.size ?? 0);
          }
        }
      }),
    );
  });

  it.each([
    ["who holds, if no other is preferred", { n1: 5, n2: 5, n3: 1 }, "n2"],
    ["a preferred one otherwise", { n1: 5, n2: 1, n3: 1 }, "n1"],
  ])("begin with %s", (_, scores, first) => {
    const owners = new Owners({
      eligible: () => new Map(Object.entries(scores)),
      holderOf: () => ({ node: "n2", since: 0 }),
      unixSeconds: () => 1_000,
    });
    const service = serviceRecord("default/web", { ingress: ["10.0.0.1"] });
    expect(owners.decide(service, service.ingress, 0).table?.nodes[0]).toBe(first);
  });

  it("make a failover and what comes after it even: 99 on 3 nodes, then 2, then 4", () => {
    const model = new Model();
    model.eligible.delete("n4");
    for (let i = 0; i < 99; i++) {
      model.addresses.set(`default/s${i}`, [`10.0.0.${i}`]);
      model.decide(`default/s${i}`);
    }
    const loads = () => NODES.map((node) => model.owners.loads.get(node) ?? 0);
    expect(loads()).toEqual([33, 33, 33, 0]);
    model.now = 10_000;
    for (const [key, { nodes }] of model.tables) {
      const node = nodes.find((name) => name !== "n1") ?? "";
      model.holders.set(key, { node, since: model.now });
    }
    model.now = 12_000;
    for (const key of model.addresses.keys()) model.decide(key);
    expect(loads().slice(0, 3).sort()).toEqual([0, 49, 50].sort());
    // A node joins, and the dead one returns: nothing moves, and they inherit what is to inherit.
    model.eligible.add("n4");
    const before = new Map(model.tables);
    for (const key of model.owners.level()) model.decide(key);
    for (const key of model.addresses.keys()) model.decide(key);
    for (const [key, { nodes }] of before) expect(model.tables.get(key)?.nodes[0]).toBe(nodes[0]);
    const heirs = [...model.tables.values()].filter(({ nodes }) => nodes[0] === "n2");
    const ofThem = (name: string) => heirs.filter(({ nodes }) => nodes[1] === name).length;
    expect(Math.abs(ofThem("n1") - ofThem("n4"))).toBeLessThanOrEqual(2);
    expect(ofThem("n3")).toBe(0);
  });
});

/** One Service that stands for all that share addresses with it. */
function groupOf(model: Model, key: string): string {
  const reached = new Set([key]);
  for (const one of reached) {
    for (const [other, list] of model.addresses) {
      if (model.addresses.get(one)?.some((address) => list.includes(address))) reached.add(other);
    }
  }
  return [...reached].sort()[0] ?? "";
}

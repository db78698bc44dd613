import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NamespaceRecord, PoolRecord, ServiceRecord } from "./domain.ts";
import { POOL_ANNOTATION } from "./reconcile/allocation.ts";
import type { ServiceStatus, SourceEvent, WriteResult } from "./source/source.ts";
import { AssignmentModel } from "./testing/assignment-model.ts";
import { BLOCKS, type Step, step, trouble } from "./testing/assignment-steps.ts";
import {
  ControllerBench,
  put,
  putNamespace,
  putPool,
  settled,
} from "./testing/controller-bench.ts";
import { namespaceRecord, poolRecord, serviceRecord } from "./testing/records.ts";

// A controller against the slowest and plainest one that could be written: whatever comes, changes
// and goes, each status that it writes is the one that the plain one decides, and at the end there is
// nothing that the plain one would still write.

/** The cluster that a controller works on, with what is in it as plain tables. */
class Cluster {
  readonly services = new Map<string, ServiceRecord>();
  readonly namespaces = new Map<string, NamespaceRecord>();
  pools: readonly PoolRecord[] = [];
  readonly #wrote: (before: ServiceRecord, addresses: readonly string[]) => void;
  #bench: ControllerBench;
  #version = 1;

  constructor(wrote: (before: ServiceRecord, addresses: readonly string[]) => void) {
    this.#wrote = wrote;
    this.#bench = this.#start();
  }

  async tell(...events: readonly SourceEvent[]): Promise<void> {
    this.#bench.source.tell(...events);
    await this.quiet();
  }

  put(service: ServiceRecord): Promise<void> {
    this.#tellAnew(service);
    return this.quiet();
  }

  /** What the next writes come to. */
  fail(answers: readonly ("conflict" | "error")[]): void {
    this.#bench.source.answers.push(
      ...answers.map((answer) => (answer === "conflict" ? answer : new Error("away"))),
    );
  }

  async restart(): Promise<void> {
    const before = this.#bench;
    this.#bench = this.#start();
    await before.loop.close();
    this.#bench.source.tell(
      ...this.pools.map(putPool),
      ...[...this.namespaces.keys()].map((name) => this.namespace(name)),
      ...[...this.services.values()].map(put),
    );
    this.#bench.source.sync();
    await this.quiet();
  }

  namespace(name: string): SourceEvent {
    return putNamespace(this.namespaces.get(name) ?? namespaceRecord(name));
  }

  /** All that is under way has happened, and what failed was tried again. */
  async quiet(): Promise<void> {
    await settled();
    for (let failures = this.#bench.source.answers.length; failures >= 0; failures -= 1) {
      this.#bench.clock.advance(60_000);
      await settled();
    }
  }

  #tellAnew(service: ServiceRecord): void {
    this.#version += 1;
    const record = { ...service, resourceVersion: String(this.#version) };
    this.services.set(record.key, record);
    this.#bench.source.tell(put(record));
  }

  #start(): ControllerBench {
    const bench = new ControllerBench();
    const { source } = bench;
    const write = source.writeServiceStatus.bind(source);
    source.writeServiceStatus = async (status: ServiceStatus): Promise<WriteResult> => {
      const before = this.services.get(status.key);
      if (bench !== this.#bench || before === undefined) return "gone";
      if (before.resourceVersion !== status.resourceVersion) return "conflict";
      if (source.answers[0] === "conflict") {
        // Somebody else was faster; what he wrote comes afterwards.
        void Promise.resolve().then(() => {
          const now = this.services.get(status.key);
          if (now !== undefined) this.#tellAnew(now);
        });
      } else if (source.answers[0] === undefined) {
        this.#wrote(before, status.addresses);
        const pool = status.annotations[POOL_ANNOTATION];
        const { [POOL_ANNOTATION]: _, ...rest } = before.annotations;
        const annotations = pool == null ? rest : { ...rest, [POOL_ANNOTATION]: pool };
        const resourceVersion = String(Number(before.resourceVersion) + 1);
        this.#version = Math.max(this.#version, Number(resourceVersion));
        const ingress = status.addresses;
        this.services.set(before.key, { ...before, ingress, annotations, resourceVersion });
      }
      return write(status);
    };
    bench.loop.lead();
    return bench;
  }
}

async function take(cluster: Cluster, next: Step, model?: AssignmentModel): Promise<void> {
  switch (next.type) {
    case "service": {
      const before = cluster.services.get(next.key);
      const mark = before?.annotations[POOL_ANNOTATION];
      const marked = mark === undefined ? {} : { [POOL_ANNOTATION]: mark };
      return cluster.put({
        ...(before ?? serviceRecord(next.key)),
        ...next.changes,
        annotations: { ...next.changes.annotations, ...marked },
      });
    }
    case "delete":
      cluster.services.delete(next.key);
      model?.gone(next.key);
      return cluster.tell({ type: "delete", kind: "service", key: next.key });
    case "strange": {
      const service = cluster.services.get(next.key);
      const taken = [...cluster.services.values()].some((s) => s.ingress.includes(next.address));
      if (service === undefined || taken || !service.isLoadBalancer) return;
      const record = { ...service, ingress: [next.address] };
      model?.noticed(record);
      return cluster.put(record);
    }
    case "pool": {
      // What another pool has stays there: no two ever overlap.
      const others = cluster.pools.filter(({ name }) => name !== next.name);
      const taken = others.flatMap(({ addresses }) => addresses);
      const addresses = next.entries.filter((entry) => !taken.includes(entry));
      const made = poolRecord(next.name, addresses, next.changes);
      const all = addresses.length === 0 ? others : [...others, made];
      cluster.pools = all.sort((a, b) => (a.name < b.name ? -1 : 1));
      model?.poolsChanged();
      return cluster.tell(
        addresses.length > 0 ? putPool(made) : { type: "delete", kind: "pool", key: made.key },
      );
    }
    case "namespace":
      cluster.namespaces.set(
        next.name,
        namespaceRecord(next.name, { labels: { team: next.team }, quota: next.quota }),
      );
      return cluster.tell(cluster.namespace(next.name));
    case "restart":
      model?.restart();
      return cluster.restart();
    case "trouble":
      cluster.fail(next.answers);
  }
}

describe("assignments", () => {
  it("are those of a plain model, whatever comes, changes and goes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const model = new AssignmentModel(BLOCKS, () => cluster);
        const leaving = new Set<string>();
        const cluster: Cluster = new Cluster((service, addresses) => {
          // The others may be decided before the answer to a write is there, or after it.
          const decisions = [model.decide(service), model.decideWithout(leaving, service)];
          expect(decisions).toContainEqual(addresses);
          model.written(service.key, addresses);
          for (const address of service.ingress) leaving.add(address);
        });
        await cluster.restart();
        for (const next of [...FIRST_STEPS, ...steps]) {
          leaving.clear();
          await take(cluster, next, model);
          for (const service of cluster.services.values()) {
            const { key, ingress } = service;
            expect({ [key]: ingress }).toEqual({ [key]: model.decide(service) ?? ingress });
          }
        }
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it("name no address twice, whatever fails meanwhile, and are settled in the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 2, arbitrary: step }, { weight: 1, arbitrary: trouble }), {
          minLength: 5,
          maxLength: 30,
        }),
        async (steps) => {
          const cluster: Cluster = new Cluster((service, addresses) => {
            for (const other of cluster.services.values()) {
              if (other.key === service.key || isShared(service, other)) continue;
              const both = addresses.filter((address) => other.ingress.includes(address));
              expect({ [service.key]: both }).toEqual({ [service.key]: [] });
            }
          });
          await cluster.restart();
          for (const next of [...FIRST_STEPS, ...steps]) await take(cluster, next);
          await cluster.quiet();
          const settledAt = [...cluster.services.values()];
          await cluster.restart();
          expect([...cluster.services.values()]).toEqual(settledAt);
        },
      ),
      { numRuns: RUNS },
    );
  }, 60_000);
});

const RUNS = 150;
const FIRST_STEPS: readonly Step[] = [
  { type: "pool", name: "p", entries: ["10.0.0.0/31", "2001:db8::/127"], changes: {} },
];

function isShared(a: ServiceRecord, b: ServiceRecord): boolean {
  const [key, other] = [a, b].map(({ annotations }) => annotations["metallb.io/allow-shared-ip"]);
  return key !== undefined && key === other;
}

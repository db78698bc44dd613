import { describe, expect, it } from "vitest";
import type { ServiceRecord } from "./domain.ts";
import type { SourceEvent } from "./source/source.ts";
import {
  ControllerBench,
  given,
  holding,
  put,
  putNamespace,
  putPool,
  settled,
} from "./testing/controller-bench.ts";
import { namespaceRecord, poolRecord, serviceRecord } from "./testing/records.ts";

const lan = poolRecord("lan", ["10.0.0.1-10.0.0.2"]);
const web = serviceRecord("default/web", { createdMs: 1 });
const api = serviceRecord("default/api", { createdMs: 2 });
const third = serviceRecord("default/third", { createdMs: 3 });
const remove = (key: string): SourceEvent => ({ type: "delete", kind: "service", key });
const newer = (service: ServiceRecord, changes: Partial<ServiceRecord>) =>
  put({ ...service, resourceVersion: "9", ...changes });

async function running(...before: readonly SourceEvent[]): Promise<ControllerBench> {
  const bench = new ControllerBench();
  bench.loop.lead();
  bench.source.tell(...before);
  bench.source.sync();
  for (let round = 0; round < 50; round += 1) await settled();
  return bench;
}

/** What is written by these, and how many decisions it took. */
async function after(bench: ControllerBench, ...events: readonly SourceEvent[]) {
  const written = bench.source.statuses.length;
  const decisions = async () =>
    Number(/^metallb_k8s_client_updates_total (\d+)$/m.exec(await bench.metrics.render())?.[1]);
  const before = await decisions();
  bench.source.tell(...events);
  await settled();
  return { written: given(bench.source).slice(written), decisions: (await decisions()) - before };
}

describe("a Service that waits for an address", () => {
  it.each<[string, SourceEvent]>([
    ["is deleted", remove("default/web")],
    ["is no load balancer any more", newer(web, { isLoadBalancer: false, ingress: ["10.0.0.1"] })],
    ["gets another class", newer(web, { loadBalancerClass: "x", ingress: ["10.0.0.1"] })],
    ["moves", newer(holding(web, "10.0.0.1"), { loadBalancerIP: "10.0.9.1" })],
    [
      "moves by pool",
      newer(web, { ingress: ["10.0.0.1"], annotations: { "metallb.io/address-pool": "dmz" } }),
    ],
  ])("gets it when the one that has it %s", async (_, event) => {
    const dmz = poolRecord("dmz", ["10.0.9.1/32"], { autoAssign: false });
    const bench = await running(putPool(lan), putPool(dmz), put(web), put(api), put(third));
    expect((await after(bench, event)).written.at(-1)).toBe("default/third 10.0.0.1");
  });

  it("is looked at alone, however many wait behind it", async () => {
    const crowd = Array.from({ length: 500 }, (_, i) =>
      put(serviceRecord(`crowd/s${i}`, { createdMs: 10 + i })),
    );
    const bench = await running(putPool(lan), put(web), put(api), ...crowd);
    const first = await after(bench, remove("default/web"));
    // The one that goes, the one that comes, and its own new status.
    expect(first).toEqual({ written: ["crowd/s0 10.0.0.1"], decisions: 3 });
    const next = await after(bench, remove("default/api"), remove("crowd/s0"));
    expect(next).toEqual({ written: ["crowd/s1 10.0.0.2", "crowd/s2 10.0.0.1"], decisions: 6 });
  });

  it("passes its turn on when it cannot use what came free", async () => {
    const dual = { families: [4, 6] as const, familyPolicy: "RequireDualStack" as const };
    const both = poolRecord("lan", ["10.0.0.1/32", "2001:db8::1/128"]);
    const six = serviceRecord("default/six", { families: [6], createdMs: 2 });
    const bench = await running(
      putPool(both),
      put(web),
      put(six),
      put({ ...api, ...dual }),
      put(third),
    );
    expect(await after(bench, remove("default/web"))).toMatchObject({
      written: ["default/third 10.0.0.1"],
    });
  });

  it("comes after one that asks for just this address", async () => {
    const bench = await running(
      putPool(lan),
      put(web),
      put(api),
      put(third),
      put(serviceRecord("default/exact", { loadBalancerIP: "10.0.0.1", createdMs: 4 })),
    );
    const { written } = await after(bench, remove("default/web"));
    expect(written).toEqual(["default/exact 10.0.0.1"]);
  });

  it("is not woken by an address of a pool that it may not use", async () => {
    const dmz = poolRecord("dmz", ["10.0.9.1/32"], { autoAssign: false });
    const bench = await running(
      putPool(lan),
      putPool(dmz),
      put(web),
      put(api),
      put(third),
      put(serviceRecord("default/explicit", { loadBalancerIP: "10.0.9.1" })),
    );
    expect(await after(bench, remove("default/explicit"))).toEqual({ written: [], decisions: 1 });
  });

  it("gets a port of a shared address when that is given up", async () => {
    const shared = (key: string, port: number) =>
      serviceRecord(key, {
        ports: [{ protocol: "TCP", port }],
        annotations: { "metallb.io/allow-shared-ip": "key" },
      });
    const bench = await running(
      putPool({ ...lan, addresses: ["10.0.0.1/32"] }),
      put(shared("a/1", 80)),
      put(shared("a/2", 81)),
      put(shared("a/3", 80)),
      put(shared("a/4", 81)),
    );
    expect((await after(bench, remove("a/2"))).written).toEqual(["a/4 10.0.0.1"]);
  });

  it("is served when the labels of its namespace open a pool to it", async () => {
    const reserved = {
      priority: 0,
      namespaces: [],
      namespaceSelectors: [{ matchLabels: { team: "a" }, matchExpressions: [] }],
      serviceSelectors: [],
    };
    const namespace = (labels: Readonly<Record<string, string>>) =>
      putNamespace(namespaceRecord("default", { labels }));
    const bench = await running(
      putPool({ ...lan, reserved }),
      namespace({}),
      put(web),
      put(serviceRecord("other/web")),
    );
    const opened = await after(bench, namespace({ team: "a" }));
    expect(opened).toEqual({ written: ["default/web 10.0.0.1"], decisions: 2 });
    const closed = await after(bench, { type: "delete", kind: "namespace", key: "default" });
    expect(closed.written).toEqual(["default/web -"]);
  });
});

import { Cluster, type LabProcess, sumMetric, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CONTROLLER, DEPLOY, startController } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.90.0.1-10.90.0.100] }
`;

const SERVICES = "/api/v1/namespaces/default/services";
const COUNT = 100;
const SERVED = { timeoutMs: 30_000, what: "addresses for all Services" } as const;

// What is written is read from the API server's own counters, so nothing can hide.
suite("the controller's writes", ["netns", "testbed", "curl"], () => {
  let cluster: Cluster;
  let controller: LabProcess;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 1, kubeProxy: false, serviceAccounts: [CONTROLLER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    controller = await startController(cluster);
    // It has taken the Lease and said that the configuration is valid.
    await settled();
  });

  afterAll(() => cluster?.close());

  /** Writes so far: of Services' status, of pools' status, and all others but Leases, Events and Services. */
  async function writes(): Promise<{ status: number; pool: number; other: number }> {
    const samples = await cluster.api.metrics();
    const count = (labels: Readonly<Record<string, string>>) =>
      ["POST", "PUT", "PATCH", "APPLY", "DELETE"]
        .map((verb) => sumMetric(samples, "apiserver_request_total", { verb, ...labels }))
        .reduce((sum, value) => sum + value, 0);
    const status = count({ resource: "services", subresource: "status" });
    const pool = count({ resource: "ipaddresspools", subresource: "status" });
    const notOurs = ["leases", "events", "services", "ipaddresses"].map((resource) =>
      count({ resource }),
    );
    const other = count({}) - pool - notOurs.reduce((sum, value) => sum + value, 0);
    return { status, pool, other };
  }

  /** Events on Services, repeated ones counted, by reason. */
  async function events(): Promise<Readonly<Record<string, number>>> {
    const reasons: Record<string, number> = {};
    for (const event of await cluster.api.list<EventObject>("/api/v1/events")) {
      if (event.source?.component !== "metallb-controller") continue;
      reasons[event.reason] = (reasons[event.reason] ?? 0) + event.count;
    }
    return reasons;
  }

  /** What was written when nothing more came for three seconds, longer than anything is put off. */
  async function settled(): Promise<{ status: number; pool: number; other: number }> {
    let last = "";
    let since = 0;
    return until(
      async () => {
        const now = await writes();
        const text = JSON.stringify([now, await events()]);
        if (text !== last) since = performance.now();
        last = text;
        return performance.now() - since >= 3_000 ? now : undefined;
      },
      { timeoutMs: 30_000, intervalMs: 200, what: "nothing more to be written" },
    );
  }

  async function create(name: string): Promise<void> {
    await cluster.api.create(SERVICES, {
      metadata: { name },
      spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
    });
  }

  async function withAddress(): Promise<number> {
    const services = await cluster.api.list<ServiceObject>(SERVICES);
    return services.filter(({ status }) => status.loadBalancer.ingress !== undefined).length;
  }

  it("are one status and one Event an assignment, and a pool's counters once a second", async () => {
    const before = await writes();
    const began = performance.now();
    for (let number = 0; number < COUNT; number += 1) await create(`s${number}`);
    await until(async () => (await withAddress()) === COUNT, SERVED);
    const seconds = (performance.now() - began) / 1_000;
    const after = await settled();
    expect(after.status - before.status).toBe(COUNT);
    expect(await events()).toEqual({ IPAllocated: COUNT });
    expect(after.pool - before.pool).toBeGreaterThan(0);
    // One at the end of each second, and one for what came last.
    expect(after.pool - before.pool).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(after.other).toBe(before.other);
  });

  it("are one Event on a Service that waits, and none while others go on", async () => {
    const before = await writes();
    await create("waits");
    await settled();
    await cluster.api.delete(`${SERVICES}/s0`);
    await until(async () => (await withAddress()) === COUNT, SERVED);
    const after = await settled();
    expect(after.status - before.status).toBe(1);
    expect(await events()).toEqual({ IPAllocated: COUNT + 1, AllocationFailed: 1 });
  });

  it("are none when it starts over Services that have addresses", async () => {
    const before = await settled();
    const said = await events();
    await controller.stop("SIGTERM", 5_000);
    controller = await startController(cluster, "controller-again");
    expect(await settled()).toEqual(before);
    expect(await events()).toEqual(said);
  });
});

interface EventObject {
  readonly reason: string;
  readonly count: number;
  readonly source?: { readonly component?: string };
}

interface ServiceObject {
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] };
  };
}

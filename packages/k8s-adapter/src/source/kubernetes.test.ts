import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Projected, project } from "../config/project.ts";
import type { Kind } from "../domain.ts";
import { KubeClient } from "../kube/client.ts";
import type { FakeObject } from "../testing/fake-api-objects.ts";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { Moments } from "../testing/moments.ts";
import { KubernetesSource } from "./kubernetes.ts";
import type { SourceEvent } from "./source.ts";

const SERVICES = "/api/v1 services";
const POOLS = "/apis/metallb.io/v1beta1 ipaddresspools";
const NOON = Date.UTC(2024, 4, 6, 12, 0, 0, 7);

let server: FakeApiServer;
let clock: ObservedClock;
let logger: KeepingLogger;
let source: KubernetesSource;
let told: SourceEvent[];
let moments: Moments;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  logger = new KeepingLogger();
  told = [];
  moments = new Moments();
  source = sourceWith(project);
});

afterEach(async () => {
  await source.close();
  await server.close();
});

function sourceWith(
  projection: <K extends Kind>(kind: K, object: unknown) => Projected<K> | undefined,
): KubernetesSource {
  return new KubernetesSource({
    client: new KubeClient(new FakeCluster(server.url), clock),
    namespace: "ingot-system",
    component: "metallb-speaker",
    project: projection,
    clock,
    random: () => 0.5,
    logger,
    wallClock: () => NOON + clock.now(),
  });
}

function start(...kinds: Kind[]): void {
  source.start(kinds, (event) => {
    told.push(event);
    moments.happened();
  });
}

/** Resolves when as many events were told as are given, in short. */
async function tells(...wanted: string[]): Promise<void> {
  await moments.until(() => told.length >= wanted.length);
  expect(told.splice(0).map(short)).toEqual(wanted);
}

function short(event: SourceEvent): string {
  switch (event.type) {
    case "put":
      return `put ${event.kind} ${event.record.key}`;
    case "delete":
      return `delete ${event.kind} ${event.key}`;
    case "rejected":
      return `rejected ${event.error.kind} ${event.error.key}`;
    case "synced":
      return `synced ${event.kind}`;
    case "connection":
      return event.connected ? `connected ${event.kind}` : `no ${event.kind}: ${event.reason}`;
  }
}

function service(name: string, fields: object = {}): FakeObject {
  return server.put(SERVICES, {
    metadata: { name, namespace: "shop", uid: `uid of ${name}` },
    spec: { type: "LoadBalancer", ports: [{ port: 80, protocol: "TCP" }] },
    status: { loadBalancer: {} },
    ...fields,
  });
}

function pool(name: string, ...addresses: string[]): FakeObject {
  return server.put(POOLS, { metadata: { name, namespace: "ingot-system" }, spec: { addresses } });
}

describe("what is told", () => {
  it("is each kind from its place, by its labels", async () => {
    start("service", "endpointSlice", "node", "pool", "l2Advertisement", "speaker");
    await moments.until(() => told.filter(({ type }) => type === "connection").length === 6);
    const asked = server.requests.map(({ path, query: { labelSelector = "" } }) =>
      `${path} ${labelSelector}`.trim(),
    );
    expect(asked.sort()).toEqual([
      "/api/v1/nodes",
      "/api/v1/services",
      "/apis/coordination.k8s.io/v1/namespaces/ingot-system/leases app.kubernetes.io/name=ingot,app.kubernetes.io/component=speaker",
      "/apis/discovery.k8s.io/v1/endpointslices kubernetes.io/service-name",
      "/apis/metallb.io/v1beta1/namespaces/ingot-system/ipaddresspools",
      "/apis/metallb.io/v1beta1/namespaces/ingot-system/l2advertisements",
    ]);
    expect(source.description).toBe(`kubernetes ${server.url}`);
  });

  it("are records, errors of broken objects, and nothing of what is of no interest", async () => {
    service("web");
    service("inner", { spec: { type: "ClusterIP" } });
    pool("good", "192.0.2.0/24");
    pool("bad", "192.0.2.999");
    start("service");
    await tells("put service shop/web", "synced service", "connected service");
    start("pool");
    await tells(
      "put pool ingot-system/good",
      "rejected pool ingot-system/bad",
      "synced pool",
      "connected pool",
    );
    server.remove(POOLS, "bad", "ingot-system");
    service("web", { spec: { type: "ClusterIP" } });
    await moments.until(() => told.length === 2);
    expect(told.splice(0).map(short).sort()).toEqual([
      "delete pool ingot-system/bad",
      "delete service shop/web",
    ]);
  });

  it("is an error, and no end of the watch, when an object cannot even be judged", async () => {
    await source.close();
    source = sourceWith(() => {
      throw new TypeError("no idea");
    });
    service("web");
    start("service");
    await moments.until(() => told.length === 3);
    expect(told[0]).toEqual({
      type: "rejected",
      error: { kind: "service", key: "shop/web", field: "", message: "cannot be read: no idea" },
    });
  });

  it("is which definition is missing and how to install it, until it is there", async () => {
    server.missing.add(POOLS);
    start("pool");
    const missing =
      "no pool: the CustomResourceDefinition ipaddresspools.metallb.io is not installed; " +
      "install it with: ingot crds | kubectl apply -f -";
    await tells(missing);
    await clock.untilSet(1, (delayMs) => delayMs < 20_000);
    clock.advance(10_000);
    await clock.untilSet(2, (delayMs) => delayMs < 20_000);
    expect(told).toEqual([]);
    server.missing.clear();
    pool("good", "192.0.2.0/24");
    clock.advance(10_000);
    await tells("put pool ingot-system/good", "synced pool", "connected pool");
  });

  it("is which server cannot be reached, and why", async () => {
    await server.close();
    start("node");
    await moments.until(() => told.length === 1);
    const { host } = new URL(server.url);
    const reason = `GET ${server.url}/api/v1/nodes: connect ECONNREFUSED ${host}`;
    expect(told).toEqual([{ type: "connection", kind: "node", connected: false, reason }]);
  });
});

describe("a refresh", () => {
  it("tells what the watches have not told yet, of every kind", async () => {
    start("node", "service");
    await tells("synced node", "connected node", "synced service", "connected service");
    await source.refresh();
    expect(server.asked(true)).toHaveLength(4);
  });
});

describe("what is written", () => {
  it("is a sign of life that is told back", async () => {
    start("speaker");
    await tells("synced speaker", "connected speaker");
    const interfaces = [{ name: "eth0", subnets: ["192.0.2.0/24"] }];
    await source.renewSpeaker({ node: "n1", durationMs: 4_500, interfaces });
    await source.releaseSpeaker("n1");
    await moments.until(() => told.length === 2);
    expect(told).toMatchObject([
      { record: { node: "n1", held: true, durationMs: 5_000, interfaces } },
      { record: { node: "n1", held: false, interfaces } },
    ]);
  });

  it("is an Event of the component", async () => {
    const { namespace = "", name, uid } = service("web").metadata;
    await source.emitEvent({
      namespace,
      name,
      uid: `${uid}`,
      type: "Warning",
      reason: "AllocationFailed",
      message: "no addresses",
    });
    // It is still said when nothing else is.
    await source.close();
    expect(JSON.parse(server.requests[0]?.body ?? "")).toMatchObject({
      involvedObject: { uid: "uid of web" },
      source: { component: "metallb-speaker" },
    });
  });
});

describe("markEvacuated", () => {
  it("sets the annotation on the Node, and takes it away", async () => {
    server.put("/api/v1 nodes", { metadata: { name: "n1", annotations: { own: "x" } } });
    await source.markEvacuated("n1", true);
    await source.markEvacuated("n1", false);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "PATCH /api/v1/nodes/n1",
      "PATCH /api/v1/nodes/n1",
    ]);
    expect(server.requests.map(({ body }) => JSON.parse(body))).toEqual([
      { metadata: { annotations: { "ingot.dev/evacuate": "true" } } },
      { metadata: { annotations: { "ingot.dev/evacuate": null } } },
    ]);
  });
});

describe("writeReservations", () => {
  it.each([
    ["10.0.0.1=shop/web", "10.0.0.1=shop/web"],
    ["", null],
  ])("puts %j into the annotation of the pool, unless that has changed", async (text, value) => {
    const write = { key: "metallb-system/lan", resourceVersion: "7", text };
    expect(await source.writeReservations(write)).toBe("gone");
    expect(server.requests).toMatchObject([
      {
        method: "PATCH",
        path: "/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools/lan",
      },
    ]);
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
      metadata: { resourceVersion: "7", annotations: { "ingot.dev/reservations": value } },
    });
  });
});

describe("writeServiceStatus", () => {
  const key = "shop/web";
  const addresses = ["192.0.2.1", "2001:db8::1"];

  it("writes addresses and annotations in one patch", async () => {
    const before = service("web", { extra: 1 });
    const { resourceVersion = "" } = before.metadata;
    const annotations = { "metallb.io/ip-allocated-from-pool": "p", old: null };
    const result = await source.writeServiceStatus({
      key,
      resourceVersion,
      addresses,
      annotations,
    });
    expect(result).toBe("written");
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "PATCH /api/v1/namespaces/shop/services/web/status",
    ]);
    expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual({
      metadata: { resourceVersion, annotations },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }] } },
    });
    const { metadata } = before;
    expect(server.objects.get(SERVICES, metadata)).toMatchObject({
      extra: 1,
      metadata: { annotations: { "metallb.io/ip-allocated-from-pool": "p" } },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }, { ip: "2001:db8::1" }] } },
    });
  });

  it("clears", async () => {
    const { metadata } = service("web", { status: { loadBalancer: { ingress: [{ ip: "a" }] } } });
    const { resourceVersion = "" } = metadata;
    await source.writeServiceStatus({ key, resourceVersion, addresses: [], annotations: {} });
    expect(server.objects.get(SERVICES, metadata)?.["status"]).toEqual({ loadBalancer: {} });
    expect(JSON.parse(server.requests[0]?.body ?? "").metadata).toEqual({ resourceVersion });
  });

  it("answers a conflict, and that the Service is gone", async () => {
    const status = { key, addresses, annotations: {} };
    const { resourceVersion = "" } = service("web").metadata;
    service("web");
    expect(await source.writeServiceStatus({ ...status, resourceVersion })).toBe("conflict");
    server.remove(SERVICES, "web", "shop");
    expect(await source.writeServiceStatus({ ...status, resourceVersion })).toBe("gone");
  });

  it("is given up when it is not over in time, and says so to the server", async () => {
    server.intercept = () => true;
    const status = { key, resourceVersion: "1", addresses, annotations: {}, withinMs: 750.9 };
    const writing = source.writeServiceStatus(status).catch(String);
    await clock.untilSet(1, (delayMs) => delayMs === 750.9);
    await server.until(() => server.requests.length === 1);
    clock.advance(751);
    expect(await writing).toContain("given up");
    expect(server.requests[0]?.query).toEqual({ timeout: "750ms" });
  });

  it("throws what else goes wrong", async () => {
    server.intercept = (_, response) => {
      refuse(response, 403, "Forbidden", "no");
      return true;
    };
    const status = { key, resourceVersion: "1", addresses, annotations: {} };
    await expect(source.writeServiceStatus(status)).rejects.toThrow("services/web/status: 403");
  });
});

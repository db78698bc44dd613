import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StatusProtocol } from "../config/service-status.ts";
import { KubeClient } from "../kube/client.ts";
import type { FakeObject } from "../testing/fake-api-objects.ts";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { KubernetesServiceStatuses } from "./kubernetes-service-statuses.ts";
import { OwnPod } from "./own-pod.ts";

const STATUSES = "/apis/metallb.io/v1beta1 servicel2statuses";
const BGP_STATUSES = "/apis/metallb.io/v1beta1 servicebgpstatuses";
const SYSTEM = "metallb-system";

let server: FakeApiServer;
let clock: ObservedClock;
let client: KubeClient;
let logger: KeepingLogger;
let statuses: KubernetesServiceStatuses;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  client = new KubeClient(new FakeCluster(server.url), clock);
  logger = new KeepingLogger();
  server.put("/api/v1 pods", { metadata: { name: "speaker-x", namespace: SYSTEM, uid: "pod" } });
});

afterEach(async () => {
  await statuses.close();
  client.close();
  await server.close();
});

async function open(protocol: StatusProtocol = "layer2", podName = "speaker-x"): Promise<void> {
  const common = { client, clock, logger, namespace: SYSTEM };
  const pod = new OwnPod({ ...common, name: podName });
  statuses = new KubernetesServiceStatuses({
    ...common,
    random: () => 0,
    protocol,
    node: "n1",
    pod,
  });
  await server.until(() => server.watching === 1);
}

const writes = () => server.requests.filter(({ method }) => method !== "GET");
const methods = () => writes().map(({ method }) => method);
/** Resolves when so many writes were asked for. */
const written = (count: number) => server.until(() => writes().length >= count);
const all = (resource = STATUSES) =>
  server.objects.list({ resource, namespace: SYSTEM, labels: "" }) as (FakeObject & {
    status?: object;
  })[];
const left = (name: string, node: string, service: string, owner?: string): FakeObject => ({
  metadata: {
    name,
    namespace: SYSTEM,
    labels: {
      "metallb.io/node": node,
      "metallb.io/service-name": service,
      "metallb.io/service-namespace": "default",
    },
    ...(owner === undefined ? {} : { ownerReferences: [{ uid: owner }] }),
  },
  status: { node, serviceName: service, serviceNamespace: "default", interfaces: [] },
});

describe("the objects by which a node says what it announces", () => {
  it("are made with the own Pod as owner, changed, and removed", async () => {
    await open();
    statuses.set("default/web", []);
    await written(2);
    expect(all()).toMatchObject([
      {
        metadata: { labels: { "metallb.io/node": "n1" }, ownerReferences: [{ uid: "pod" }] },
        status: { node: "n1", serviceName: "web", serviceNamespace: "default", interfaces: [] },
      },
    ]);
    statuses.set("default/web", ["eth0"]);
    await written(3);
    expect(all()).toMatchObject([{ status: { interfaces: [{ name: "eth0" }] } }]);
    statuses.set("default/web", undefined);
    await written(4);
    expect(all()).toEqual([]);
    expect(methods()).toEqual(["POST", "PATCH", "PATCH", "DELETE"]);
  });

  it("are not written for BGP when they say so already", async () => {
    const status = { node: "n1", serviceName: "web", serviceNamespace: "default", peers: [] };
    server.put(BGP_STATUSES, { ...left("bgp-abcde", "n1", "web", "pod"), status });
    await open("bgp");
    statuses.set("default/web", []);
    statuses.set("default/api", []);
    await written(2);
    expect(writes().map(({ body }) => body.includes("web"))).toEqual([false, false]);
  });

  it("are made anew for layer 2 when they say so already, so that their age tells since when", async () => {
    server.put(STATUSES, left("l2-abcde", "n1", "web", "pod"));
    await open();
    statuses.set("default/web", []);
    await written(3);
    expect(methods()).toEqual(["DELETE", "POST", "PATCH"]);
    expect(all().map(({ metadata }) => metadata.name)).not.toContain("l2-abcde");
    statuses.set("default/web", ["eth0"]);
    await written(4);
    expect(methods().at(-1)).toBe("PATCH");
  });

  it("of a program before it are removed once all is said; others' never", async () => {
    server.put(STATUSES, left("l2-abcde", "n1", "web", "old pod"));
    server.put(STATUSES, left("l2-fghij", "n1", "gone", "old pod"));
    server.put(STATUSES, left("l2-other", "n2", "gone", "their pod"));
    await open();
    statuses.set("default/web", []);
    await written(3);
    statuses.complete();
    clock.advance(5_000);
    await server.until(() => all().length === 2);
    expect(all()).toMatchObject([
      { metadata: { name: "l2-other", ownerReferences: [{ uid: "their pod" }] } },
      { metadata: { ownerReferences: [{ uid: "pod" }] }, status: { serviceName: "web" } },
    ]);
  });

  it("of a program before it are taken over for BGP", async () => {
    const status = { node: "n1", serviceName: "web", serviceNamespace: "default", peers: [] };
    server.put(BGP_STATUSES, { ...left("bgp-abcde", "n1", "web", "old pod"), status });
    await open("bgp");
    statuses.set("default/web", []);
    await written(1);
    expect(methods()).toEqual(["PATCH"]);
  });

  it("are made again when somebody removes them", async () => {
    await open();
    statuses.set("default/web", []);
    await clock.untilSet(2, (delayMs) => delayMs === 5_000);
    server.remove(STATUSES, all()[0]?.metadata.name ?? "", SYSTEM);
    // Until then a watch may be behind the own write.
    clock.advance(5_000);
    await server.until(() => all()[0]?.status !== undefined);
    expect(all()).toMatchObject([{ metadata: { ownerReferences: [{ uid: "pod" }] } }]);
  });

  it("are tried again one by one, and that they cannot be written is logged once", async () => {
    let refusing = true;
    server.intercept = ({ method, body }, response) => {
      if (method !== "POST" || !refusing || !/"web"|"api"/.test(body)) return false;
      refuse(response, 500, "InternalError", "etcd is away");
      return true;
    };
    await open();
    for (const name of ["web", "api", "fine"]) statuses.set(`default/${name}`, []);
    await clock.untilSet(2, (delayMs) => delayMs === 750);
    await server.until(() => all().length === 1);
    refusing = false;
    clock.advance(750);
    await server.until(() => all().filter(({ status }) => status !== undefined).length === 3);
    await statuses.close();
    expect(logger.lines.map((line) => line.replace(/ \{.*/, ""))).toEqual([
      "warn could not write the status object of a Service; trying again",
      "info the status objects of Services are written again",
    ]);
  });

  it("are found when the answer to their creation was lost", async () => {
    server.intercept = ({ method, body }, response) => {
      if (method !== "POST") return false;
      server.put(STATUSES, JSON.parse(body) as FakeObject);
      response.destroy();
      server.intercept = () => false;
      return true;
    };
    await open();
    statuses.set("default/web", []);
    await clock.untilSet(1, (delayMs) => delayMs === 750);
    clock.advance(750);
    await server.until(() => all()[0]?.status !== undefined);
    expect(all()).toHaveLength(1);
  });

  it("are taken back at the end with one request, those of this node alone", async () => {
    server.put(STATUSES, left("l2-other", "n2", "web"));
    await open();
    for (const name of ["a", "b", "c"]) statuses.set(`default/${name}`, []);
    await written(6);
    await statuses.close();
    expect(all().map(({ metadata }) => metadata.name)).toEqual(["l2-other"]);
    expect(methods().filter((method) => method === "DELETE")).toHaveLength(1);
  });

  it("have no owner where the Pod is not known, which is said once", async () => {
    await open("layer2", "another");
    statuses.set("default/web", []);
    statuses.set("default/api", []);
    await written(4);
    expect(all().map(({ metadata }) => metadata["ownerReferences"])).toEqual([
      undefined,
      undefined,
    ]);
    expect(logger.lines.filter((line) => line.includes("have no owner"))).toHaveLength(1);
  });

  it("are not written where their CustomResourceDefinition is not there, which is said once", async () => {
    server.missing.add(STATUSES);
    const common = { client, clock, logger, namespace: SYSTEM, random: () => 0 };
    const pod = new OwnPod({ ...common, name: undefined });
    statuses = new KubernetesServiceStatuses({ ...common, protocol: "layer2", node: "n1", pod });
    statuses.set("default/web", []);
    for (const tries of [1, 2]) {
      await clock.untilSet(tries, (delayMs) => delayMs > 0 && delayMs < 10_000);
      clock.advance(10_000);
    }
    server.missing.delete(STATUSES);
    await clock.untilSet(3, (delayMs) => delayMs > 0 && delayMs < 10_000);
    clock.advance(10_000);
    await written(2);
    expect(logger.lines.filter((line) => line.includes("is not installed"))).toHaveLength(1);
    expect(all()).toHaveLength(1);
  });

  it("name the peers for BGP", async () => {
    await open("bgp");
    statuses.set("default/web", ["spine", "tor"]);
    await written(2);
    expect(all("/apis/metallb.io/v1beta1 servicebgpstatuses")).toMatchObject([
      { kind: "ServiceBGPStatus", status: { node: "n1", peers: ["spine", "tor"] } },
    ]);
  });
});

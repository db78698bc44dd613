import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeClient } from "../kube/client.ts";
import type { LeaseState, LeaseWrite } from "../leadership.ts";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { Moments } from "../testing/moments.ts";
import { KubernetesLeaderLease } from "./kubernetes-leader-lease.ts";

const LEASES = "/apis/coordination.k8s.io/v1 leases";
const NOON = Date.UTC(2024, 4, 6, 12, 0, 0, 7);
const AT = { name: "ingot-controller", namespace: "ingot-system" };

let server: FakeApiServer;
let clock: ObservedClock;
let client: KubeClient;
let store: KubernetesLeaderLease;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  client = new KubeClient(new FakeCluster(server.url), clock);
  store = new KubernetesLeaderLease({
    client,
    clock,
    random: () => 0,
    namespace: AT.namespace,
    wallClock: () => NOON + clock.now(),
  });
});

afterEach(async () => {
  client.close();
  await server.close();
});

const first: LeaseWrite = {
  version: undefined,
  holder: "me",
  durationMs: 3_500,
  transitions: 0,
  changesHands: true,
};

describe("the controllers' Lease", () => {
  it("is not there at first, is created, renewed and given up", async () => {
    expect(await store.read()).toBeUndefined();
    const created = await store.write(first);
    expect(server.objects.get(LEASES, AT)).toMatchObject({
      kind: "Lease",
      metadata: { labels: { "app.kubernetes.io/component": "controller" } },
      spec: {
        holderIdentity: "me",
        leaseDurationSeconds: 4,
        acquireTime: "2024-05-06T12:00:00.007000Z",
        renewTime: "2024-05-06T12:00:00.007000Z",
        leaseTransitions: 0,
      },
    });
    expect(created).toEqual(await store.read());
    expect(created).toMatchObject({ holder: "me", durationMs: 4_000, transitions: 0 });
    clock.advance(1_000);
    const renewal = { ...first, version: created?.version, changesHands: false };
    const renewed = await store.write(renewal);
    expect(server.objects.get(LEASES, AT)).toMatchObject({
      spec: {
        acquireTime: "2024-05-06T12:00:00.007000Z",
        renewTime: "2024-05-06T12:00:01.007000Z",
      },
    });
    expect(renewed?.renewal).not.toBe(created?.renewal);
    const given = { ...first, holder: "", version: renewed?.version };
    expect(await store.write(given)).toMatchObject({ holder: "" });
    expect(server.objects.get(LEASES, AT)?.["spec"]).not.toHaveProperty("holderIdentity");
  });

  it("is refused to who comes second, to who has an old version, and when it is gone", async () => {
    const created = await store.write(first);
    expect(await store.write(first)).toBeUndefined();
    expect(await store.write({ ...first, version: "1" })).toBeUndefined();
    server.remove(LEASES, AT.name, AT.namespace);
    expect(await store.write({ ...first, version: created?.version })).toBeUndefined();
  });

  it("is told as it changes", async () => {
    const told: (LeaseState | undefined)[] = [];
    const moments = new Moments();
    const end = store.watch((lease) => {
      told.push(lease);
      moments.happened();
    });
    await server.until(() => server.watching === 1);
    await store.write(first);
    server.remove(LEASES, AT.name, AT.namespace);
    await moments.until(() => told.length === 2);
    expect(told).toMatchObject([{ holder: "me" }, undefined]);
    expect(server.asked(true)[0]?.query).toMatchObject({
      fieldSelector: "metadata.name=ingot-controller",
    });
    await end();
  });

  it("is given up on in time for another try", async () => {
    server.intercept = () => true;
    const reading = store.read().catch(String);
    await clock.untilSet(1, (delayMs) => delayMs === 1_000);
    clock.advance(1_000);
    expect(await reading).toContain("given up");
  });

  it("throws what else goes wrong", async () => {
    server.intercept = (_, response) => {
      refuse(response, 403, "Forbidden", "no rights");
      return true;
    };
    await expect(store.read()).rejects.toThrow("no rights");
    await expect(store.write(first)).rejects.toThrow("no rights");
  });
});

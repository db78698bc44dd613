import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeClient } from "../kube/client.ts";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { releaseSpeakerLease, renewSpeakerLease } from "./kubernetes-lease.ts";

const NAMESPACE = "ingot-system";
const LEASES = "/apis/coordination.k8s.io/v1 leases";
const NOON = Date.UTC(2024, 4, 6, 12, 0, 0, 7);

let server: FakeApiServer;
let clock: ObservedClock;
let client: KubeClient;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  client = new KubeClient(new FakeCluster(server.url), clock);
});

afterEach(async () => {
  client.close();
  await server.close();
});

describe("a speaker's Lease", () => {
  const lease = {
    node: "n1",
    durationMs: 4_500,
    interfaces: [{ name: "eth0", subnets: ["192.0.2.0/24"] }],
  };
  const renew = () => renewSpeakerLease(client, NAMESPACE, lease, NOON + clock.now());
  const release = () => releaseSpeakerLease(client, NAMESPACE, "n1", NOON + clock.now());
  const stored = () =>
    server.objects.get(LEASES, { name: "ingot-speaker-n1", namespace: NAMESPACE });

  it("is created, then renewed, then released", async () => {
    await renew();
    const metadata = {
      name: "ingot-speaker-n1",
      labels: { "app.kubernetes.io/name": "ingot", "app.kubernetes.io/component": "speaker" },
      annotations: { "ingot.dev/interfaces": '[{"name":"eth0","subnets":["192.0.2.0/24"]}]' },
    };
    expect(stored()).toMatchObject({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata,
      spec: {
        holderIdentity: "n1",
        leaseDurationSeconds: 5,
        renewTime: "2024-05-06T12:00:00.007000Z",
      },
    });
    clock.advance(1_000);
    await renew();
    expect(stored()).toMatchObject({ spec: { renewTime: "2024-05-06T12:00:01.007000Z" } });
    await release();
    expect(stored()).toMatchObject({ metadata, spec: { leaseDurationSeconds: 5 } });
    expect(stored()?.["spec"]).not.toHaveProperty("holderIdentity");
    const methods = server.requests.map(({ method }) => method);
    expect(methods).toEqual(["PATCH", "POST", "PATCH", "PATCH"]);
  });

  it("needs no release when it is not there", async () => {
    await release();
    expect(stored()).toBeUndefined();
  });

  it("is given up on in time for another try", async () => {
    server.intercept = () => true;
    const renewal = renew().catch(String);
    await clock.untilSet(1, (delayMs) => delayMs === 2_250);
    clock.advance(2_250);
    expect(await renewal).toContain("nothing was heard for 2.25 s");
  });

  it("throws what else goes wrong", async () => {
    server.intercept = (_, response) => {
      refuse(response, 500, "InternalError", "etcd is away");
      return true;
    };
    await expect(renew()).rejects.toThrow("etcd is away");
    await expect(release()).rejects.toThrow("etcd is away");
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controllerReport, speakerReport } from "../configuration-state.ts";
import type { ObjectError } from "../domain.ts";
import { KubeClient } from "../kube/client.ts";
import type { FakeObject } from "../testing/fake-api-objects.ts";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { KubernetesConfigurationState } from "./kubernetes-configuration-state.ts";
import { OwnPod } from "./own-pod.ts";

const STATES = "/apis/metallb.io/v1beta1 configurationstates";
const NOON = Date.UTC(2024, 4, 6, 12, 0, 0, 7);
const AT = { name: "controller", namespace: "metallb-system" };
const broken: ObjectError = {
  kind: "pool",
  key: "metallb-system/lan",
  field: "spec.addresses[0]",
  message: 'invalid CIDR "x"',
};

let server: FakeApiServer;
let clock: ObservedClock;
let client: KubeClient;
let logger: KeepingLogger;
let states: KubernetesConfigurationState;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  client = new KubeClient(new FakeCluster(server.url), clock);
  logger = new KeepingLogger();
});

afterEach(async () => {
  await states.close();
  client.close();
  await server.close();
});

function open(name = "controller", podName?: string): void {
  states = new KubernetesConfigurationState({
    client,
    clock,
    random: () => 0,
    logger,
    namespace: AT.namespace,
    wallClock: () => NOON + clock.now(),
    name,
    pod: new OwnPod({ client, logger, namespace: AT.namespace, name: podName }),
  });
}

const stored = (name = "controller") => server.objects.get(STATES, { ...AT, name });
const writes = () => server.requests.filter(({ method }) => method !== "GET");
/** Resolves when so many writes of a status were answered. */
function written(count: number): Promise<void> {
  return clock.untilSet(count, (delayMs) => delayMs === 10_000);
}

describe("a ConfigurationState", () => {
  it("is made, says that all is well, and what is wrong", async () => {
    open();
    states.set(controllerReport([]));
    await written(1);
    expect(stored()).toMatchObject({
      kind: "ConfigurationState",
      metadata: { labels: { "metallb.io/component-type": "controller" } },
      status: {
        result: "Valid",
        conditions: [
          {
            type: "poolReconcilerValid",
            status: "True",
            reason: "Reconciled",
            message: "",
            lastTransitionTime: "2024-05-06T12:00:00Z",
          },
        ],
      },
    });
    clock.advance(5_000);
    states.set(controllerReport([broken, { ...broken, kind: "service" }]));
    await written(2);
    const text = 'IPAddressPool metallb-system/lan: spec.addresses[0] invalid CIDR "x"';
    expect(stored()).toMatchObject({
      status: {
        result: "Invalid",
        errorSummary: text,
        conditions: [
          {
            status: "False",
            reason: "ConfigurationError",
            message: text,
            lastTransitionTime: "2024-05-06T12:00:05Z",
          },
        ],
      },
    });
    expect(writes().map(({ method }) => method)).toEqual(["POST", "PATCH", "PATCH"]);
  });

  it("is not written when it says so already, and leaves the conditions of others alone", async () => {
    const other = { type: "other", status: "True", reason: "x", message: "" };
    const since = "2020-01-01T00:00:00Z";
    const own = { ...other, type: "configReconcilerValid", reason: "Reconciled" };
    const conditions = [other, own].map((each) => ({ ...each, lastTransitionTime: since }));
    const status = { result: "Valid", conditions };
    server.put(STATES, { metadata: { ...AT, name: "speaker-n1" }, status } as FakeObject);
    open("speaker-n1");
    states.set(speakerReport("n1", []));
    await server.until(() => server.watching === 1);
    states.set(speakerReport("n1", [broken]));
    await written(1);
    expect(writes()).toHaveLength(1);
    expect(stored("speaker-n1")).toMatchObject({
      status: { conditions: [conditions[0], { status: "False" }] },
    });
  });

  it("is made again when somebody deletes it, unless it is another's to write", async () => {
    open();
    states.set(controllerReport([]));
    await written(1);
    await server.until(() => server.watching === 1);
    server.remove(STATES, AT.name, AT.namespace);
    await written(2);
    expect(stored()).toMatchObject({ status: { result: "Valid" } });
    states.set(undefined);
    server.remove(STATES, AT.name, AT.namespace);
    expect(stored()).toBeUndefined();
  });

  it("belongs to the program's Pod, also where one before it wrote it", async () => {
    const pod = { name: "speaker-x", namespace: AT.namespace, uid: "pod" };
    server.put("/api/v1 pods", { metadata: pod });
    const metadata = { ...AT, name: "speaker-n1", ownerReferences: [{ uid: "old pod" }] };
    server.put(STATES, { metadata, status: { result: "Valid" } } as FakeObject);
    open("speaker-n1", "speaker-x");
    states.set(speakerReport("n1", []));
    await written(1);
    expect(stored("speaker-n1")).toMatchObject({
      metadata: { ownerReferences: [{ kind: "Pod", name: "speaker-x", uid: "pod" }] },
    });
    server.remove(STATES, "speaker-n1", AT.namespace);
    await written(2);
    expect(stored("speaker-n1")).toMatchObject({ metadata: { ownerReferences: [{ uid: "pod" }] } });
  });

  it("is tried again when it could not be written, and that is logged once", async () => {
    server.intercept = ({ method }, response) => {
      if (method === "GET") return false;
      refuse(response, 500, "InternalError", "etcd is away");
      return true;
    };
    open();
    states.set(controllerReport([]));
    for (const tries of [1, 2]) {
      await clock.untilSet(tries, (delayMs) => delayMs === 15_000);
      if (tries === 2) server.intercept = () => false;
      clock.advance(15_000);
    }
    await written(1);
    expect(stored()).toBeDefined();
    expect(logger.lines.filter((line) => line.includes("etcd is away"))).toHaveLength(1);
  });
});

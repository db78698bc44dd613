import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubeClient } from "../kube/client.ts";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { KeepingLogger } from "../testing/keeping-logger.ts";
import { EventRecorder } from "./kubernetes-events.ts";
import type { ServiceEvent } from "./source.ts";

const EVENTS = "/api/v1 events";
const NOON = Date.UTC(2024, 4, 6, 12, 0, 0, 7);

let server: FakeApiServer;
let clock: ObservedClock;
let client: KubeClient;
let logger: KeepingLogger;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  client = new KubeClient(new FakeCluster(server.url), clock);
  logger = new KeepingLogger();
  let drawn = 0;
  recorder = new EventRecorder({
    client,
    clock,
    random: () => {
      drawn += 1;
      return (drawn % 1_024) / 1_024;
    },
    wallClock: () => NOON + clock.now(),
    logger,
    component: "metallb-speaker",
    mostWaiting: 3,
  });
});

afterEach(async () => {
  client.close();
  await server.close();
});

describe("event recorder", () => {
  const event: ServiceEvent = {
    namespace: "shop",
    name: "web",
    uid: "u1",
    type: "Normal",
    reason: "nodeAssigned",
    message: 'announcing from node "n1" with protocol "layer2"',
  };
  const written = () =>
    server.objects.list({ resource: EVENTS, namespace: "shop", labels: "" }) as readonly object[];

  function emitted(...events: readonly ServiceEvent[]): Promise<void> {
    for (const event of events) void recorder.emit(event);
    return recorder.flush();
  }

  it("writes an Event about the Service", async () => {
    await emitted(event);
    expect(written()).toMatchObject([
      {
        apiVersion: "v1",
        kind: "Event",
        metadata: { namespace: "shop", name: expect.stringMatching(/^web\.[0-9a-f]{16}$/) },
        involvedObject: {
          apiVersion: "v1",
          kind: "Service",
          namespace: "shop",
          name: "web",
          uid: "u1",
        },
        type: "Normal",
        reason: "nodeAssigned",
        message: event.message,
        source: { component: "metallb-speaker" },
        reportingComponent: "metallb-speaker",
        firstTimestamp: "2024-05-06T12:00:00Z",
        lastTimestamp: "2024-05-06T12:00:00Z",
        count: 1,
      },
    ]);
  });

  it("counts what is said again within ten minutes, also while it is being written", async () => {
    await emitted(event, event);
    clock.advance(9 * 60_000);
    await emitted(event);
    await emitted({ ...event, message: "something else" });
    expect(written()).toMatchObject([
      { count: 3, firstTimestamp: "2024-05-06T12:00:00Z", lastTimestamp: "2024-05-06T12:09:00Z" },
      { count: 1, message: "something else" },
    ]);
    clock.advance(10 * 60_000);
    await emitted(event);
    expect(written()).toMatchObject([{ count: 3 }, { count: 1 }, { count: 1 }]);
  });

  it("writes a new one when the old one is gone", async () => {
    await emitted(event);
    for (const { metadata } of server.objects.list({
      resource: EVENTS,
      namespace: "shop",
      labels: "",
    })) {
      server.remove(EVENTS, metadata.name, "shop");
    }
    await emitted(event);
    expect(written()).toMatchObject([{ count: 1 }]);
  });

  it("drops and logs what cannot be written, and goes on", async () => {
    server.intercept = (_, response) => {
      refuse(response, 403, "Forbidden", "namespace shop is being terminated");
      return true;
    };
    await emitted(event);
    expect(logger.lines).toEqual([
      expect.stringMatching(
        /^warn an event could not be written and is dropped .*being terminated/,
      ),
    ]);
    server.intercept = () => false;
    await emitted(event);
    expect(written()).toMatchObject([{ count: 1 }]);
  });

  it("drops what comes in too great a crowd, and says once how many", async () => {
    await emitted(event, event, event, event, event);
    expect(written()).toMatchObject([{ count: 3 }]);
    expect(logger.lines).toEqual([
      'warn events came faster than they could be written, some were dropped {"dropped":2}',
    ]);
  });

  it("keeps nobody waiting, but those who would crowd others out", async () => {
    const order: string[] = [];
    let answer = () => {};
    server.intercept = (_, response) => {
      answer = () => refuse(response, 500, "InternalError", "later");
      return true;
    };
    await recorder.emit(event);
    const second = recorder.emit({ ...event, message: "second" }).then(() => order.push("room"));
    await server.until(() => server.requests.length === 1);
    expect(order).toEqual([]);
    answer();
    await second;
    expect(order).toEqual(["room"]);
    await server.until(() => server.requests.length === 2);
    answer();
    await recorder.flush();
  });

  it("lets others go first, but when there is no room for more", async () => {
    let go = () => {};
    const polite = new EventRecorder({
      ...{ client, clock, logger, component: "metallb-controller", mostWaiting: 3 },
      random: () => 0.5,
      wallClock: () => NOON,
      turn: () => new Promise((resolve) => (go = resolve)),
    });
    void polite.emit(event);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(server.requests).toEqual([]);
    go();
    await polite.flush();
    expect(server.requests).toHaveLength(1);
  });

  it("cuts a message that the API server would refuse", async () => {
    await emitted({ ...event, message: "x".repeat(2_000) });
    expect(written()).toMatchObject([{ message: "x".repeat(1_024) }]);
  });
});

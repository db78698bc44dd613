import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { Moments } from "../testing/moments.ts";
import { KubeClient } from "./client.ts";
import { Reflector } from "./reflector.ts";

const PATH = "/api/v1/nodes";
const RESOURCE = "/api/v1 nodes";
const SILENCE_MS = 100_000;

let server: FakeApiServer;
let clock: ObservedClock;
let client: KubeClient;
let reflector: Reflector<string>;
let told: string[];
let moments: Moments;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  client = new KubeClient(new FakeCluster(server.url), clock);
  told = [];
  moments = new Moments();
  reflector = new Reflector({
    api: client,
    clock,
    random: () => 0,
    path: PATH,
    project: ({ metadata }) => metadata.resourceVersion,
    listen: (event) => {
      if (event.type === "put") told.push(`put ${event.key} ${event.value}`);
      else if (event.type === "delete") told.push(`delete ${event.key}`);
      else told.push(event.type === "disconnected" ? event.error.reason : event.type);
      moments.happened();
    },
  });
});

afterEach(async () => {
  await reflector.close();
  client.close();
  await server.close();
});

/** Adds or changes a node; answers what is to be told of it. */
function put(name: string, fields: object = {}): string {
  const stored = server.put(RESOURCE, { ...fields, metadata: { name } });
  return `put ${name} ${stored.metadata.resourceVersion}`;
}

/** Resolves when exactly this was told since the last call. */
async function tells(...wanted: string[]): Promise<void> {
  await moments.until(() => told.length >= wanted.length);
  expect(told.splice(0)).toEqual(wanted);
}

/** Starts, and resolves when everything was told and the server tells the rest. */
async function synced(): Promise<void> {
  reflector.start();
  await moments.until(() => told.includes("synced") && told.includes("connected"));
  await server.until(() => server.watching === 1);
  told.length = 0;
}

/** Lets the wait after a failure pass. */
async function passWait(count: number): Promise<void> {
  await clock.untilSet(count, (delayMs) => delayMs < 20_000);
  clock.advance(10_000);
}

describe("reflector", () => {
  it("resolves a refresh when what was there is told, and when it is closed", async () => {
    put("n1");
    await synced();
    const change = put("n1");
    await reflector.refresh();
    expect(told).toContain(change);
    expect(server.asked(true)).toHaveLength(2);
    server.intercept = () => true;
    const never = reflector.refresh();
    await reflector.close();
    await never;
    await reflector.refresh();
  });

  it("streams what exists and what changes over one connection", async () => {
    const first = put("n1");
    reflector.start();
    expect(told).toEqual([]);
    await tells(first, "synced", "connected");
    await tells(put("n2"));
    server.remove(RESOURCE, "n1");
    await tells("delete n1");
    expect(server.requests.map(({ query }) => query)).toEqual([
      {
        watch: "1",
        sendInitialEvents: "true",
        resourceVersionMatch: "NotOlderThan",
        allowWatchBookmarks: "true",
        timeoutSeconds: "300",
      },
    ]);
  });

  it("lists in pages and watches from there when the server refuses to stream", async () => {
    server.streams = false;
    const all = Array.from({ length: 1_201 }, (_, i) => put(`n${i}`));
    reflector.start();
    await tells(...all, "synced", "connected");
    expect(server.asked(false).map(({ query }) => query)).toEqual([
      { limit: "500" },
      { limit: "500", continue: "500" },
      { limit: "500", continue: "1000" },
    ]);
    expect(server.asked(true)[1]?.query).toMatchObject({ resourceVersion: "1301" });
    await tells(put("n0"));
  });

  it("resumes after a reset in mid-stream, with no gap and nothing twice", async () => {
    await synced();
    const before = put("n1");
    await tells(before);
    server.reset();
    await tells("ECONNRESET");
    const missed = [put("n2"), put("n1")];
    await passWait(1);
    await tells("connected", ...missed);
    expect(server.asked(true).at(-1)?.query["resourceVersion"]).toBe(before.split(" ")[2]);
  });

  it("resumes at once, without a word, when the server ends a watch in order", async () => {
    await synced();
    clock.advance(60_000);
    server.endWatches();
    await server.until(() => server.asked(true).length === 2 && server.watching === 1);
    await tells(put("n1"));
  });

  it("does not storm a server that ends every watch at once", async () => {
    await synced();
    for (let ends = 1; ends <= 4; ends += 1) {
      server.endWatches();
      await clock.untilSet(ends, (delayMs) => delayMs < 20_000);
      expect(server.asked(true).length).toBe(ends);
      clock.advance(2_000);
      await server.until(() => server.asked(true).length === ends + 1 && server.watching === 1);
    }
  });

  it("notices that a connection fell silent, and starts anew", async () => {
    await synced();
    server.bookmark();
    await clock.untilSet(3, (delayMs) => delayMs === SILENCE_MS);
    clock.advance(SILENCE_MS - 1);
    expect(told).toEqual([]);
    // The bookmark shows that the position was good: it is resumed.
    clock.advance(1);
    await tells("Timeout");
    await passWait(1);
    await tells("connected");
    expect(server.asked(true)[1]?.query["resourceVersion"]).toBe(server.objects.version);
    await tells(put("n1"));
  });

  it.each([
    ["as an answer", false],
    ["as an event", true],
  ])("tells the differences alone after 410 Gone %s", async (_, asEvent) => {
    const [n1] = [put("n1"), put("n2"), put("n3")];
    await synced();
    clock.advance(60_000);
    if (asEvent) {
      // Bypasses the watch, which is told of nothing more.
      server.objects.remove(RESOURCE, { name: "n2" });
      const { stored } = server.objects.put(RESOURCE, { metadata: { name: "n3" } });
      const status = { code: 410, reason: "Expired", message: "too old resource version" };
      server.write(`${JSON.stringify({ type: "ERROR", object: status })}\n`);
      await tells(`put n3 ${stored.metadata.resourceVersion}`, "delete n2");
    } else {
      server.reset();
      await tells("ECONNRESET");
      server.remove(RESOURCE, "n2");
      const changed = put("n3");
      server.objects.forget();
      await passWait(1);
      await tells(changed, "delete n2", "connected");
    }
    expect(told).not.toContain(n1);
    await server.until(() => server.watching === 1);
    await tells(put("n4"));
  });

  it("puts together what arrives in pieces, cut anywhere", async () => {
    await synced();
    const object = { metadata: { name: "n1", resourceVersion: "900", labels: { ort: "Köln 🎉" } } };
    const octets = new TextEncoder().encode(`${JSON.stringify({ type: "ADDED", object })}\n`);
    for (const octet of octets) server.write(Uint8Array.of(octet));
    await tells("put n1 900");
  });

  it("drops what comes twice or late", async () => {
    await synced();
    const line = (type: string, name: string, resourceVersion: string) =>
      `${JSON.stringify({ type, object: { metadata: { name, resourceVersion } } })}\n`;
    server.write(line("ADDED", "n1", "500") + line("ADDED", "n1", "500"));
    server.write(line("MODIFIED", "n1", "502") + line("MODIFIED", "n1", "501"));
    server.write(line("DELETED", "n1", "503") + line("MODIFIED", "n1", "502"));
    server.write(line("ADDED", "n2", "504"));
    await tells("put n1 500", "put n1 502", "delete n1", "put n2 504");
  });

  it("lists again after a line that makes no sense", async () => {
    const n1 = put("n1");
    await synced();
    server.write('{"type":"ADDED","object":{"meta\n');
    await tells("Malformed");
    const n2 = put("n2");
    await passWait(1);
    await tells(n2, "connected");
    expect(n1).not.toBe(n2);
  });

  it("keeps on trying while the server answers 500, and later and later", async () => {
    server.intercept = (_, response) => {
      refuse(response, 500, "InternalError", "etcd is away");
      return true;
    };
    reflector.start();
    await tells("InternalError");
    for (const [index, waitMs] of [125, 250, 500, 1_000, 2_000].entries()) {
      await clock.untilSet(index + 1, (delayMs) => delayMs <= 10_000);
      clock.advance(waitMs - 1);
      expect(server.requests.length).toBe(index + 1);
      clock.advance(1);
      await server.until(() => server.requests.length === index + 2);
    }
    server.intercept = () => false;
    await passWait(6);
    await tells("synced", "connected");
  });

  it.each([
    ["when the server said", "slow down", 7_000],
    ["soon when the server has never listed the kind", "storage is (re)initializing", 50],
  ])("comes back %s, after a 429", async (_, message, afterMs) => {
    server.intercept = (_request, response) => {
      refuse(response, 429, "TooManyRequests", message, { "retry-after": "7" });
      server.intercept = () => false;
      return true;
    };
    reflector.start();
    await tells("TooManyRequests");
    await clock.untilSet(1, (delayMs) => delayMs === afterMs);
    clock.advance(afterMs - 1);
    expect(server.requests.length).toBe(1);
    clock.advance(1);
    await tells("synced", "connected");
  });

  it("says who cannot be reached, and why, and finds the server when it is there", async () => {
    await server.close();
    reflector.start();
    await tells("ECONNREFUSED");
    server = await FakeApiServer.start(Number(new URL(server.url).port));
    await passWait(1);
    await tells("synced", "connected");
  });

  it("tells nothing more once it is closed, not even of what was on its way", async () => {
    await synced();
    const closing = reflector.close();
    put("n1");
    await closing;
    expect(told).toEqual([]);
    expect(clock.pending).toBe(0);
    await server.until(() => server.watching === 0);
  });
});

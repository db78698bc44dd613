import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeApiServer, refuse } from "../testing/fake-api-server.ts";
import { FakeCluster, ObservedClock } from "../testing/fake-cluster.ts";
import { KubeClient, type KubeClientOptions } from "./client.ts";
import { KubeError } from "./kube-error.ts";

const PATH = "/api/v1/nodes";
const RESOURCE = "/api/v1 nodes";

let server: FakeApiServer;
let clock: ObservedClock;
let cluster: FakeCluster;
let client: KubeClient;

beforeEach(async () => {
  server = await FakeApiServer.start();
  clock = new ObservedClock();
  cluster = new FakeCluster(server.url);
  client = new KubeClient(cluster, clock);
});

afterEach(async () => {
  client.close();
  await server.close();
});

function clientWith(options: KubeClientOptions): KubeClient {
  client = new KubeClient(cluster, clock, options);
  return client;
}

async function failureOf(promise: Promise<unknown>): Promise<KubeError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubeError);
  return error as KubeError;
}

describe("kube client", () => {
  it("asks, creates, replaces and patches, and says who it is", async () => {
    server.tokens = new Set(["first"]);
    const node = { metadata: { name: "n1" }, spec: { a: 1, b: 2 } };
    await client.post(PATH, node);
    await client.patch(`${PATH}/n1`, { spec: { a: null } });
    const got = await client.get(`${PATH}`, { query: { limit: "5" } });
    expect(got).toMatchObject({ items: [{ metadata: { name: "n1" }, spec: { b: 2 } }] });
    await client.put(`${PATH}/n1`, node);
    expect(server.objects.get(RESOURCE, node.metadata)).toMatchObject({ spec: { a: 1, b: 2 } });
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /api/v1/nodes",
      "PATCH /api/v1/nodes/n1",
      "GET /api/v1/nodes",
      "PUT /api/v1/nodes/n1",
    ]);
    expect(server.requests.map(({ headers }) => headers["content-type"])).toEqual([
      "application/json",
      "application/merge-patch+json",
      undefined,
      "application/json",
    ]);
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: "Bearer first",
      "user-agent": "ingot",
      "content-length": `${JSON.stringify(node).length}`,
    });
  });

  it("uses one connection for one request after another, and leaves no timer behind", async () => {
    for (let i = 0; i < 5; i += 1) await client.get(PATH);
    expect(server.accepted).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("keeps the path that a server's URL ends with", async () => {
    const behind = new KubeClient(new FakeCluster(`${server.url}/k8s/clusters/c1`), clock);
    await behind.get(PATH);
    expect(server.requests[0]?.path).toBe("/k8s/clusters/c1/api/v1/nodes");
    behind.close();
  });

  it("says what a Status says", async () => {
    server.intercept = (_, response) => {
      refuse(response, 403, "Forbidden", 'User "x" cannot list resource "nodes"');
      return true;
    };
    expect(await failureOf(client.get(PATH))).toMatchObject({
      status: 403,
      reason: "Forbidden",
      message: `GET ${server.url}/api/v1/nodes: 403 Forbidden: User "x" cannot list resource "nodes"`,
    });
  });

  it("says what something else than an API server says, in one line", async () => {
    server.intercept = (_, response) => {
      response.writeHead(502).end("<html>\n bad   gateway</html>");
      return true;
    };
    expect(await failureOf(client.get(PATH))).toMatchObject({
      status: 502,
      reason: "HTTP502",
      message: `GET ${server.url}/api/v1/nodes: 502 HTTP502: <html> bad gateway</html>`,
    });
  });

  it("names the address and the cause when nobody answers", async () => {
    await server.close();
    expect(await failureOf(client.get(PATH))).toMatchObject({
      status: 0,
      reason: "ECONNREFUSED",
      message: `GET ${server.url}/api/v1/nodes: connect ECONNREFUSED 127.0.0.1:${new URL(server.url).port}`,
    });
  });

  it("waits out a 429 that names a short time, twice", async () => {
    let refusals = 2;
    server.intercept = (_, response) => {
      if (refusals === 0) return false;
      refusals -= 1;
      refuse(response, 429, "TooManyRequests", "slow down", { "retry-after": "1" });
      return true;
    };
    const answer = client.get(PATH);
    for (let tries = 1; tries <= 2; tries += 1) {
      await clock.untilSet(tries, (delayMs) => delayMs === 1_000);
      clock.advance(999);
      expect(server.requests.length).toBe(tries);
      clock.advance(1);
    }
    expect(await answer).toMatchObject({ kind: "List" });
  });

  it.each([
    ["a third 429", "GET", "1", 3],
    ["a 429 that names a long time", "GET", "6", 1],
    ["a 429 that names none", "GET", "", 1],
    ["a 429 to a POST", "POST", "1", 1],
  ] as const)("hands %s to the caller", async (_, method, retryAfter, tries) => {
    server.intercept = (_request, response) => {
      const headers = retryAfter === "" ? {} : { "retry-after": retryAfter };
      refuse(response, 429, "TooManyRequests", "slow down", headers);
      return true;
    };
    const failure = failureOf(client.request({ method, path: PATH, body: {} }));
    for (let seen = 1; seen < tries; seen += 1) {
      await clock.untilSet(seen, (delayMs) => delayMs === 1_000);
      clock.advance(1_000);
    }
    expect(await failure).toMatchObject({
      status: 429,
      retryAfterMs: Number(retryAfter) * 1_000,
    });
    expect(server.requests.length).toBe(tries);
  });

  it("reads the credentials again when they are refused, once", async () => {
    server.tokens = new Set(["first"]);
    await client.get(PATH);
    server.tokens = new Set(["second"]);
    cluster.tokenAfterReload = "second";
    await Promise.all([client.get(PATH), client.get(PATH), client.get(PATH)]);
    expect(cluster.reloads).toBe(1);
    server.tokens = new Set(["third"]);
    expect(await failureOf(client.get(PATH))).toMatchObject({ status: 401 });
    expect(cluster.reloads).toBe(2);
  });

  it("asks for the credentials again after ten seconds, and not for every request", async () => {
    await Promise.all([client.get(PATH), client.get(PATH)]);
    clock.advance(9_999);
    await client.get(PATH);
    expect(cluster.asked).toBe(1);
    clock.advance(1);
    await client.get(PATH);
    expect(cluster.asked).toBe(2);
  });

  it("asks for the credentials anew after it could not have them", async () => {
    const failure = new KubeError("no token", { status: 0, reason: "Credentials" });
    let broken = true;
    cluster.credentials = async () => {
      if (broken) throw failure;
      return { headers: {}, tls: {} };
    };
    expect(await failureOf(client.get(PATH))).toBe(failure);
    broken = false;
    expect(await client.get(PATH)).toMatchObject({ kind: "List" });
  });

  it("gives an answer up that does not come, and the idle connections with it", async () => {
    await Promise.all([client.get(PATH), client.get(PATH)]);
    expect(server.accepted).toBe(2);
    server.intercept = () => true;
    const failure = failureOf(client.get(PATH));
    await server.until(() => server.requests.length === 3);
    clock.advance(30_000);
    expect(await failure).toMatchObject({
      status: 0,
      reason: "Timeout",
      message: `GET ${server.url}/api/v1/nodes: nothing was heard for 30 s`,
    });
    server.intercept = () => false;
    await client.get(PATH);
    expect(server.accepted).toBe(3);
  });

  it("bears an answer that comes slowly", async () => {
    const pieces = ['{"kind":', '"Li', 'st"}'];
    let slow: ServerResponse | undefined;
    server.intercept = (_, response) => {
      slow = response;
      response.flushHeaders();
      return true;
    };
    const answer = clientWith({ timeoutMs: 1_000 }).get(PATH);
    // Set by the connection, by the head of the answer, and by each piece.
    await clock.untilSet(2, (delayMs) => delayMs === 1_000);
    for (const [index, piece] of pieces.entries()) {
      clock.advance(900);
      slow?.write(piece);
      await clock.untilSet(3 + index, (delayMs) => delayMs === 1_000);
    }
    slow?.end();
    expect(await answer).toEqual({ kind: "List" });
  });

  it("refuses an answer that is too long, or no JSON", async () => {
    server.intercept = (_, response) => {
      response.end("x".repeat(1_001));
      return true;
    };
    expect(await failureOf(client.get(PATH))).toMatchObject({ reason: "Malformed" });
    expect(await failureOf(clientWith({ longestBytes: 1_000 }).get(PATH))).toMatchObject({
      message: "the API server sent something unexpected: an answer of more than 1000 octets",
    });
  });

  it("repeats a request that met a kept connection as it was closed, unless it is a POST", async () => {
    for (const method of ["GET", "POST"] as const) {
      server.intercept = () => false;
      await client.get(PATH);
      let resets = 0;
      server.intercept = (_, response) => {
        if (resets > 0) return false;
        resets += 1;
        response.socket?.resetAndDestroy();
        return true;
      };
      const body = { metadata: { name: "n1" } };
      const answer = client.request({ method, path: PATH, ...(method === "GET" ? {} : { body }) });
      if (method === "GET") expect(await answer).toMatchObject({ kind: "List" });
      else expect(await failureOf(answer)).toMatchObject({ reason: "ECONNRESET" });
    }
  });

  it("ends a request by its signal, before and after it was sent", async () => {
    const { signal } = AbortSignal.abort()
      ? { signal: AbortSignal.abort() }
      : { signal: undefined };
    expect(await failureOf(client.get(PATH, signal ? { signal } : {}))).toMatchObject({
      reason: "Aborted",
    });
    server.intercept = () => true;
    const controller = new AbortController();
    const failure = failureOf(client.get(PATH, { signal: controller.signal }));
    await server.until(() => server.requests.length > 0);
    controller.abort();
    expect(await failure).toMatchObject({ reason: "Aborted" });
    expect(clock.pending).toBe(0);
  });

  it("says of something that does not speak HTTP what it can", async () => {
    const odd = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    odd.listen(0, "127.0.0.1");
    await once(odd, "listening");
    const address = odd.address();
    const port = typeof address === "object" ? address?.port : 0;
    const other = new KubeClient(new FakeCluster(`http://127.0.0.1:${port}`), clock);
    expect(await failureOf(other.get(PATH))).toMatchObject({
      status: 0,
      reason: "HPE_INVALID_CONSTANT",
    });
    other.close();
    odd.close();
  });
});

describe("kube client's stream", () => {
  function stream(controller = new AbortController()) {
    let text = "";
    let isOpen = false;
    const done = client.stream({
      path: PATH,
      query: { watch: "1", resourceVersion: "100" },
      silenceMs: 100_000,
      signal: controller.signal,
      opened: () => {
        isOpen = true;
      },
      data: (octets) => {
        text += Buffer.from(octets).toString();
      },
    });
    return { done, text: () => text, isOpen: () => isOpen };
  }

  it("hands over what comes, and resolves when the server ends it", async () => {
    const { done, text, isOpen } = stream();
    await server.until(() => server.watching === 1);
    server.write("one\ntwo");
    server.endWatches();
    await done;
    expect(isOpen()).toBe(true);
    expect(text()).toBe("one\ntwo");
  });

  it("rejects when it is reset, and says so", async () => {
    const failure = failureOf(stream().done);
    await server.until(() => server.watching === 1);
    await clock.untilSet(1, (delayMs) => delayMs === 100_000);
    server.reset();
    expect(await failure).toMatchObject({ status: 0, reason: "ECONNRESET" });
  });

  it("is refused like any other request", async () => {
    server.intercept = (_, response) => {
      refuse(response, 410, "Expired", "too old");
      return true;
    };
    const { done, isOpen } = stream();
    expect(await failureOf(done)).toMatchObject({ status: 410, reason: "Expired" });
    expect(isOpen()).toBe(false);
  });
});

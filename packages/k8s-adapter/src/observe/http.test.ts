import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Health } from "./health.ts";
import { serveHealth, serveMetrics, serveObservation } from "./http.ts";
import type { HttpServer, ListenAddress } from "./http-server.ts";
import type { MetricsText } from "./metrics.ts";

const at: ListenAddress = { flag: "--port", port: 0, host: "127.0.0.1" };
const metrics: MetricsText = { contentType: "text/plain", render: async () => "up 1\n" };
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function opened(server: Promise<HttpServer>): Promise<HttpServer> {
  const listening = await server;
  open.push(listening);
  return listening;
}

async function ask(server: HttpServer, path: string, method = "GET") {
  const url = `http://127.0.0.1:${server.port}${path}`;
  const response = await fetch(url, { method, headers: { connection: "close" } });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

describe("metrics server", () => {
  it("serves the metrics with their content type", async () => {
    const answer = await ask(await opened(serveMetrics(at, metrics)), "/metrics?name=up");
    expect(answer).toMatchObject({ status: 200, body: "up 1\n" });
    expect(answer.headers.get("content-type")).toBe("text/plain");
  });

  it("answers HEAD without a body, and no other method", async () => {
    const server = await opened(serveMetrics(at, metrics));
    const head = await ask(server, "/metrics", "HEAD");
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers.get("content-length")).toBe("5");
    const post = await ask(server, "/metrics", "POST");
    expect(post.status).toBe(405);
    expect(post.headers.get("allow")).toBe("GET, HEAD");
  });

  it.each(["/", "/metrics/", "/constructor"])("says at %s what is there", async (path) => {
    const server = await opened(serveMetrics(at, metrics));
    expect(await ask(server, path)).toMatchObject({
      status: 404,
      body: "nothing here; try /metrics\n",
    });
  });

  it("says that metrics could not be collected, and lives on", async () => {
    const render = () => Promise.reject(new Error("no such series"));
    const server = await opened(serveMetrics(at, { ...metrics, render }));
    const broken = { status: 500, body: "Error: no such series\n" };
    expect(await ask(server, "/metrics")).toMatchObject(broken);
    expect(await ask(server, "/metrics")).toMatchObject(broken);
  });
});

describe("health server", () => {
  it("tells why the program is not ready, then that it is", async () => {
    const health = new Health(["source", "dataplane"]);
    const server = await opened(serveHealth(at, health));
    health.unmet("dataplane", "worker is restarting");
    expect(await ask(server, "/healthz")).toMatchObject({ status: 200, body: "ok\n" });
    expect(await ask(server, "/readyz")).toMatchObject({
      status: 503,
      body: "source: not started\ndataplane: worker is restarting\n",
    });
    health.met("source");
    health.met("dataplane");
    expect(await ask(server, "/readyz")).toMatchObject({ status: 200, body: "ok\n" });
  });

  it("tells that the program is broken", async () => {
    const health = new Health([]);
    const server = await opened(serveHealth(at, health));
    health.break("out of sockets");
    const broken = { status: 503, body: "broken: out of sockets\n" };
    expect(await ask(server, "/healthz")).toMatchObject(broken);
    expect(await ask(server, "/readyz")).toMatchObject(broken);
  });
});

describe("servers", () => {
  it("name flag, port and host when the port is in use", async () => {
    const { port } = await opened(serveMetrics(at, metrics));
    const again = serveHealth({ flag: "--health-probe-port", port, host: at.host }, new Health([]));
    await expect(again).rejects.toThrow(
      `--health-probe-port: cannot listen on port ${port} on 127.0.0.1: it is in use by another program`,
    );
  });

  it("say why else they cannot listen", async () => {
    const elsewhere = serveMetrics({ ...at, host: "192.0.2.1" }, metrics);
    await expect(elsewhere).rejects.toThrow(
      /^--port: cannot listen on port 0 on 192\.0\.2\.1: .*EADDRNOTAVAIL/,
    );
  });

  it("close although a client keeps its connection", async () => {
    const server = await serveMetrics(at, metrics);
    const client = connect(server.port, "127.0.0.1");
    await new Promise((resolve) => client.once("connect", resolve));
    const ended = new Promise((resolve) => client.once("close", resolve));
    client.resume();
    client.on("error", () => {});
    await server.close();
    await ended;
    const rebound = await opened(serveMetrics({ ...at, port: server.port }, metrics));
    expect(rebound.port).toBe(server.port);
  });

  it("are both off at port 0", async () => {
    const ports = { port: 0, healthProbePort: 0, healthProbeHost: undefined };
    await expect(serveObservation(ports, metrics, new Health([]))).resolves.toBeDefined();
  });

  it("leave nothing open when one cannot listen", async () => {
    const taken = await opened(serveHealth(at, new Health([])));
    const free = await serveMetrics({ ...at, host: undefined }, metrics);
    await free.close();
    const ports = {
      port: free.port,
      healthProbePort: taken.port,
      healthProbeHost: "127.0.0.1",
    };
    await expect(serveObservation(ports, metrics, new Health([]))).rejects.toThrow(
      "--health-probe-port: cannot listen",
    );
    await opened(serveMetrics({ ...at, host: undefined, port: free.port }, metrics));
  });

  it("serve both, and close both", async () => {
    const free = await Promise.all([serveMetrics(at, metrics), serveMetrics(at, metrics)]);
    await Promise.all(free.map((server) => server.close()));
    const [port, healthProbePort] = [free[0].port, free[1].port];
    const ports = { port, healthProbePort, healthProbeHost: "127.0.0.1" };
    const both = await serveObservation(ports, metrics, new Health([]));
    open.push(both);
    const { close } = both;
    expect(await ask({ port, close }, "/metrics")).toMatchObject({ status: 200 });
    expect(await ask({ port: healthProbePort, close }, "/readyz")).toMatchObject({ status: 200 });
    await both.close();
    await expect(ask({ port, close }, "/metrics")).rejects.toThrow();
  });
});

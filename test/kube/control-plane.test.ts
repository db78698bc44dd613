import { existsSync } from "node:fs";
import { Cluster, launch, sumMetric, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isRunning } from "../support/processes.ts";
import { suite } from "../support/suite.ts";

const needs = ["netns", "testbed", "nft", "curl"] as const;
const speaker = { namespace: "metallb-system", name: "speaker" };
const address = { ipv4: "10.77.0.100", ipv6: "fd77::100" };

suite("a cluster in network namespaces", needs, () => {
  let cluster: Cluster;

  beforeAll(async () => {
    const before = performance.now();
    cluster = await Cluster.start({ nodes: 3, serviceAccounts: [speaker] });
    console.log(`a cluster of 3 nodes was up after ${Math.round(performance.now() - before)} ms`);
  });

  afterAll(() => cluster?.close());

  it("has its nodes ready and untainted, with an address of each family", async () => {
    const nodes = await cluster.api.list<NodeObject>("/api/v1/nodes");
    expect(nodes.map((node) => node.metadata.name)).toEqual(["n1", "n2", "n3"]);
    expect(nodes.flatMap((node) => node.spec.taints ?? [])).toEqual([]);
    expect(nodes[1]?.status.addresses).toEqual([
      { type: "InternalIP", address: "10.77.0.12" },
      { type: "InternalIP", address: "fd77::12" },
      { type: "Hostname", address: "n2" },
    ]);
    const { stdout } = await cluster.kubectl(["get", "nodes", "--no-headers"]);
    expect(stdout.match(/\bReady\b/g)).toHaveLength(3);
  });

  it("carries a load balancer's traffic through kube-proxy to the backends", async () => {
    const [n1, n2, n3] = cluster.nodes;
    if (n1 === undefined || n2 === undefined || n3 === undefined) throw new Error("no nodes");
    const backends = [n2.backend, n3.backend, cluster.routerBackend];
    const families = ["IPv4", "IPv6"] as const;
    const service = await cluster.service({ name: "web", backends, families });
    expect(service).toHaveProperty("spec.clusterIPs.length", 2);
    await cluster.api.patch("/api/v1/namespaces/default/services/web/status", {
      status: { loadBalancer: { ingress: [{ ip: address.ipv4 }, { ip: address.ipv6 }] } },
    });
    await cluster.client.netns.ip(
      Object.values(address).map((ip) => `neighbour add ${ip} lladdr ${n1.mac} dev eth0`),
    );
    for (const url of [`http://${address.ipv4}/`, `http://[${address.ipv6}]/`]) {
      const answers = new Set<string>();
      const allAnswered = async () => answers.add(await cluster.curl(url)).size === backends.length;
      await until(allAnswered, { timeoutMs: 15_000, intervalMs: 1, what: `all behind ${url}` });
      expect([...answers].sort()).toEqual(["n2", "n3", "r1"]);
    }
    for (const ip of Object.values(address)) {
      const { stdout } = await cluster.client.netns.exec(process.execPath, ["-e", datagram, ip]);
      expect(stdout).toMatch(/^(n2|n3|r1) hello$/);
    }
  });

  it("keeps the client's address where the traffic policy is Local", async () => {
    const [n1] = cluster.nodes;
    if (n1 === undefined) throw new Error("no nodes");
    const local = { externalTrafficPolicy: "Local" };
    await cluster.service({ name: "local", backends: [n1.backend], spec: local });
    await cluster.api.patch("/api/v1/namespaces/default/services/local/status", {
      status: { loadBalancer: { ingress: [{ ip: "10.77.0.101" }] } },
    });
    await cluster.client.netns.ip([`neighbour add 10.77.0.101 lladdr ${n1.mac} dev eth0`]);
    const seen = () => cluster.curl("http://10.77.0.101/client");
    const what = "an answer of the Service local";
    expect(await until(seen, { timeoutMs: 15_000, what })).toBe(cluster.client.ipv4);
    await cluster.deleteService("local");
    await expect(cluster.api.get("/api/v1/namespaces/default/services/local")).rejects.toThrow(
      /404 NotFound/,
    );
  });

  it("cuts a node's ports one by one, and the node sees its carrier go", async () => {
    const [, n2] = cluster.nodes;
    if (n2 === undefined) throw new Error("no nodes");
    const carriers = async () => {
      const { stdout } = await n2.netns.exec("ip", ["-brief", "link", "show", "up"]);
      return stdout.split("\n").flatMap((line) => /^(\w+)@\S+\s+UP/.exec(line)?.[1] ?? []);
    };
    // A carrier's change is told in a moment of the kernel's choosing.
    const become = (...expected: readonly string[]) =>
      until(async () => (await carriers()).sort().join() === expected.join(), {
        timeoutMs: 5_000,
        what: `the carrier on ${expected.join(" and ") || "no port"} alone`,
      });
    await n2.cutLan();
    await become("mgmt");
    await n2.powerOff();
    await become();
    await n2.healLan();
    await become("eth0");
    await n2.healManagement();
    await become("eth0", "mgmt");
    await n2.cutManagement();
    await become("eth0");
    await n2.powerOn();
    await become("eth0", "mgmt");
  });

  it("allows a ServiceAccount what RBAC objects say, and nothing else", async () => {
    const api = cluster.apiAs(speaker);
    const services = "/api/v1/namespaces/default/services";
    await expect(api.list(services)).rejects.toMatchObject({ code: 403, reason: "Forbidden" });
    const refused = await cluster.kubectl(["get", "services"], { as: speaker, allowFailure: true });
    expect(refused.stderr).toContain('User "system:serviceaccount:metallb-system:speaker"');
    await cluster.apply(rights);
    const listed = () => api.list(services);
    expect(await until(listed, { timeoutMs: 5_000, what: "the right to list" })).not.toEqual([]);
    await cluster.delete(rights);
  });

  it.each([
    ["stopped", false],
    ["killed", true],
  ])("keeps its data when the API server is %s and started anew", async (_, crash) => {
    const path = "/api/v1/namespaces/default/configmaps/kept";
    const { metadata } = await cluster.api.apply(path, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kept" },
      data: { crash: `${crash}` },
    });
    await cluster.stopApiServer({ crash });
    await expect(cluster.api.get(path)).rejects.toThrow(/socket|ECONNRESET/);
    await cluster.startApiServer();
    expect(await cluster.api.get(path)).toMatchObject({ metadata, data: { crash: `${crash}` } });
  });

  it("reads from the API server how many requests it answered", async () => {
    const count = async (verb: string) =>
      sumMetric(await cluster.api.metrics(), "apiserver_request_total", {
        resource: "configmaps",
        subresource: "",
        verb,
      });
    const before = await count("DELETE");
    await cluster.api.create("/api/v1/namespaces/default/configmaps", { metadata: { name: "a" } });
    await cluster.api.delete("/api/v1/namespaces/default/configmaps/a");
    expect(await count("DELETE")).toBe(before + 1);
  });

  it("says what a process said that ended instead of serving", async () => {
    const starting = launch(cluster.client.netns, {
      name: "liar",
      directory: cluster.lab.directory,
      command: "sh",
      args: ["-c", "echo cannot read /etc/liar; exit 3"],
      ready: () => false,
      timeoutMs: 10_000,
    });
    await expect(starting).rejects.toThrow(
      "liar ended with code 3\nthe end of its log:\ncannot read /etc/liar",
    );
  });
});

suite("a cluster that is closed", needs, () => {
  it("leaves no process, no namespace and no file behind", async () => {
    const cluster = await Cluster.start({ nodes: 1 });
    const hosts = [cluster.controlPlane, cluster.client.netns, cluster.router.netns];
    const namespaces = [...hosts, ...cluster.nodes.map(({ netns }) => netns)];
    const pids = namespaces.flatMap(({ processes }) => processes.map(({ pid }) => pid));
    expect(pids.length).toBe(6);
    expect(pids.every(isRunning)).toBe(true);
    await cluster.close();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(namespaces.map(({ path }) => path).filter(existsSync)).toEqual([]);
    expect(existsSync(cluster.lab.directory)).toBe(false);
  });

  it("is refused before anything is made when its options are wrong", async () => {
    await expect(Cluster.start({ nodes: 0 })).rejects.toThrow("nodes must be 1 to 80, got 0");
    await expect(Cluster.start({ serviceAccounts: [speaker, speaker] })).rejects.toThrow("twice");
  });
});

/** Sends a datagram to port 80 of its argument; the connected socket takes an answer from there alone. */
const datagram = `
  const [address] = process.argv.slice(1);
  const socket = require("node:dgram").createSocket(address.includes(":") ? "udp6" : "udp4");
  socket.once("message", (answer) => { process.stdout.write(answer); socket.close(); });
  socket.connect(80, address, () => socket.send("hello"));
  setTimeout(() => process.exit(1), 5000).unref();
`;

interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly taints?: readonly unknown[] };
  readonly status: { readonly addresses: readonly { type: string; address: string }[] };
}

const rights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: speaker }
rules:
  - { apiGroups: [""], resources: [services], verbs: [list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: speaker }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: speaker }
subjects:
  - { kind: ServiceAccount, namespace: metallb-system, name: speaker }
`;

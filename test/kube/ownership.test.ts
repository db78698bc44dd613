import { fileURLToPath } from "node:url";
import { Cluster, type LabProcess, type RunResult, sumMetric, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addressOf,
  CONTROLLER,
  DEPLOY,
  INGOT,
  SPEAKER,
  startController,
  startSpeaker,
} from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.77.0.200-10.77.0.230] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: lan, namespace: metallb-system }
`;

const OPERATOR = { namespace: "metallb-system", name: "operator" } as const;
const permission = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: operator }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ingot-operator }
subjects: [{ kind: ServiceAccount, name: operator, namespace: metallb-system }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: operator, namespace: metallb-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ingot-operator }
subjects: [{ kind: ServiceAccount, name: operator, namespace: metallb-system }]
`;

const CLIENT = fileURLToPath(new URL("./ownership-client.mjs", import.meta.url));
const SERVICES = "/api/v1/namespaces/default/services";
const STATUSES = "/apis/metallb.io/v1beta1/namespaces/metallb-system/servicel2statuses";
const names = Array.from({ length: 9 }, (_, i) => `s${i + 1}`);

suite("the owners of Services", ["netns", "testbed", "nft", "curl"], () => {
  let cluster: Cluster;
  const speakers = new Map<string, LabProcess>();
  /** When nodes changed last. */
  let changedAt = 0;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 3, serviceAccounts: [CONTROLLER, SPEAKER, OPERATOR] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    await cluster.apply(permission);
    await startController(cluster);
    for (const node of cluster.nodes) speakers.set(node.name, await startSpeaker(cluster, node));
    await create("first");
    await settle(["first"]);
  });

  afterAll(() => cluster?.close());

  async function create(name: string): Promise<void> {
    await cluster.service({ name, backends: [cluster.routerBackend] });
  }

  /** The nodes of each Service's table. */
  async function tables(): Promise<ReadonlyMap<string, readonly string[]>> {
    const services = await cluster.api.list(SERVICES);
    return new Map(
      services.flatMap(({ metadata }) => {
        const [, nodes] = metadata.annotations?.["ingot.dev/owners"]?.split(":") ?? [];
        return nodes === undefined ? [] : [[metadata.name, nodes.split(",")] as const];
      }),
    );
  }

  /** Who says that it answers for each Service; of several the last. */
  async function holders(): Promise<ReadonlyMap<string, string>> {
    const statuses = await cluster.api.list<StatusObject>(STATUSES);
    const inOrder = statuses
      .filter(({ status }) => status !== undefined)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
    return new Map(inOrder.map(({ status }) => [status?.serviceName ?? "", status?.node ?? ""]));
  }

  /** Waits until the first node of each table answers, and returns which one that is. */
  function settle(of: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return until(
      async () => {
        const [said, written] = [await holders(), await tables()];
        const agreed = of.every(
          (name) => said.has(name) && said.get(name) === written.get(name)?.[0],
        );
        return agreed ? new Map(of.map((name) => [name, said.get(name) ?? ""])) : undefined;
      },
      { timeoutMs: 20_000, what: `tables and nodes to agree about ${of.join(", ")}` },
    );
  }

  /** How many requests changed objects of a resource so far. */
  async function writes(resource: string): Promise<number> {
    const samples = await cluster.api.metrics();
    return ["POST", "PUT", "PATCH", "APPLY", "DELETE"].reduce(
      (sum, verb) => sum + sumMetric(samples, "apiserver_request_total", { verb, resource }),
      0,
    );
  }

  /** Runs a command of an operator, as one who may do that and nothing else. */
  function ingot(...args: readonly string[]): Promise<RunResult> {
    const kubeconfig = ["--kubeconfig", cluster.kubeconfig(OPERATOR)];
    const rest = [...kubeconfig, "--namespace", "metallb-system"];
    return cluster.controlPlane.exec(process.execPath, [INGOT, ...args, ...rest], {
      allowFailure: true,
      timeoutMs: 60_000,
    });
  }

  /** Runs something while a client opens connections; says how many of them failed. */
  async function whileConnecting(name: string, work: () => Promise<void>): Promise<Outcome> {
    const address = await addressOf(cluster, name);
    const { netns } = cluster.client;
    const client = netns.spawn(process.execPath, [CLIENT, address, "80"]);
    await client.waitForLine(/^ready$/, 10_000);
    await work();
    await client.stop("SIGTERM", 5_000);
    return JSON.parse(client.lines.at(-1) ?? "") as Outcome;
  }

  function counts(nodes: Iterable<string>): readonly number[] {
    const all = [...nodes];
    return cluster.nodes.map(({ name }) => all.filter((node) => node === name).length);
  }

  it("are written together with the address, and are even", async () => {
    const before = await writes("services");
    for (const name of names) await create(name);
    await settle(names);
    // One to create each, one for its address and its table.
    expect((await writes("services")) - before).toBe(2 * names.length);
    const firsts = [...(await tables()).values()].map(([first = ""]) => first);
    expect([...counts(firsts)].sort()).toEqual([3, 3, 4]);
  });

  it("and nothing is written in a steady state, of the key neither", async () => {
    const [services, secrets] = [await writes("services"), await writes("secrets")];
    const leases = await writes("leases");
    await until(async () => (await writes("leases")) >= leases + 6, {
      timeoutMs: 20_000,
      what: "a few renewals of the speakers' leases",
    });
    expect(await writes("services")).toBe(services);
    expect(await writes("secrets")).toBe(secrets);
    const path = "/api/v1/namespaces/metallb-system/secrets/ingot-ownership-key";
    const { data } = await cluster.api.get<SecretObject>(path);
    expect(Object.keys(data)).toEqual(["current"]);
    expect(Buffer.from(data["current"] ?? "", "base64")).toHaveLength(32);
  });

  it("and one is moved by hand, and no connection fails", async () => {
    const from = (await settle(["s1"])).get("s1") ?? "";
    const to = cluster.nodes.find(({ name }) => name !== from)?.name ?? "";
    let moved: RunResult | undefined;
    const outcome = await whileConnecting("s1", async () => {
      moved = await ingot("move", "s1", to);
    });
    expect(moved).toMatchObject({ code: 0, stderr: "" });
    expect(moved?.stdout).toMatch(new RegExp(`default/s1 .*: ${from} -> ${to}\n${to} answers`));
    expect((await holders()).get("s1")).toBe(to);
    expect(outcome.failed, `of ${outcome.begun} connections`).toBe(0);
  });

  it("and another key is asked for: it is made known, and nobody loses an address by that", async () => {
    const before = await settle(names);
    expect(await ingot("rotate-key")).toMatchObject({ code: 0, stderr: "" });
    const path = "/api/v1/namespaces/metallb-system/secrets/ingot-ownership-key";
    const { data, metadata } = await until(
      async () => {
        const secret = await cluster.api.get<SecretObject>(path);
        return secret.data["next"] === undefined ? undefined : secret;
      },
      { timeoutMs: 10_000, what: "the next key" },
    );
    expect(data["next"]).not.toBe(data["current"]);
    expect(metadata.annotations?.["ingot.dev/rotate-key"]).toBeUndefined();
    expect(await settle(names)).toEqual(before);
  });

  it("and reservations are listed, of which there are none", async () => {
    expect(await ingot("reservations")).toMatchObject({ code: 0, stderr: "" });
  });

  it("and a wrong order is refused in words", async () => {
    expect(await ingot("move", "s1", "n9")).toMatchObject({
      code: 1,
      stderr: "ingot: there is no node n9; there are: n1, n2, n3\n",
    });
    expect((await ingot("move", "nope", "n1")).stderr).toContain(
      "there is no Service default/nope",
    );
  });

  it("and a node is evacuated, and no connection fails; it gets nothing back by itself", async () => {
    const node = (await settle(["s2"])).get("s2") ?? "";
    let evacuated: RunResult | undefined;
    const outcome = await whileConnecting("s2", async () => {
      evacuated = await ingot("evacuate", node);
    });
    expect(evacuated).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.failed, `of ${outcome.begun} connections`).toBe(0);
    const { size } = await settle(["first", ...names]);
    expect(size).toBe(10);
    expect([...(await holders()).values()]).not.toContain(node);
    expect(await ingot("evacuate", "--undo", node)).toMatchObject({ code: 0, stderr: "" });
    changedAt = performance.now();
    await create("later");
    // The node has the fewest, so what is new goes there; what was there before stays where it is.
    expect((await settle(["later"])).get("later")).toBe(node);
    expect([...(await holders()).values()].filter((name) => name === node)).toHaveLength(1);
  });

  it("and loads are made even again when that is asked for, and no connection fails", async () => {
    const planned = await ingot("rebalance", "--dry-run");
    expect(planned).toMatchObject({ code: 0, stderr: "" });
    const written = await tables();
    expect(await tables()).toEqual(written);
    let rebalanced: RunResult | undefined;
    const outcome = await whileConnecting("s3", async () => {
      rebalanced = await ingot("rebalance", "--at-a-time", "2");
    });
    expect(rebalanced).toMatchObject({ code: 0, stderr: "" });
    expect(outcome.failed, `of ${outcome.begun} connections`).toBe(0);
    const now = await settle(["first", "later", ...names]);
    expect([...counts(now.values())].sort()).toEqual([3, 4, 4]);
  });

  it("and a node crashes: the tables follow by one write each, and nothing returns with it", async () => {
    const all = ["first", "later", ...names];
    // Half a minute after a change of the nodes it is levelled who inherits what.
    await until(async () => performance.now() > changedAt + 33_000, {
      timeoutMs: 40_000,
      what: "tables to be levelled",
    });
    const before = await settle(all);
    const [node] = cluster.nodes;
    if (node === undefined) throw new Error("the cluster has nodes");
    const lost = all.filter((name) => before.get(name) === node.name);
    const since = await writes("services");
    speakers.get(node.name)?.kill("SIGKILL");
    await node.powerOff();
    const after = await until(
      async () => {
        const now = await settle(all);
        return [...now.values()].includes(node.name) ? undefined : now;
      },
      { timeoutMs: 30_000, what: "other nodes to answer for everything" },
    );
    expect((await writes("services")) - since).toBe(lost.length);
    const [none, few = 0, many = 0] = [...counts(after.values())].sort();
    expect(none).toBe(0);
    expect(many - few, "more than two beyond the difference of before").toBeLessThanOrEqual(3);
    await node.powerOn();
    speakers.set(node.name, await startSpeaker(cluster, node));
    const leases = await writes("leases");
    await until(async () => (await writes("leases")) >= leases + 4, {
      timeoutMs: 20_000,
      what: "a few renewals of the speakers' leases",
    });
    expect(await settle(all)).toEqual(after);
  });
});

interface Outcome {
  readonly begun: number;
  readonly failed: number;
}

interface StatusObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion: string };
  readonly status?: { readonly node: string; readonly serviceName: string };
}

interface SecretObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data: Readonly<Record<string, string>>;
}

import { Cluster, type ClusterNode, type LabProcess, seededRandom, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CONTROLLER, DEPLOY, fetchInside, startController } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.90.0.0/23] }
`;

const SERVICES = "/api/v1/namespaces/default/services";
const OPERATIONS = 200;

suite("two controllers", ["netns", "testbed", "nft", "curl"], () => {
  let cluster: Cluster;
  const running = new Map<ClusterNode, LabProcess>();
  /** What each Service was ever seen to have, by uid. */
  const seen = new Map<string, string>();
  let started = 0;
  let created = 0;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 2, serviceAccounts: [CONTROLLER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    for (const node of cluster.nodes) await begin(node);
  });

  afterAll(() => cluster?.close());

  async function begin(node: ClusterNode): Promise<void> {
    started += 1;
    running.set(node, await startController(cluster, `controller-${started}`, node.netns));
  }

  /** The node whose controller says that it leads, and the other. */
  async function roles(): Promise<{ leader: ClusterNode; follower: ClusterNode }> {
    return until(
      async () => {
        const says = await Promise.all(
          cluster.nodes.map(async ({ netns }) => {
            const text = await fetchInside(netns, "http://127.0.0.1:9120/metrics");
            return /^ingot_controller_leader 1$/m.test(text);
          }),
        );
        expect(says.filter(Boolean).length).toBeLessThan(2);
        const leader = cluster.nodes[says.indexOf(true)];
        const follower = cluster.nodes[says.indexOf(false)];
        return leader && follower && { leader, follower };
      },
      { timeoutMs: 10_000, what: "one controller to lead" },
    );
  }

  /** Looks at every Service at one moment: nothing twice, nothing lost, nothing changed. */
  async function check(): Promise<{ all: number; without: number }> {
    const services = await cluster.api.list<ServiceObject>(SERVICES);
    const holders = new Map<string, string>();
    let without = 0;
    for (const { metadata, spec, status } of services) {
      if (spec.type !== "LoadBalancer") continue;
      const [address = "", ...more] = (status.loadBalancer.ingress ?? []).map(({ ip }) => ip);
      expect(more, metadata.name).toEqual([]);
      const before = seen.get(metadata.uid) ?? "";
      if (before !== "") expect(address, `the address of ${metadata.name}`).toBe(before);
      seen.set(metadata.uid, address);
      if (address === "") without += 1;
      else expect(holders.get(address) ?? metadata.name, address).toBe(metadata.name);
      holders.set(address, metadata.name);
    }
    return { all: holders.size, without };
  }

  async function create(): Promise<string> {
    created += 1;
    const name = `s${created}`;
    await cluster.api.create(SERVICES, {
      metadata: { name },
      spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
    });
    return name;
  }

  function addressOf(name: string, timeoutMs: number): Promise<string> {
    return until(
      async () => {
        const { status } = await cluster.api.get<ServiceObject>(`${SERVICES}/${name}`);
        return status.loadBalancer.ingress?.[0]?.ip;
      },
      { timeoutMs, intervalMs: 20, what: `an address of ${name}` },
    );
  }

  /** How long a new Service waits for its address from now on, in milliseconds. */
  async function serve(): Promise<number> {
    const since = performance.now();
    await addressOf(await create(), 10_000);
    return Math.round(performance.now() - since);
  }

  it("of which one assigns addresses, and the other is ready and writes nothing", async () => {
    const { follower } = await roles();
    await addressOf(await create(), 5_000);
    expect(running.get(follower)?.lines.filter((line) => /assigned"/.test(line))).toEqual([]);
    await fetchInside(follower.netns, "http://127.0.0.1:17472/readyz");
  });

  it("of which the one that leads says that the configuration is valid, and what is not", async () => {
    const path = "/apis/metallb.io/v1beta1/namespaces/metallb-system";
    const says = (result: string) =>
      until(
        async () => {
          const { status } = await cluster.api.get(`${path}/configurationstates/controller`);
          return status?.["result"] === result && status;
        },
        { timeoutMs: 10_000, what: `the configuration to be ${result}` },
      );
    await says("Valid");
    await cluster.apply(configuration.replace("name: lan", "name: twin"));
    expect(await says("Invalid")).toMatchObject({
      errorSummary: expect.stringMatching(/^IPAddressPool metallb-system\/twin: .*overlaps/),
      conditions: [{ type: "poolReconcilerValid", status: "False", reason: "ConfigurationError" }],
    });
    await cluster.api.delete(`${path}/ipaddresspools/twin`);
    await says("Valid");
    await cluster.api.delete(`${path}/configurationstates/controller`);
    await says("Valid");
  });

  it("take over from each other at once when one stops in order", async () => {
    const { leader } = await roles();
    const stopped = running.get(leader)?.stop("SIGTERM", 5_000);
    const tookMs = await serve();
    await stopped;
    expect(await running.get(leader)?.exited).toEqual({ code: 0, signal: null });
    console.log(`after a stop in order a new Service had its address in ${tookMs} ms`);
    expect(tookMs).toBeLessThan(2_500);
    await begin(leader);
  });

  it.each([1, 2, 3])(
    "take over within 5 s when one is killed in the middle of everything, and double, lose and change nothing (round %i)",
    async (round) => {
      const random = seededRandom(round);
      const { leader } = await roles();
      const killAt = Math.floor(random() * OPERATIONS);
      const names: string[] = [];
      let tookOver: Promise<number> = Promise.resolve(0);
      let watching = true;
      const watch = (async () => {
        while (watching) {
          await check();
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      })();
      const operate = async (operation: number) => {
        const victim = operation % 3 === 2 ? names.splice(0, 1)[0] : undefined;
        if (operation === killAt) {
          running.get(leader)?.kill("SIGKILL");
          tookOver = serve();
        }
        if (victim !== undefined) await cluster.api.delete(`${SERVICES}/${victim}`);
        else names.push(await create());
      };
      for (let operation = 0; operation < OPERATIONS; operation += 4) {
        await Promise.all([0, 1, 2, 3].map((step) => operate(operation + step)));
      }
      const tookMs = await tookOver;
      console.log(`round ${round}: killed at operation ${killAt}, served again ${tookMs} ms later`);
      expect(tookMs).toBeLessThan(5_000);
      await until(async () => (await check()).without === 0, {
        timeoutMs: 5_000,
        what: "every Service to have an address",
      });
      watching = false;
      await watch;
      await begin(leader);
    },
  );
});

interface ServiceObject {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly type: string };
  readonly status: {
    readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] };
  };
}

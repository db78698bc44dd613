import {
  Cluster,
  type ClusterNode,
  type LabProcess,
  ServiceChurn,
  seededRandom,
  until,
} from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CONTROLLER, DEPLOY, fetchInside, startController } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

// In short what `npm run bench -- controller --scenario chaos` does for longer.

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.90.0.0/16] }
`;

const OPERATIONS = 200;

suite("two controllers in the middle of everything", ["netns", "testbed", "curl"], () => {
  let cluster: Cluster;
  let churn: ServiceChurn;
  const random = seededRandom(2026);
  const running = new Map<ClusterNode, LabProcess>();
  let starts = 0;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 2, kubeProxy: false, serviceAccounts: [CONTROLLER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    for (const node of cluster.nodes) await begin(node);
    churn = new ServiceChurn(cluster.api, random);
  });

  afterAll(async () => {
    await churn?.close();
    await cluster?.close();
  });

  async function begin(node: ClusterNode): Promise<void> {
    starts += 1;
    running.set(node, await startController(cluster, `controller-${starts}`, node.netns));
  }

  function leader(): Promise<ClusterNode> {
    return until(
      async () => {
        for (const node of cluster.nodes) {
          const text = await fetchInside(node.netns, "http://127.0.0.1:9120/metrics");
          if (/^ingot_controller_leader 1$/m.test(text)) return node;
        }
        return undefined;
      },
      { timeoutMs: 20_000, what: "one controller to lead" },
    );
  }

  async function crashApiServer(): Promise<void> {
    await cluster.stopApiServer({ crash: true });
    await cluster.startApiServer();
  }

  it.each([
    [1, "the one that leads is killed", false],
    [2, "the one that leads is killed", false],
    [3, "the one that leads and the API server are killed", true],
    [4, "the one that leads is killed", false],
    [5, "the one that leads and the API server are killed", true],
  ])("round %i: %s, and no address is on two Services, lost or changed", async (_, __, withApi) => {
    const victim = await leader();
    const killAt = Math.floor(random() * OPERATIONS);
    const crashAt = withApi ? Math.floor(random() * OPERATIONS) : undefined;
    let outage = Promise.resolve();
    await churn.run(OPERATIONS, 4, (operation) => {
      if (operation === killAt) running.get(victim)?.kill("SIGKILL");
      if (operation === crashAt) outage = crashApiServer();
    });
    await outage;
    await until(() => churn.isSettled || Promise.reject(new Error(churn.state)), {
      timeoutMs: 30_000,
      what: "every Service to have an address",
    });
    expect(churn.record.faults).toEqual([]);
    expect(churn.record.size).toBeGreaterThan(0);
    await running.get(victim)?.exited;
    await begin(victim);
  });
});

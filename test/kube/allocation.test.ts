import { Cluster, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addressOf,
  CONTROLLER,
  DEPLOY,
  INGOT,
  ingressOf,
  startController,
} from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan, namespace: metallb-system }
spec: { addresses: [10.77.0.200-10.77.0.209] }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, annotations: { ingot.dev/quota-ipv4: "1" } }
`;

const service = (name: string, namespace = "default", annotations: object = {}) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace}, annotations: ${JSON.stringify(annotations)} }
spec: { type: LoadBalancer, ports: [{ port: 80 }] }
`;

// By the roles that are shipped, at a real API server.
suite("an address beyond what MetalLB does", ["netns", "testbed"], () => {
  let cluster: Cluster;
  let controller: LabProcess;

  beforeAll(async () => {
    cluster = await Cluster.start({
      nodes: 1,
      serviceAccounts: [CONTROLLER],
      kubeProxy: false,
    });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(configuration);
    controller = await startController(cluster);
  });

  afterAll(() => cluster?.close());

  const remove = (name: string, namespace = "default") =>
    cluster.kubectl(["delete", "service", name, "--namespace", namespace]);

  it("is reserved in its pool, outlives its Service and the controller, and is listed", async () => {
    await cluster.apply(service("web", "default", { "ingot.dev/reserve": "true" }));
    const address = await addressOf(cluster, "web");
    const list = await until(
      async () => {
        const pool = ["get", "ipaddresspool", "lan", "--namespace", "metallb-system", "-o", "json"];
        const { metadata } = JSON.parse((await cluster.kubectl(pool)).stdout);
        return metadata.annotations?.["ingot.dev/reservations"];
      },
      { timeoutMs: 10_000, what: "the reservation in the pool's annotation" },
    );
    expect(list).toBe(`${address}=default/web`);
    await remove("web");
    await controller.stop("SIGKILL");
    controller = await startController(cluster, "controller-2");
    await cluster.apply(service("other"));
    expect(await addressOf(cluster, "other")).not.toBe(address);
    const flags = ["--kubeconfig", cluster.kubeconfig(CONTROLLER)];
    const { stdout } = await cluster.controlPlane.exec(process.execPath, [
      INGOT,
      "reservations",
      ...flags,
    ]);
    expect(stdout).toBe(
      `ADDRESS      POOL  SERVICE      IN USE\n${address}  lan   default/web  no\n`,
    );
    await cluster.apply(service("web"));
    expect(await addressOf(cluster, "web")).toBe(address);
  });

  it("is refused beyond the quota of a namespace, and given when that is raised", async () => {
    await cluster.apply(service("one", "shop"));
    await addressOf(cluster, "one", "shop");
    await cluster.apply(service("two", "shop"));
    await until(
      async () => {
        const events = [
          "get",
          "events",
          "--namespace",
          "shop",
          "-o",
          "jsonpath={.items[*].message}",
        ];
        const { stdout } = await cluster.kubectl(events);
        return stdout.includes('namespace "shop" has 1 of the 1 IPv4 addresses') || undefined;
      },
      { timeoutMs: 10_000, what: "an event that says why the Service waits" },
    );
    expect(await ingressOf(cluster, "two", "shop")).toEqual([]);
    await cluster.kubectl([
      "annotate",
      "--overwrite",
      "namespace",
      "shop",
      "ingot.dev/quota-ipv4=2",
    ]);
    await addressOf(cluster, "two", "shop");
  });

  it("cools down before another Service gets it", async () => {
    const annotation = "ingot.dev/cool-down=1h";
    await cluster.kubectl(["annotate", "ipaddresspool/lan", "-n", "metallb-system", annotation]);
    await cluster.apply(service("short"));
    const address = await addressOf(cluster, "short");
    await remove("short");
    await cluster.apply(service("next"));
    expect(await addressOf(cluster, "next")).not.toBe(address);
    await cluster.apply(service("short"));
    expect(await addressOf(cluster, "short")).toBe(address);
  });
});

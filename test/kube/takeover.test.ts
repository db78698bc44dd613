import { Cluster, type LabProcess, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addressOf, CONTROLLER, DEPLOY, startController } from "../support/ingot.ts";
import { suite } from "../support/suite.ts";

// Objects as MetalLB 0.16.2's documentation and users write them, every field of the two kinds used.
const metallb = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: production, namespace: metallb-system, labels: { zone: east } }
spec:
  addresses: [10.77.0.200/30, 10.77.0.210-10.77.0.215, "fd77:0:0:0:200::/124"]
  autoAssign: true
  avoidBuggyIPs: true
---
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: tenants, namespace: metallb-system }
spec:
  addresses: [10.77.0.220-10.77.0.221]
  serviceAllocation:
    priority: 50
    namespaces: [default]
    namespaceSelectors: [{ matchLabels: { tenant: a } }]
    serviceSelectors: [{ matchExpressions: [{ key: app, operator: In, values: [web] }] }]
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: east, namespace: metallb-system }
spec:
  ipAddressPools: [production, tenants]
  ipAddressPoolSelectors: [{ matchLabels: { zone: east } }]
  nodeSelectors: [{ matchLabels: { kubernetes.io/hostname: n1 } }]
  interfaces: [eth0]
  preferredNodeSelectors: [{ weight: 10, preference: { matchLabels: { rack: r1 } } }]
`;

/** Services as MetalLB left them: name, address, pool, annotations of the user's. */
const left = [
  ["plain", "10.77.0.203", "production", {}],
  [
    "explicit",
    "10.77.0.212",
    "production",
    { "metallb.universe.tf/loadBalancerIPs": "10.77.0.212" },
  ],
  ["pooled", "10.77.0.211", "production", { "metallb.io/address-pool": "production" }],
  ["tenant", "10.77.0.220", "tenants", {}],
  ["shared-tcp", "10.77.0.214", "production", { "metallb.io/allow-shared-ip": "dns" }],
  ["shared-udp", "10.77.0.214", "production", { "metallb.io/allow-shared-ip": "dns" }],
  ["other-class", "10.77.0.250", "elsewhere", {}],
] as const;

suite("on a cluster that MetalLB ran", ["netns", "testbed", "nft", "curl"], () => {
  let cluster: Cluster;
  let controller: LabProcess;

  beforeAll(async () => {
    cluster = await Cluster.start({ nodes: 1, serviceAccounts: [CONTROLLER] });
    await cluster.kubectl(["apply", "--server-side", "--kustomize", DEPLOY]);
    await cluster.apply(metallb);
    for (const [name, address, pool, annotations] of left) {
      const protocol = name === "shared-udp" ? "UDP" : "TCP";
      await cluster.service({
        name,
        backends: [cluster.routerBackend],
        labels: { app: name === "tenant" ? "web" : "dns" },
        annotations,
        ports: [{ name: "dns", protocol, port: 53, targetPort: 8080 }],
        spec: name === "other-class" ? { loadBalancerClass: "example.com/other" } : {},
      });
      await cluster.api.patch(`/api/v1/namespaces/default/services/${name}/status`, {
        metadata: { annotations: { "metallb.io/ip-allocated-from-pool": pool } },
        status: { loadBalancer: { ingress: [{ ip: address }] } },
      });
    }
  });

  afterAll(() => cluster?.close());

  const versions = async () =>
    Object.fromEntries(
      (await cluster.api.list("/api/v1/namespaces/default/services")).map(({ metadata }) => [
        metadata.name,
        metadata.resourceVersion,
      ]),
    );

  it("every Service keeps its address, and nothing at all is written", async () => {
    const before = await versions();
    controller = await startController(cluster);
    // A new Service is served after all that was there: then the start is over.
    await cluster.service({ name: "new", backends: [cluster.routerBackend] });
    expect(await addressOf(cluster, "new")).toBe("10.77.0.200");
    const { new: _, ...after } = await versions();
    expect(after).toEqual(before);
    const told = async () => {
      const events = await cluster.api.list<EventObject>("/api/v1/namespaces/default/events");
      const onServices = events.filter(({ involvedObject }) => involvedObject.kind === "Service");
      return onServices.map(({ involvedObject }) => involvedObject.name);
    };
    // Events come once no Service comes any more.
    await until(async () => (await told()).length > 0, { timeoutMs: 10_000, what: "an Event" });
    expect(await told()).toEqual(["new"]);
  });

  it("the log says which pool is not handed out from, and no object is refused", async () => {
    expect(controller.lines.filter((line) => /"level":"error"/.test(line))).toEqual([]);
  });

  it("a Service that asks for a pool which is kept for others is told so", async () => {
    await cluster.service({
      name: "tenant-2",
      backends: [cluster.routerBackend],
      annotations: { "metallb.io/address-pool": "tenants" },
    });
    await controller.waitForLine(/its serviceSelectors do not match the Service's labels/, 5_000);
  });

  it("wrong objects are refused by the API server, field and value named", async () => {
    const refused = async (spec: string) => {
      const object = `{ apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: { name: bad, namespace: metallb-system }, spec: ${spec} }`;
      const result = await cluster.kubectl(["apply", "--server-side", "-f", "-"], {
        input: object,
        allowFailure: true,
      });
      expect(result.code).not.toBe(0);
      return result.stderr;
    };
    expect(await refused("{}")).toMatch(/spec\.addresses/);
    expect(await refused("{ addresses: [] }")).toMatch(/spec\.addresses/);
    expect(await refused("{ addresses: [10.0.0.0/24], autoAssign: maybe }")).toMatch(/autoAssign/);
  });
});

interface EventObject {
  readonly metadata: { readonly name: string };
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const service = (spec: object, metadata: object = {}, ingress?: object[]) =>
  project("service", {
    metadata: { name: "web", namespace: "shop", ...metadata },
    spec,
    status: { loadBalancer: ingress === undefined ? {} : { ingress } },
  });

describe("Service", () => {
  it("keeps what is decided by, and nothing else", () => {
    const projected = service(
      {
        type: "LoadBalancer",
        loadBalancerClass: "example.com/lb",
        ipFamilies: ["IPv6", "IPv4"],
        ipFamilyPolicy: "PreferDualStack",
        clusterIP: "fd00::1",
        clusterIPs: ["fd00::1", "10.96.0.1"],
        loadBalancerIP: "192.0.2.7",
        externalTrafficPolicy: "Local",
        selector: { b: "2", a: "1" },
        ports: [
          { name: "http", port: 80, targetPort: "web", nodePort: 30_080 },
          { protocol: "UDP", port: 53 },
        ],
        sessionAffinity: "None",
      },
      {
        uid: "u",
        resourceVersion: "7",
        creationTimestamp: "2026-01-02T03:04:05Z",
        deletionTimestamp: "2026-01-02T03:04:06Z",
        labels: { app: "web" },
        annotations: {
          "metallb.io/address-pool": "p",
          "metallb.universe.tf/allow-shared-ip": "k",
          "ingot.dev/owners": "7:n2",
          "kubectl.kubernetes.io/last-applied-configuration": "{}",
        },
      },
      [{ ip: "192.0.2.7", ipMode: "VIP" }, { hostname: "a.example" }, { ip: "2001:DB8:0::1" }],
    );
    expect(projected).toEqual({
      ok: true,
      record: {
        key: "shop/web",
        namespace: "shop",
        name: "web",
        uid: "u",
        resourceVersion: "7",
        createdMs: Date.UTC(2026, 0, 2, 3, 4, 5),
        isLoadBalancer: true,
        loadBalancerClass: "example.com/lb",
        families: [6, 4],
        familyPolicy: "PreferDualStack",
        clusterIPs: ["fd00::1", "10.96.0.1"],
        loadBalancerIP: "192.0.2.7",
        trafficPolicy: "Local",
        selector: "a=1,b=2",
        ports: [
          { protocol: "TCP", port: 80 },
          { protocol: "UDP", port: 53 },
        ],
        labels: { app: "web" },
        annotations: {
          "metallb.io/address-pool": "p",
          "metallb.universe.tf/allow-shared-ip": "k",
          "ingot.dev/owners": "7:n2",
        },
        ingress: ["192.0.2.7", "2001:db8::1"],
        deleting: true,
      },
    });
  });

  it("has the API's defaults for what it does not say", () => {
    expect(service({ type: "LoadBalancer" })).toMatchObject({
      record: {
        loadBalancerClass: "",
        families: [],
        familyPolicy: "SingleStack",
        clusterIPs: [],
        loadBalancerIP: "",
        trafficPolicy: "Cluster",
        selector: "",
        ports: [],
        ingress: [],
        deleting: false,
      },
    });
  });

  it("drops None from the cluster IPs, and falls back to the single one", () => {
    const clusterIPs = (spec: object) => service({ type: "LoadBalancer", ...spec });
    expect(clusterIPs({ clusterIPs: ["None"] })).toMatchObject({ record: { clusterIPs: [] } });
    expect(clusterIPs({ clusterIP: "None" })).toMatchObject({ record: { clusterIPs: [] } });
    expect(clusterIPs({ clusterIP: "10.0.0.1" })).toMatchObject({
      record: { clusterIPs: ["10.0.0.1"] },
    });
  });

  it("keeps an address that is none as it is written", () => {
    expect(
      service({ type: "LoadBalancer" }, {}, [{ ip: "192.0.2.300" }, { ip: "" }]),
    ).toMatchObject({
      record: { ingress: ["192.0.2.300"] },
    });
  });

  it("is of no interest unless it is, or was, a load balancer", () => {
    expect(service({ type: "ClusterIP", ports: "broken" })).toBeUndefined();
    expect(service({})).toBeUndefined();
    const annotations = { "metallb.io/ip-allocated-from-pool": "p" };
    expect(service({ type: "ClusterIP" }, { annotations }, [{ ip: "192.0.2.1" }])).toMatchObject({
      record: { isLoadBalancer: false, ingress: ["192.0.2.1"], annotations },
    });
  });

  it.each([
    [
      { ports: [{ port: 80 }, { port: "http" }] },
      "spec.ports[1].port",
      'must be a number, got "http"',
    ],
    [{ ports: [{ port: 65_536 }] }, "spec.ports[0].port", "must be at most 65535, got 65536"],
    [{ ipFamilies: ["IPv5"] }, "spec.ipFamilies[0]", 'must be "IPv4" or "IPv6", got "IPv5"'],
    [{ selector: { a: 1 } }, "spec.selector.a", "must be text, got 1"],
  ])("refuses %j", (spec, field, message) => {
    expect(service({ type: "LoadBalancer", ...spec })).toEqual({
      ok: false,
      error: { kind: "service", key: "shop/web", field, message },
    });
  });

  it("shares what many Services have in common", () => {
    const [one, other] = ["a", "b"].map((name) =>
      service({ type: "LoadBalancer", ports: [{ port: 443 }] }, { name, labels: { app: "x" } }),
    );
    if (!one?.ok || !other?.ok) throw new Error("both are well formed");
    expect(one.record.ports).toBe(other.record.ports);
    expect(one.record.labels).toBe(other.record.labels);
    expect(one.record.ingress).toBe(other.record.ingress);
    expect(Object.isFrozen(one.record.ports)).toBe(true);
  });
});

import { Allocator } from "@ingot/allocator";
import { describe, expect, it } from "vitest";
import { projectService } from "../config/project-service.ts";
import type { ServiceRecord } from "../domain.ts";
import { poolRecord, serviceRecord } from "../testing/records.ts";
import { decideAllocation } from "./allocation.ts";
import { Quotas } from "./quotas.ts";

const pools = [
  poolRecord("dmz", ["10.0.1.0/29"], { autoAssign: false }),
  poolRecord("lan", ["10.0.0.1-10.0.0.4", "2001:db8::1-2001:db8::4"]),
];

function controller(isForeign: boolean) {
  const allocator = new Allocator();
  allocator.setPools(pools);
  const view = {
    allocator,
    pools: new Map(pools.map((pool) => [pool.name, pool])),
    namespaces: new Map(),
    brokenPools: new Set<string>(),
    lbClass: "",
    isForeign,
    quotas: new Quotas(new Map()),
    keptFor: () => [],
    isLeaving: () => false,
  };
  return (service: ServiceRecord) => decideAllocation(view, service.key, service);
}

const annotated = (
  annotations: Readonly<Record<string, string>>,
  changes: Partial<ServiceRecord> = {},
) => serviceRecord("default/web", { annotations, ...changes });

describe("annotations of other load balancers", () => {
  it.each([
    ["kube-vip.io/loadbalancerIPs", "10.0.0.3", "10.0.0.3"],
    ["lbipam.cilium.io/ips", "10.0.0.3", "10.0.0.3"],
    ["io.cilium/lb-ipam-ips", "10.0.0.3", "10.0.0.3"],
    ["purelb.io/addresses", "10.0.0.3", "10.0.0.3"],
    ["purelb.io/service-group", "dmz", "10.0.1.0"],
  ])("%s counts where that is wanted, and says nothing otherwise", (name, value, address) => {
    const service = annotated({ [name]: value });
    expect(controller(true)(service).desired?.addresses).toEqual([address]);
    expect(controller(false)(service).desired?.addresses).toEqual(["10.0.0.1"]);
  });

  it("ask for two families at once", () => {
    const service = annotated(
      { "kube-vip.io/loadbalancerIPs": "10.0.0.2, 2001:db8::3" },
      { families: [4, 6], familyPolicy: "RequireDualStack" },
    );
    expect(controller(true)(service).desired?.addresses).toEqual(["10.0.0.2", "2001:db8::3"]);
  });

  it("come after those of MetalLB", () => {
    const service = annotated({
      "metallb.universe.tf/loadBalancerIPs": "10.0.0.2",
      "lbipam.cilium.io/ips": "10.0.0.3",
    });
    expect(controller(true)(service).desired?.addresses).toEqual(["10.0.0.2"]);
  });

  it("are named where they cannot be obeyed", () => {
    const { problem } = controller(true)(annotated({ "lbipam.cilium.io/ips": "192.0.2.1" }));
    expect(problem).toContain('["192.0.2.1"] (lbipam.cilium.io/ips)');
  });

  it("agree with spec.loadBalancerIP where it names the same address", () => {
    const both = annotated(
      { "kube-vip.io/loadbalancerIPs": "10.0.0.3" },
      { loadBalancerIP: "10.0.0.3" },
    );
    expect(controller(true)(both).desired?.addresses).toEqual(["10.0.0.3"]);
    expect(controller(true)({ ...both, loadBalancerIP: "10.0.0.2" }).problem).toBe(
      'service can not have both kube-vip.io/loadbalancerIPs and spec.loadBalancerIP ("10.0.0.3" and "10.0.0.2")',
    );
  });

  it.each([
    ["purelb.io/allow-shared-ip", "default/api", {}, true],
    ["purelb.io/allow-shared-ip", "other/api", {}, true],
    ["lbipam.cilium.io/sharing-key", "default/api", {}, true],
    ["io.cilium/lb-ipam-sharing-key", "default/api", {}, true],
    ["lbipam.cilium.io/sharing-key", "other/api", {}, false],
    [
      "lbipam.cilium.io/sharing-key",
      "other/api",
      { "lbipam.cilium.io/sharing-cross-namespace": "*" },
      true,
    ],
    [
      "io.cilium/lb-ipam-sharing-key",
      "other/api",
      { "io.cilium/lb-ipam-sharing-cross-namespace": "other" },
      false,
    ],
  ])("share by %s with %s %j: %s", (name, key, more, shares) => {
    const decide = controller(true);
    const annotations = { [name]: "k", ...more };
    decide(annotated(annotations));
    const ports = [{ protocol: "UDP" as const, port: 53 }];
    const { desired } = decide(serviceRecord(key, { annotations, ports }));
    expect(desired?.addresses).toEqual([shares ? "10.0.0.1" : "10.0.0.2"]);
  });

  it("are kept of a Service, and no others", () => {
    const annotations = { "kube-vip.io/loadbalancerIPs": "10.0.0.3", "kube-vip.io/vipHost": "n1" };
    const projected = projectService({
      metadata: { name: "web", namespace: "default", annotations },
      spec: { type: "LoadBalancer" },
    });
    expect(projected).toMatchObject({
      record: { annotations: { "kube-vip.io/loadbalancerIPs": "10.0.0.3" } },
    });
    expect(JSON.stringify(projected)).not.toContain("vipHost");
  });
});

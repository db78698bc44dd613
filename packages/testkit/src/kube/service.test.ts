import { describe, expect, it } from "vitest";
import { endpointSliceObject, serviceObject, servicePaths } from "./service.ts";

const near = { ipv4: "10.244.1.10", ipv6: "fd44::1:10", nodeName: "n1" };
const far = { ipv4: "10.244.250.10", ipv6: "fd44::250:10" };

describe("service", () => {
  it("makes a Service that has no selector, with the spec's fields on top", () => {
    const spec = { externalTrafficPolicy: "Local" };
    expect(serviceObject({ name: "web", backends: [near], spec })).toMatchObject({
      metadata: { name: "web", namespace: "default" },
      spec: {
        type: "LoadBalancer",
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
        externalTrafficPolicy: "Local",
      },
    });
    const dual = serviceObject({ name: "web", backends: [], families: ["IPv6", "IPv4"] });
    expect(dual).toMatchObject({ spec: { ipFamilyPolicy: "RequireDualStack" } });
    expect(dual).not.toHaveProperty("spec.selector");
  });

  it("makes a slice a family, its endpoints ready unless they say otherwise", () => {
    const backends = [{ ...near, conditions: { ready: false } }, far];
    const ports = [{ name: "dns", protocol: "UDP", port: 53, targetPort: 5353 }] as const;
    const options = { name: "dns", namespace: "shop", backends, ports };
    expect(endpointSliceObject(options, "IPv6")).toEqual({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "dns-ipv6",
        namespace: "shop",
        labels: { "kubernetes.io/service-name": "dns" },
      },
      addressType: "IPv6",
      ports: [{ name: "dns", protocol: "UDP", port: 5353 }],
      endpoints: [
        {
          addresses: ["fd44::1:10"],
          conditions: { ready: false, serving: true, terminating: false },
          nodeName: "n1",
        },
        {
          addresses: ["fd44::250:10"],
          conditions: { ready: true, serving: true, terminating: false },
        },
      ],
    });
    expect(servicePaths(options).IPv6).toBe(
      "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices/dns-ipv6",
    );
  });
});

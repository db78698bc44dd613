import { describe, expect, it } from "vitest";
import type { ServiceRecord } from "../domain.ts";
import { serviceRecord } from "../testing/records.ts";
import { parseRequest } from "./request.ts";

const request = (
  annotations: Readonly<Record<string, string>>,
  changes: Partial<ServiceRecord> = {},
) => parseRequest(serviceRecord("default/web", { annotations, ...changes }), false);
const BOTH = { clusterIPs: ["10.96.0.1", "fd96::1"] } as const;

describe("what a Service asks for", () => {
  it.each([
    ["metallb.io/loadBalancerIPs", { "metallb.io/loadBalancerIPs": " 10.0.0.1 " }, {}],
    [
      "metallb.universe.tf/loadBalancerIPs",
      { "metallb.universe.tf/loadBalancerIPs": "10.0.0.1" },
      {},
    ],
    ["spec.loadBalancerIP", {}, { loadBalancerIP: "10.0.0.1" }],
  ])("are explicit addresses in %s", (from, annotations, changes) => {
    expect(request(annotations, changes)).toMatchObject({
      request: { addresses: ["10.0.0.1"], addressesFrom: from },
    });
  });

  it("is under MetalLB's new prefix before the deprecated one", () => {
    expect(
      request({
        "metallb.io/loadBalancerIPs": "10.0.0.1",
        "metallb.universe.tf/loadBalancerIPs": "10.0.0.2",
        "metallb.io/address-pool": "new",
        "metallb.universe.tf/address-pool": "old",
      }),
    ).toMatchObject({ request: { addresses: ["10.0.0.1"], pool: "new" } });
  });

  it("may be one address of each family, in either order, as canonical text", () => {
    const text = "2001:DB8:0::1,10.0.0.1";
    expect(request({ "metallb.io/loadBalancerIPs": text }, BOTH)).toMatchObject({
      request: { addresses: ["2001:db8::1", "10.0.0.1"], families: [4, 6] },
    });
  });

  it.each<[string, string, Partial<ServiceRecord>]>([
    [
      'service can not have both metallb.io/loadBalancerIPs and spec.loadBalancerIP ("10.0.0.1" and "10.0.0.1")',
      "10.0.0.1",
      { loadBalancerIP: "10.0.0.1" },
    ],
    ['invalid metallb.io/loadBalancerIPs: "" is not an address', "10.0.0.1,", {}],
    [
      'invalid metallb.io/loadBalancerIPs: ["10.0.0.1","2001:db8::1","10.0.0.2"] is more than two addresses',
      "10.0.0.1,2001:db8::1,10.0.0.2",
      BOTH,
    ],
    [
      'invalid metallb.io/loadBalancerIPs: ["10.0.0.1","10.0.0.2"] has the same family twice',
      "10.0.0.1,10.0.0.2",
      BOTH,
    ],
    [
      'requested loadBalancer IP(s) ["2001:db8::1"] (metallb.io/loadBalancerIPs) does not match the ipFamily of the service (IPv4)',
      "2001:db8::1",
      {},
    ],
    [
      'requested loadBalancer IP(s) ["10.0.0.1"] (metallb.io/loadBalancerIPs) does not match the ipFamily of the service (IPv4, IPv6)',
      "10.0.0.1",
      { ...BOTH, familyPolicy: "PreferDualStack" },
    ],
  ])("is refused: %s", (message, value, changes) => {
    expect(request({ "metallb.io/loadBalancerIPs": value }, changes)).toEqual({
      ok: false,
      message,
    });
  });

  it("is of the families of its cluster addresses, whatever it prefers", () => {
    const changes = { families: [4, 6], familyPolicy: "PreferDualStack" } as const;
    expect(request({}, { ...changes, clusterIPs: ["fd96::1"] })).toMatchObject({
      request: { families: [6] },
    });
    // In a folder of manifests there are no cluster addresses.
    expect(request({}, changes)).toMatchObject({ request: { families: [4, 6] } });
  });
});

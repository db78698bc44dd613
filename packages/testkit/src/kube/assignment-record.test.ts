import { expect, it } from "vitest";
import { type AssignedService, AssignmentRecord } from "./assignment-record.ts";

function service(name: string, ...ips: readonly string[]): AssignedService {
  return {
    metadata: { name, namespace: "shop", uid: `uid of ${name}` },
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  };
}

it("finds nothing wrong with addresses that come, stay and go", () => {
  const record = new AssignmentRecord();
  record.put(service("a"));
  record.put(service("a", "10.0.0.1"));
  record.put(service("a", "10.0.0.1"));
  record.delete(service("a", "10.0.0.1"));
  record.put(service("b", "10.0.0.1"));
  record.put({ ...service("c", "10.0.0.1"), spec: { type: "ClusterIP" } });
  record.put(service("d"));
  expect(record.faults).toEqual([]);
  expect(record.size).toBe(2);
  expect(record.without).toEqual(["shop/d"]);
});

it("finds an address that two have at one moment", () => {
  const record = new AssignmentRecord();
  record.put(service("a", "10.0.0.1"));
  record.put(service("b", "10.0.0.1"));
  expect(record.faults).toEqual(["10.0.0.1 is on shop/a and shop/b"]);
});

it.each([
  ["another", ["10.0.0.2"], "shop/a had 10.0.0.1 and has 10.0.0.2"],
  ["none", [], "shop/a had 10.0.0.1 and has none"],
])("finds an address that became %s", (_, ips, fault) => {
  const record = new AssignmentRecord();
  record.put(service("a", "10.0.0.1"));
  record.put(service("a", ...ips));
  expect(record.faults).toEqual([fault]);
});

it("takes a list as one moment after a gap", () => {
  const record = new AssignmentRecord();
  record.put(service("a", "10.0.0.1"));
  record.put(service("b", "10.0.0.2"));
  record.replace([service("c", "10.0.0.1"), service("b", "10.0.0.2")]);
  expect(record.faults).toEqual([]);
  expect(record.size).toBe(2);
  record.replace([service("d", "10.0.0.2"), service("b", "10.0.0.2")]);
  expect(record.faults).toEqual(["10.0.0.2 is on shop/d and shop/b"]);
});

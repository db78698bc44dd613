import { expect, it } from "vitest";
import { allocate, ownersOf, prepare, type Workload } from "./workload.ts";

const workload: Workload = {
  range: "198.18.0.0/24",
  family: 4,
  addresses: 8,
  kind: "fragmented",
};

it("leaves a pool empty that is to be filled", () => {
  const owners = ownersOf(workload);
  const prepared = prepare({ ...workload, kind: "filled" }, owners);
  expect(prepared.owners).toEqual(owners);
  expect(prepared.allocator.stats("pool")?.assignedIPv4).toBe(0n);
});

it("fragments a pool, and asks for what was released", () => {
  const { allocator, owners } = prepare(workload, ownersOf(workload));
  const held = () => [0, 1, 2, 3].map((host) => allocator.ownersOf(`198.18.0.${host}`)[0]);
  expect(owners).toEqual([1, 3, 5, 7].map((number) => `default/service-${number}`));
  expect(held()).toEqual(["default/service-0", undefined, "default/service-2", undefined]);
  for (const owner of owners) allocate(allocator, owner, 4);
  expect(held()).toEqual([0, 1, 2, 3].map((number) => `default/service-${number}`));
});

it("does not take a refusal for an allocation", () => {
  const small = { ...workload, range: "198.18.0.0/31", kind: "filled" } as const;
  const { allocator, owners } = prepare(small, ownersOf(small));
  expect(() => {
    for (const owner of owners) allocate(allocator, owner, 4);
  }).toThrow("default/service-2 got no address: no available IPv4 address");
});

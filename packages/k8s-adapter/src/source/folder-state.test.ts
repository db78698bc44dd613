import { describe, expect, it } from "vitest";
import {
  isEmpty,
  NO_STATE,
  nextState,
  readState,
  versionOf,
  withState,
  writeState,
} from "./folder-state.ts";

const manifest = {
  metadata: { name: "web", namespace: "shop", annotations: { "metallb.io/address-pool": "a" } },
  status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }] } },
};
const write = (annotations: Record<string, string | null>, addresses = ["192.0.2.1"]) => ({
  key: "shop/web",
  resourceVersion: "1",
  addresses,
  annotations,
});

describe("state of a Service", () => {
  it("survives its file", () => {
    const state = { addresses: ["192.0.2.1", "2001:db8::1"], annotations: { a: "1", b: null } };
    expect(readState(writeState("shop", "web", state))).toEqual(state);
  });

  it.each([
    ["", "it must be an object, got null"],
    ["metadata: {}", "status is required"],
    [
      "metadata: { annotations: { a: 1 } }\nstatus: { loadBalancer: { ingress: [] } }",
      "metadata.annotations.a must be text, got 1",
    ],
  ])("is not read from %j", (text, message) => {
    expect(() => readState(text)).toThrow(new Error(message));
  });

  it("is laid over the manifest, whose own status counts for nothing", () => {
    expect(withState(manifest, "v", NO_STATE)).toMatchObject({
      metadata: { name: "web", annotations: { "metallb.io/address-pool": "a" } },
      status: { loadBalancer: { ingress: [] } },
    });
    const state = {
      addresses: ["192.0.2.1"],
      annotations: { x: "1", "metallb.io/address-pool": null },
    };
    expect(withState(manifest, "v", state)).toMatchObject({
      metadata: { annotations: { x: "1" }, resourceVersion: versionOf("v", state) },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
    });
  });

  it("has another version when the manifest or the state is another", () => {
    const state = { addresses: ["192.0.2.1"], annotations: { a: "1", b: "2" } };
    const same = { addresses: ["192.0.2.1"], annotations: { b: "2", a: "1" } };
    expect(versionOf("v", state)).toBe(versionOf("v", same));
    expect(versionOf("v", state)).not.toBe(versionOf("w", state));
    expect(versionOf("v", state)).not.toBe(versionOf("v", { ...state, addresses: [] }));
    expect(versionOf("v", state)).not.toBe(versionOf("v", { ...state, annotations: { a: "1" } }));
  });

  it("keeps what a write does not name, and forgets what it takes away", () => {
    const first = nextState(manifest, NO_STATE, write({ x: "1", y: "2" }));
    expect(first).toEqual({ addresses: ["192.0.2.1"], annotations: { x: "1", y: "2" } });
    const second = nextState(manifest, first, write({ x: null, z: "3" }, []));
    expect(second).toEqual({ addresses: [], annotations: { y: "2", z: "3" } });
    expect(isEmpty(nextState(manifest, second, write({ y: null, z: null }, [])))).toBe(true);
  });

  it("remembers that an annotation of the manifest was taken away", () => {
    const state = nextState(manifest, NO_STATE, write({ "metallb.io/address-pool": null }, []));
    expect(state.annotations).toEqual({ "metallb.io/address-pool": null });
    expect(isEmpty(state)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { project } from "./project.ts";

const slice = (endpoints: unknown, labels: object = { "kubernetes.io/service-name": "web" }) =>
  project("endpointSlice", { metadata: { name: "web-x", namespace: "shop", labels }, endpoints });

describe("EndpointSlice", () => {
  it.each([
    ["ready unset", {}, true],
    ["no conditions", undefined, true],
    ["ready null", { ready: null }, true],
    ["ready", { ready: true }, true],
    ["not ready", { ready: false }, false],
    ["not ready, not serving", { ready: false, serving: false }, false],
    ["terminating but serving", { ready: false, serving: true, terminating: true }, true],
  ])("%s: serving %j is %s", (_, conditions, serves) => {
    const endpoint = { addresses: ["10.0.0.1"], nodeName: "n1", ...(conditions && { conditions }) };
    expect(slice([endpoint])).toMatchObject({
      record: { service: "shop/web", servingNodes: serves ? ["n1"] : [] },
    });
  });

  it("names each node once, sorted, and an unknown one by the empty name", () => {
    const endpoints = [{ nodeName: "n2" }, { nodeName: "n1" }, {}, { nodeName: "n2" }];
    expect(slice(endpoints)).toMatchObject({ record: { servingNodes: ["", "n1", "n2"] } });
    expect(slice(null)).toMatchObject({ record: { servingNodes: [] } });
  });

  it("is of no interest without a Service", () => {
    expect(slice("broken", {})).toBeUndefined();
  });

  it("names what is broken", () => {
    expect(slice([{ nodeName: 5 }])).toMatchObject({
      error: { field: "endpoints[0].nodeName", message: "must be text, got 5" },
    });
  });
});

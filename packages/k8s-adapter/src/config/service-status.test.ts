import { describe, expect, it } from "vitest";
import { project } from "./project.ts";
import { foundStatus, nodeLabel, statusName, statusObject, statusText } from "./service-status.ts";

const at = { namespace: "metallb-system", node: "n1", service: "default/web" } as const;

describe("the object of a Service that a node announces", () => {
  it("has MetalLB's labels, and a name of its own for each node and Service", () => {
    expect(statusObject("layer2", at)).toMatchObject({
      kind: "ServiceL2Status",
      metadata: {
        namespace: "metallb-system",
        labels: {
          "metallb.io/node": "n1",
          "metallb.io/service-name": "web",
          "metallb.io/service-namespace": "default",
        },
      },
    });
    const names = ["n1", "n2"].flatMap((node) =>
      ["default/web", "default/api"].map((service) => statusName("bgp", node, service)),
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^bgp-[0-9a-f]{16}$/);
  });

  it.each(["layer2", "bgp"] as const)("is read back as it was written (%s)", (protocol) => {
    const object = statusObject(protocol, at, { ownerReferences: [{ uid: "u" }] });
    const name = statusName(protocol, "n1", "default/web");
    const common = { name, service: "default/web", owner: "u" };
    expect(foundStatus(protocol, "n1", object)).toEqual({ ...common, places: undefined });
    const status = statusText(protocol, "n1", "default/web", ["a", "b"]);
    expect(foundStatus(protocol, "n1", { ...object, status })).toEqual({
      ...common,
      places: ["a", "b"],
    });
    expect(foundStatus(protocol, "n2", { ...object, status })).toBeUndefined();
    expect(foundStatus(protocol, "n2", object)).toBeUndefined();
  });

  it("says what MetalLB's says", () => {
    const names = { node: "n1", serviceName: "web", serviceNamespace: "default" };
    expect(statusText("layer2", "n1", "default/web", ["eth0"])).toEqual({
      ...names,
      interfaces: [{ name: "eth0" }],
    });
    expect(statusText("bgp", "n1", "default/web", ["tor"])).toEqual({ ...names, peers: ["tor"] });
  });

  it("has a label that Kubernetes takes, however long the node's name is", () => {
    const long = (end: string) => `${"node.".repeat(20)}${end}`;
    expect(nodeLabel(long("a"))).toMatch(/^[a-z0-9][-.a-z0-9]{0,61}[a-z0-9]$/);
    expect(nodeLabel(long("a"))).not.toBe(nodeLabel(long("b")));
    const object = statusObject("layer2", { ...at, node: long("a") });
    expect(foundStatus("layer2", long("a"), object)?.service).toBe("default/web");
  });

  it("is a record once it says something", () => {
    const object = statusObject("layer2", at);
    expect(project("l2Status", object)).toBeUndefined();
    const status = statusText("layer2", "n1", "default/web", ["eth0"]);
    expect(project("l2Status", { ...object, status })).toMatchObject({
      ok: true,
      record: { node: "n1", service: "default/web", interfaces: ["eth0"] },
    });
  });
});

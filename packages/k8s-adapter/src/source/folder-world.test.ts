import { beforeEach, describe, expect, it } from "vitest";
import type { Kind } from "../domain.ts";
import { readManifest } from "./folder-manifest.ts";
import { FolderWorld } from "./folder-world.ts";

const KINDS = new Set<Kind>(["service", "pool", "l2Advertisement"]);

function objects(text: string) {
  const manifest = readManifest(text, { kinds: KINDS, namespace: "sys" });
  if (!manifest.ok) throw new Error(manifest.message);
  return manifest.objects;
}

const pool = (name: string, address: string) =>
  objects(
    `{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {name: ${name}}, spec: {addresses: [${address}]}}`,
  );
const service = (name: string, spec = "{type: LoadBalancer}") =>
  objects(`{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: ${spec}}`);

describe("folder world", () => {
  let world: FolderWorld;
  beforeEach(() => {
    world = new FolderWorld();
  });

  /** What is told, in short. */
  const told = () =>
    world.changes().map((event) => {
      if (event.type === "put") {
        const { record } = event;
        return `put ${record.key} ${"addresses" in record ? record.addresses.join() : ""}`.trim();
      }
      if (event.type === "delete") return `delete ${event.key}`;
      return event.type === "rejected"
        ? `rejected ${event.error.key} ${event.error.field}: ${event.error.message}`
        : event.type;
    });

  it("tells objects as they come, change and go, and nothing twice", () => {
    world.setFile("a.yaml", pool("p", "192.0.2.0/24"));
    expect(told()).toEqual(["put sys/p 192.0.2.0/24"]);
    expect(told()).toEqual([]);
    world.setFile("a.yaml", pool("p", "192.0.2.0/24"));
    expect(told()).toEqual([]);
    world.setFile("a.yaml", pool("p", "192.0.2.0/25"));
    expect(told()).toEqual(["put sys/p 192.0.2.0/25"]);
    world.setFile("a.yaml", []);
    expect(told()).toEqual(["delete sys/p"]);
  });

  it("keeps the last good form of a broken object, and says when it is mended", () => {
    world.setFile("a.yaml", pool("p", "192.0.2.0/24"));
    told();
    world.setFile("a.yaml", pool("p", "nonsense"));
    expect(told()).toEqual([
      'rejected sys/p spec.addresses[0]: a.yaml line 1: invalid CIDR "nonsense"',
    ]);
    world.setFile("a.yaml", pool("p", "nonsense"));
    expect(told()).toEqual([]);
    world.setFile("a.yaml", pool("p", "192.0.2.0/24"));
    expect(told()).toEqual(["put sys/p 192.0.2.0/24"]);
  });

  it("takes back the error of an object that never was good", () => {
    world.setFile("a.yaml", pool("p", "nonsense"));
    expect(told()).toHaveLength(1);
    world.setFile("a.yaml", []);
    expect(told()).toEqual(["delete sys/p"]);
  });

  it("refuses an object that is in two files, naming both, until one is gone", () => {
    world.setFile("b.yaml", pool("p", "192.0.2.0/24"));
    told();
    world.setFile("a.yaml", pool("p", "198.51.100.0/24"));
    expect(told()).toEqual([
      "rejected sys/p : is there more than once: a.yaml line 1 and b.yaml line 1; in force is b.yaml line 1",
    ]);
    world.setFile("b.yaml", []);
    expect(told()).toEqual(["put sys/p 198.51.100.0/24"]);
  });

  it("refuses an object that is in one file twice", () => {
    world.setFile("a.yaml", [...pool("p", "192.0.2.0/24"), ...pool("p", "198.51.100.0/24")]);
    expect(told()).toEqual([
      "put sys/p 192.0.2.0/24",
      "rejected sys/p : is there more than once: a.yaml line 1 and a.yaml line 1; in force is a.yaml line 1",
    ]);
  });

  it("follows an object from one file to another", () => {
    world.setFile("a.yaml", pool("p", "192.0.2.0/24"));
    told();
    world.setFile("b.yaml", pool("p", "192.0.2.0/24"));
    world.setFile("a.yaml", []);
    expect(told()).toEqual([]);
  });

  it("keeps what a file held that cannot be read any more", () => {
    world.setFile("a.yaml", [...pool("p", "192.0.2.0/24"), ...service("web")]);
    told();
    world.breakFile("a.yaml", "a.yaml line 3 is not YAML: oops");
    expect(told()).toEqual([
      "rejected sys/p : a.yaml line 3 is not YAML: oops",
      "rejected default/web : a.yaml line 3 is not YAML: oops",
    ]);
    world.setFile("a.yaml", pool("p", "192.0.2.0/24"));
    expect(told()).toEqual(["put sys/p 192.0.2.0/24", "delete default/web"]);
  });

  it("tells pools before Services, and takes Services away before pools", () => {
    world.setFile("a.yaml", [...service("web"), ...pool("p", "192.0.2.0/24")]);
    expect(told()).toEqual(["put sys/p 192.0.2.0/24", "put default/web"]);
    world.setFile("a.yaml", []);
    expect(told()).toEqual(["delete default/web", "delete sys/p"]);
  });

  it("merges the state of a Service, whichever comes first", () => {
    world.setState("default/web", {
      addresses: ["192.0.2.1"],
      annotations: { "ingot.dev/x": "1" },
    });
    world.setFile("a.yaml", service("web"));
    expect(world.changes()).toMatchObject([
      {
        record: {
          ingress: ["192.0.2.1"],
          annotations: { "ingot.dev/x": "1" },
          uid: "service/default/web",
        },
      },
    ]);
    world.setState("default/web", { addresses: ["192.0.2.2"], annotations: {} });
    const [event] = world.changes();
    expect(event).toMatchObject({ record: { ingress: ["192.0.2.2"], annotations: {} } });
    expect(event?.type === "put" && event.record.resourceVersion).toBe(
      world.service("default/web")?.resourceVersion,
    );
    world.setState("default/web", undefined);
    expect(world.changes()).toMatchObject([{ record: { ingress: [] } }]);
  });

  it("merges the state with the last good form, too", () => {
    world.setFile("a.yaml", service("web"));
    told();
    world.setFile("a.yaml", service("web", "{type: LoadBalancer, ports: [{port: http}]}"));
    told();
    world.setState("default/web", { addresses: ["192.0.2.2"], annotations: {} });
    expect(world.changes()).toMatchObject([
      { type: "put", record: { ingress: ["192.0.2.2"] } },
      { type: "rejected", error: { field: "spec.ports[0].port" } },
    ]);
  });

  it("keeps a Service that is broken only in the light of its state", () => {
    const annotations = { "metallb.io/ip-allocated-from-pool": "p" };
    world.setState("default/web", { addresses: ["192.0.2.1"], annotations });
    world.setFile("a.yaml", service("web"));
    told();
    world.setFile("a.yaml", service("web", "{type: ClusterIP, ports: [{port: http}]}"));
    expect(told()).toEqual([
      'rejected default/web spec.ports[0].port: a.yaml line 1: must be a number, got "http"',
    ]);
  });

  it("tells a Service only while it is of interest", () => {
    world.setFile("a.yaml", service("web", "{type: ClusterIP}"));
    expect(told()).toEqual([]);
    world.setFile("a.yaml", service("web"));
    expect(told()).toEqual(["put default/web"]);
    world.setFile("a.yaml", service("web", "{type: ClusterIP}"));
    expect(told()).toEqual(["delete default/web"]);
  });
});

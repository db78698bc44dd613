import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import type { Kind } from "../domain.ts";
import { readManifest } from "./folder-manifest.ts";

const KINDS = new Set<Kind>(["service", "endpointSlice", "node", "pool", "l2Advertisement"]);
const read = (text: string) => readManifest(text, { kinds: KINDS, namespace: "metallb-system" });

function objectsIn(text: string) {
  const manifest = read(text);
  if (!manifest.ok) throw new Error(manifest.message);
  return manifest.objects.map(({ kind, key, line, problem }) => ({ kind, key, line, problem }));
}

const POOL = `apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata:
  name: lan
spec:
  addresses: [192.0.2.0/24]
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer }
`;

describe("manifest", () => {
  it("holds several documents, in the namespaces that they are in", () => {
    const text = `# pools\n---\n${POOL}---\n---\n${SERVICE}---\n${SERVICE.replace("web", "web, namespace: shop")}`;
    expect(objectsIn(text)).toEqual([
      { kind: "pool", key: "metallb-system/lan", line: 3, problem: undefined },
      { kind: "service", key: "default/web", line: 11, problem: undefined },
      { kind: "service", key: "shop/web", line: 16, problem: undefined },
    ]);
  });

  it("holds lists, of kinds that are said once or each time", () => {
    const list = (kind: string, items: unknown[]) =>
      JSON.stringify({ apiVersion: "v1", kind, items }, null, "\t");
    const text = list("List", [parse(SERVICE), parse(POOL)]);
    expect(objectsIn(text)).toMatchObject([
      { key: "default/web" },
      { key: "metallb-system/lan", line: 15 },
    ]);
    const { apiVersion, kind, ...service } = parse(SERVICE);
    expect(objectsIn(list("ServiceList", [service]))).toMatchObject([{ kind: "service" }]);
    expect([apiVersion, kind]).toEqual(["v1", "Service"]);
  });

  it("leaves out configuration of another namespace, as MetalLB does", () => {
    const text = `${POOL.replace("lan", "lan\n  namespace: shop")}---\n${POOL}`;
    expect(read(text)).toMatchObject({
      objects: [{ key: "metallb-system/lan" }],
      strays: [{ line: 1, what: "IPAddressPool shop/lan", is: "elsewhere" }],
    });
  });

  it("puts nodes into no namespace", () => {
    const node = "apiVersion: v1\nkind: Node\nmetadata: { name: n1, namespace: x }\n";
    expect(objectsIn(node)).toMatchObject([{ kind: "node", key: "n1", problem: undefined }]);
  });

  it("tells versions of a kind's group alike, and of other groups apart", () => {
    const slice =
      "apiVersion: discovery.k8s.io/v1beta1\nkind: EndpointSlice\nmetadata: { name: a }\n";
    expect(objectsIn(slice)).toMatchObject([{ kind: "endpointSlice" }]);
    expect(objectsIn(slice.replace("discovery.", "other."))).toEqual([]);
  });

  it.each([
    ["[0]", `${POOL}  autoAssign: "no"\n`, 7, "spec.autoAssign"],
    [
      "in a list",
      POOL.replace("[192.0.2.0/24]", "\n  - 192.0.2.0/24\n  - nonsense"),
      8,
      "spec.addresses[1]",
    ],
    [
      "a missing field",
      POOL.replace(/ {2}addresses.*\n/, "  autoAssign: true\n"),
      6,
      "spec.addresses",
    ],
    ["a name", POOL.replace("lan", "LAN_1"), 4, "metadata.name"],
    ["no name", POOL.replace("name: lan", "labels: {}"), 4, "metadata.name"],
    ["a namespace", POOL.replace("lan", "lan\n  namespace: ../etc"), 5, "metadata.namespace"],
  ])("finds the line of what is wrong: %s", (_, text, line, field) => {
    expect(objectsIn(text)).toMatchObject([{ kind: "pool", problem: { line, field } }]);
  });

  it("names the fields that a kind does not have", () => {
    expect(read(`${POOL}  autoasign: false\n`)).toMatchObject({
      objects: [{ problem: undefined, unknown: ["spec.autoasign"] }],
    });
  });

  it("tells what is not of interest from what is no object", () => {
    const text =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\n---\njust text\n---\nkind: Pod\n";
    expect(read(text)).toEqual({
      ok: true,
      objects: [],
      strays: [
        { line: 1, what: 'apps/v1 Deployment "web"', is: "foreign" },
        { line: 5, what: '"just text"', is: "nothing" },
        { line: 7, what: "an object without apiVersion and kind", is: "nothing" },
      ],
    });
  });

  it.each([
    [`${POOL}\n  oops: [1,\nb: 2`, 9],
    ["a: 1\na: 2", 2],
    ["a: *nothing", 1],
  ])("says where %j is not YAML", (text, line) => {
    const manifest = read(text);
    expect(manifest).toMatchObject({
      ok: false,
      line,
      message: expect.stringMatching(/^\S.*[^:\n]$/),
    });
  });

  it("has a version that changes with what it says, and not with how", () => {
    const versionOf = (text: string) => {
      const manifest = read(text);
      return manifest.ok ? manifest.objects[0]?.version : undefined;
    };
    expect(versionOf(POOL)).toBe(versionOf(`# a comment\n${JSON.stringify(parse(POOL))}`));
    expect(versionOf(POOL)).not.toBe(versionOf(POOL.replace("/24", "/25")));
  });

  it("answers any text and any JSON without throwing", () => {
    const document = fc.oneof(
      fc.string(),
      fc.jsonValue().map((value) => stringify(value)),
      fc.jsonValue().map((metadata) => stringify({ apiVersion: "v1", kind: "Service", metadata })),
    );
    fc.assert(
      fc.property(fc.array(document, { maxLength: 3 }), (documents) => {
        expect(read(documents.join("\n---\n"))).toHaveProperty("ok");
      }),
    );
  });
});

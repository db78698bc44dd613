import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { crdYaml } from "./crds.ts";

it("is what deploy/crds.yaml holds", () => {
  const committed = readFileSync(new URL("../../deploy/crds.yaml", import.meta.url), "utf8");
  // When this fails: node packages/k8s-adapter/dist/main.js crds > packages/k8s-adapter/deploy/crds.yaml
  expect(committed).toBe(crdYaml());
});

it("is one YAML document a kind, without aliases", () => {
  const documents = parseAllDocuments(crdYaml());
  expect(documents.map((document) => document.errors)).toEqual(Array(9).fill([]));
  expect(documents.map((document) => document.get("kind"))).toEqual(
    Array(9).fill("CustomResourceDefinition"),
  );
  expect(crdYaml()).not.toMatch(/[:-] [*&]\w/);
});

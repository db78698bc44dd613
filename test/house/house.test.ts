import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "");
const read = (file: string): string => readFileSync(file, "utf8");
const json = (file: string) => JSON.parse(read(file)) as Record<string, Record<string, unknown>>;
const sources = files.filter((file) => /\.(ts|mjs)$/.test(file));
const examples = sources.filter((file) => /^examples\/.*\.ts$/.test(file)).map(read);

/** What a package may import of Ingot's own. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  allocator: [],
  arp: [],
  bfd: [],
  bgp: [],
  linux: [],
  ndp: [],
  ownership: [],
  "k8s-adapter": [
    "@ingot/allocator",
    "@ingot/arp",
    "@ingot/bfd",
    "@ingot/bgp",
    "@ingot/linux",
    "@ingot/ndp",
    "@ingot/ownership",
  ],
};
const PURE = ["allocator", "arp", "bfd", "bgp", "ndp", "ownership"];

describe("the house", () => {
  it("has no file of code over 350 lines", () => {
    const long = sources.filter((file) => read(file).split("\n").length > 351);
    expect(long).toEqual([]);
  });

  it.each(Object.entries(ARROWS))("lets %s depend on nothing of ours but %j", (name, allowed) => {
    const { dependencies = {} } = json(`packages/${name}/package.json`);
    const ours = Object.keys(dependencies).filter((dependency) => dependency.startsWith("@ingot/"));
    expect(ours.sort()).toEqual([...allowed]);
  });

  it.each(PURE)("compiles %s without the types of Node", (name) => {
    expect(json(`packages/${name}/tsconfig.json`)["compilerOptions"]?.["types"]).toEqual([]);
  });

  it("pins every dependency to one version", () => {
    const manifests = files.filter((file) => /(^|\/)package\.json$/.test(file));
    const loose = manifests.flatMap((file) => {
      const { dependencies = {}, devDependencies = {} } = json(file);
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))
        .map(([name, version]) => `${file}: ${name} ${String(version)}`);
    });
    expect(loose).toEqual([]);
  });

  it("begins its README with the two commands", () => {
    const commands = read("README.md")
      .split("\n")
      .filter((line) => line.startsWith("npm ci"))
      .map((line) => line.replace(/\s+#.*/, ""));
    expect(commands.slice(0, 2)).toEqual(["npm ci && npm start", "npm ci && npm test"]);
  });

  it.each(Object.keys(ARROWS))("quotes in the README of %s only what runs in examples/", (name) => {
    const blocks = read(`packages/${name}/README.md`).matchAll(/```(?:ts|js)\n([\s\S]*?)```/g);
    const quoted = Array.from(blocks, ([, block = ""]) => block.split("\n")).flat();
    const lines = new Set(examples.flatMap((text) => text.split("\n").map((line) => line.trim())));
    const strange = quoted
      .map((line) => line.trim())
      .filter((line) => line !== "" && !lines.has(line));
    expect(strange).toEqual([]);
  });

  it("has a doc comment on every export", () => {
    const bare = sources
      .filter((file) => /^packages\/[^/]+\/src\//.test(file) && !file.endsWith(".test.ts"))
      .flatMap((file) => {
        const lines = read(file).split("\n");
        return lines.flatMap((line, index) => {
          const exported =
            /^export (async |abstract )?(function|class|interface|type|const) \w/.test(line);
          const before = lines.slice(0, index).findLast((other) => other.trim() !== "") ?? "";
          return exported && !before.trimEnd().endsWith("*/") ? [`${file}: ${line}`] : [];
        });
      });
    expect(bare).toEqual([]);
  });
});

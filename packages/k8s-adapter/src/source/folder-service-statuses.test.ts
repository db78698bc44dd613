import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderBench, type OpenedSource } from "../testing/folder-bench.ts";

let bench: FolderBench;
let opened: OpenedSource;
beforeEach(() => {
  bench = new FolderBench();
  opened = bench.open();
  opened.start(["l2Status"]);
});
afterEach(() => bench.close());

const folder = (name: string) => join(bench.status, name);
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe("folder source, what a node says about Services", () => {
  it("is a file each, which is read as a record by who asks", async () => {
    const statuses = opened.source.serviceStatuses("n1.example");
    statuses.set("layer2", "default/web", ["eth0"]);
    statuses.set("bgp", "default/web", ["tor"]);
    const file = join(folder("layer2"), "default.web.n1.example.yaml");
    await until(() => existsSync(file) && existsSync(folder("bgp")));
    expect(readFileSync(file, "utf8")).toContain("kind: ServiceL2Status");
    opened.told();
    opened.changed("default.web.n1.example.yaml", folder("layer2"));
    expect(opened.events).toMatchObject([
      {
        kind: "l2Status",
        record: { node: "n1.example", service: "default/web", interfaces: ["eth0"] },
      },
    ]);
    statuses.set("layer2", "default/web", undefined);
    await until(() => !existsSync(file));
  });

  it("is younger than what a program before said, though it says the same", async () => {
    const file = join(folder("layer2"), "default.web.n1.yaml");
    const ageOf = () => /creationTimestamp: (\S+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    const before = opened.source.serviceStatuses("n1");
    before.set("layer2", "default/web", []);
    await until(() => existsSync(file) && ageOf() !== "");
    writeFileSync(file, readFileSync(file, "utf8").replace(ageOf(), "1969-05-06T12:00:00.000Z"));
    const statuses = bench.open().source.serviceStatuses("n1");
    statuses.set("layer2", "default/web", []);
    await until(() => ageOf() !== "1969-05-06T12:00:00.000Z");
    const age = ageOf();
    statuses.set("layer2", "default/web", ["eth0"]);
    await until(() => readFileSync(file, "utf8").includes("eth0"));
    expect(ageOf()).toBe(age);
  });

  it("of a program before is removed once all is said, and all of it at the end; others' never", async () => {
    const put = (name: string) => writeFileSync(join(folder("layer2"), name), "kind: x\n");
    put("default.gone.n1.yaml");
    put("default.gone.n2.yaml");
    const statuses = opened.source.serviceStatuses("n1");
    statuses.set("layer2", "default/web", []);
    statuses.complete();
    opened.clock.advance(5_000);
    const files = () => readdirSync(folder("layer2")).filter((name) => !name.startsWith("."));
    await until(() => files().join() === "default.gone.n2.yaml,default.web.n1.yaml");
    await opened.source.close();
    expect(files()).toEqual(["default.gone.n2.yaml"]);
  });
});

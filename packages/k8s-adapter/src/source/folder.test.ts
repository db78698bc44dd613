import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderBench, POOL, SERVICE } from "../testing/folder-bench.ts";

let bench: FolderBench;
beforeEach(() => {
  bench = new FolderBench();
});
afterEach(() => bench.close());

describe("folder source, reading", () => {
  it("tells what there is, then that it is all, then changes", () => {
    bench.put("all.yaml", `${SERVICE}---\n${POOL}`);
    const opened = bench.open();
    opened.start();
    expect(opened.told()).toEqual([
      "connected service",
      "connected pool",
      "connected speaker",
      "put pool metallb-system/lan",
      "put service default/web",
      "synced service",
      "synced pool",
      "synced speaker",
    ]);
    bench.put("all.yaml", SERVICE);
    bench.put("more.json", JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }));
    opened.changed("all.yaml");
    expect(opened.told()).toEqual(["delete pool metallb-system/lan"]);
  });

  it("says which folder is missing, waits for it, and takes it when it has been filled", () => {
    rmSync(bench.directory, { recursive: true });
    const opened = bench.open();
    opened.start(["pool"]);
    const reason = `folder ${bench.directory} does not exist`;
    expect(opened.events).toEqual([{ type: "connection", kind: "pool", connected: false, reason }]);
    expect(opened.logger.lines).toEqual([`warn ${reason}; waiting for it {}`]);
    opened.told();
    mkdirSync(bench.directory);
    bench.put("a.yaml", POOL);
    opened.clock.advance(250);
    expect(opened.told()).toEqual([]);
    opened.clock.advance(100);
    expect(opened.told()).toEqual(["connected pool", "put pool metallb-system/lan", "synced pool"]);
  });

  it("keeps everything while the folder is away, and tells the differences when it is back", () => {
    bench.put("a.yaml", POOL);
    bench.put("b.yaml", SERVICE);
    const opened = bench.open();
    opened.start(["pool", "service"]);
    opened.told();
    renameSync(bench.directory, `${bench.directory}-away`);
    opened.clock.advance(5_000);
    expect(opened.told()).toEqual(["disconnected pool", "disconnected service"]);
    rmSync(join(`${bench.directory}-away`, "b.yaml"));
    renameSync(`${bench.directory}-away`, bench.directory);
    opened.clock.advance(350);
    expect(opened.told()).toEqual([
      "connected pool",
      "connected service",
      "delete service default/web",
    ]);
  });

  it("finds by itself what no watch told", () => {
    const opened = bench.open();
    opened.start(["pool"]);
    opened.told();
    bench.put("a.yaml", POOL);
    opened.clock.advance(4_999);
    expect(opened.told()).toEqual([]);
    opened.clock.advance(101);
    expect(opened.told()).toEqual(["put pool metallb-system/lan"]);
  });

  it("looks often when folders cannot be watched, and says so", () => {
    const opened = bench.open("nobody");
    opened.start(["pool"]);
    expect(opened.logger.lines.filter((line) => line.includes("cannot be watched"))).toHaveLength(
      4,
    );
    opened.told();
    bench.put("a.yaml", POOL);
    opened.clock.advance(350);
    expect(opened.told()).toEqual(["put pool metallb-system/lan"]);
    expect(opened.logger.lines.filter((line) => line.includes("cannot be watched"))).toHaveLength(
      4,
    );
  });

  it("keeps what a file held that is no YAML any more, and names file and line", () => {
    bench.put("a.yaml", POOL);
    const opened = bench.open();
    opened.start(["pool"]);
    opened.told();
    bench.put("a.yaml", `${POOL}  broken: [\n---\n`);
    opened.changed("a.yaml");
    const where = /a\.yaml line \d+ is not YAML: /;
    expect(opened.told()).toEqual([
      expect.stringMatching(/^rejected metallb-system\/lan a\.yaml line \d/),
    ]);
    expect(opened.logger.lines.at(-1)).toMatch(where);
    bench.put("a.yaml", POOL);
    opened.changed("a.yaml");
    expect(opened.told()).toEqual(["put pool metallb-system/lan"]);
  });

  it("says what it does not take: other kinds quietly, unknown fields and other things aloud", () => {
    bench.put(
      "a.yaml",
      `kind: Pod\napiVersion: v1\nmetadata: { name: p }\n---\nhello\n---\n${POOL}  autoasign: false\n`,
    );
    const opened = bench.open();
    opened.start();
    expect(opened.logger.lines).toEqual([
      'debug v1 Pod "p" is of no interest {"file":"a.yaml","line":1}',
      'error a.yaml line 5: not a Kubernetes object: "hello" {"file":"a.yaml","line":5}',
      'warn a.yaml line 7: there is no field spec.autoasign; it is ignored {"kind":"pool","object":"metallb-system/lan","field":"spec.autoasign"}',
    ]);
  });

  it("is silent once it is closed", async () => {
    const opened = bench.open();
    opened.start();
    opened.told();
    await opened.source.close();
    bench.put("a.yaml", POOL);
    opened.changed("a.yaml");
    opened.clock.advance(60_000);
    expect(opened.told()).toEqual([]);
    expect(opened.clock.pending).toBe(0);
  });
});

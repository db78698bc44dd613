import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controllerReport } from "../configuration-state.ts";
import { FolderBench, POOL, SERVICE } from "../testing/folder-bench.ts";

let bench: FolderBench;
beforeEach(() => {
  bench = new FolderBench();
});
afterEach(() => bench.close());

describe("folder source, writing", () => {
  const write = (resourceVersion: string, addresses: string[], annotations = {}) => ({
    key: "default/web",
    resourceVersion,
    addresses,
    annotations,
  });

  it("writes the status of a Service where it is read, with the annotations in one", async () => {
    bench.put("web.yaml", SERVICE);
    const opened = bench.open();
    opened.start();
    const annotations = { "metallb.io/ip-allocated-from-pool": "lan" };
    const { resourceVersion } = opened.service();
    expect(
      await opened.source.writeServiceStatus(write(resourceVersion, ["192.0.2.1"], annotations)),
    ).toBe("written");
    expect(opened.service()).toMatchObject({
      ingress: ["192.0.2.1"],
      annotations: { "metallb.io/address-pool": "lan", ...annotations },
    });
    expect(readFileSync(join(bench.status, "services", "default.web.yaml"), "utf8")).toContain(
      "- ip: 192.0.2.1",
    );
    expect(opened.service().resourceVersion).not.toBe(resourceVersion);
    const next = write(opened.service().resourceVersion, [], {
      "metallb.io/ip-allocated-from-pool": null,
    });
    expect(await opened.source.writeServiceStatus(next)).toBe("written");
    expect(opened.service()).toMatchObject({ ingress: [], resourceVersion });
    expect(readdirSync(join(bench.status, "services"))).toEqual([]);
  });

  it("says what is wrong with the configuration in a file, and leaves it to its last word", async () => {
    const opened = bench.open();
    opened.start();
    const error = { kind: "pool", key: "metallb-system/lan", field: "", message: "no" } as const;
    opened.source.reportConfiguration(controllerReport([error]));
    opened.source.reportConfiguration(undefined);
    await opened.source.close();
    const file = readFileSync(join(bench.status, "configuration", "controller.yaml"), "utf8");
    expect(file).toContain("kind: ConfigurationState");
    expect(file).toContain('errorSummary: "IPAddressPool metallb-system/lan: no"');
  });

  it.each([
    ["is in no manifest", undefined],
    ["is in one", "apiVersion: v1\nkind: Node\nmetadata: { name: n1, labels: { rack: r1 } }\n"],
  ])("notes that a node is evacuated that %s, and takes it back", async (_, manifest) => {
    if (manifest !== undefined) bench.put("node.yaml", manifest);
    const opened = bench.open();
    opened.start(["node"]);
    const last = () => {
      const event = opened.events.findLast((e) => e.type === "put" || e.type === "delete");
      return event?.type === "put" && event.kind === "node" ? event.record : undefined;
    };
    await opened.source.markEvacuated("n1", true);
    expect(last()).toMatchObject({ key: "n1", evacuated: true });
    const labels = manifest === undefined ? {} : { rack: "r1" };
    expect(last()?.labels).toEqual(labels);
    const other = bench.open();
    other.start(["node"]);
    expect(other.told()).toContain("put node n1");
    await opened.source.markEvacuated("n1", false);
    if (manifest === undefined) expect(last()).toBeUndefined();
    else expect(last()).toMatchObject({ evacuated: false, labels });
    expect(readdirSync(join(bench.status, "nodes"))).toEqual([]);
  });

  it("keeps the reservations of a pool in a file, which goes before its manifest", async () => {
    const listed = POOL.replace(
      "name: lan",
      'name: lan\n  annotations: { "ingot.dev/reservations": "192.0.2.1=a/b" }',
    );
    bench.put("pool.yaml", listed);
    const opened = bench.open();
    opened.start(["pool"]);
    const last = (of = opened) => {
      const event = of.events.findLast((each) => each.type === "put");
      return event?.type === "put" && event.kind === "pool" ? event.record : undefined;
    };
    expect(last()?.reservations).toEqual([{ address: "192.0.2.1", service: "a/b" }]);
    const write = (text: string, resourceVersion = last()?.resourceVersion ?? "") =>
      opened.source.writeReservations({ key: "metallb-system/lan", resourceVersion, text });
    const stale = last()?.resourceVersion;
    expect(await write("192.0.2.1=a/b,192.0.2.2=a/c")).toBe("written");
    expect(last()?.reservations).toHaveLength(2);
    expect(await write("", stale)).toBe("conflict");
    const other = bench.open();
    other.start(["pool"]);
    expect(last(other)?.reservations).toHaveLength(2);
    expect(await write("")).toBe("written");
    expect(last()?.reservations).toEqual([]);
    bench.put("pool.yaml", listed.replace("192.0.2.0/24", "192.0.2.0/25"));
    opened.changed("pool.yaml");
    expect(last()).toMatchObject({ addresses: ["192.0.2.0/25"], reservations: [] });
  });

  it("keeps the speakers' key in a file for its owner alone, and answers conflict to a stale write", async () => {
    const opened = bench.open();
    opened.start(["ownershipKey"]);
    const current = Buffer.alloc(32, 7).toString("base64");
    const keys = { current, next: "", previous: "", rotationAsked: false };
    const write = (resourceVersion: string | undefined) =>
      opened.source.writeOwnershipKey({ ...keys, resourceVersion });
    expect(await write(undefined)).toBe("written");
    const file = join(bench.status, "keys", "ingot-ownership-key.yaml");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const put = opened.events.find((event) => event.type === "put");
    expect(put).toMatchObject({ kind: "ownershipKey", record: keys });
    expect(await write(undefined)).toBe("conflict");
    const version = put?.type === "put" ? put.record.resourceVersion : undefined;
    expect(await write(version)).toBe("written");
  });

  it("answers conflict to a stale write, and gone where there is no Service", async () => {
    bench.put("web.yaml", SERVICE);
    const opened = bench.open();
    opened.start();
    const stale = opened.service().resourceVersion;
    bench.put("web.yaml", SERVICE.replace("80", "443"));
    opened.changed("web.yaml");
    expect(await opened.source.writeServiceStatus(write(stale, ["192.0.2.1"]))).toBe("conflict");
    rmSync(join(bench.directory, "web.yaml"));
    opened.changed("web.yaml");
    expect(await opened.source.writeServiceStatus(write(stale, ["192.0.2.1"]))).toBe("gone");
  });

  it("honours what another process wrote a moment ago, although no watch told it", async () => {
    bench.put("web.yaml", SERVICE);
    const [one, other] = [bench.open(), bench.open()];
    one.start();
    other.start();
    const { resourceVersion } = one.service();
    expect(other.service().resourceVersion).toBe(resourceVersion);
    await one.source.writeServiceStatus(write(resourceVersion, ["192.0.2.1"]));
    expect(await other.source.writeServiceStatus(write(resourceVersion, ["192.0.2.2"]))).toBe(
      "conflict",
    );
    expect(other.service().ingress).toEqual(["192.0.2.1"]);
  });

  it("does not touch a file that says it already", async () => {
    bench.put("web.yaml", SERVICE);
    const opened = bench.open();
    opened.start();
    await opened.source.writeServiceStatus(write(opened.service().resourceVersion, ["192.0.2.1"]));
    const { resourceVersion } = opened.service();
    opened.told();
    expect(await opened.source.writeServiceStatus(write(resourceVersion, ["192.0.2.1"]))).toBe(
      "written",
    );
    expect(opened.told()).toEqual([]);
  });

  it("names the file that it cannot write", async () => {
    bench.put("web.yaml", SERVICE);
    const opened = bench.open();
    opened.start();
    rmSync(join(bench.status, "services"), { recursive: true });
    writeFileSync(join(bench.status, "services"), "in the way");
    await expect(
      opened.source.writeServiceStatus(write(opened.service().resourceVersion, ["192.0.2.1"])),
    ).rejects.toThrow("services/default.web.yaml could not be written");
  });

  it("clears up after a Service that is gone, if it is the one that writes", async () => {
    bench.put("web.yaml", SERVICE);
    const [writer, reader] = [bench.open(), bench.open()];
    writer.start();
    reader.start();
    await writer.source.writeServiceStatus(write(writer.service().resourceVersion, ["192.0.2.1"]));
    rmSync(join(bench.directory, "web.yaml"));
    reader.changed("web.yaml");
    await reader.source.close();
    expect(readdirSync(join(bench.status, "services"))).toEqual(["default.web.yaml"]);
    writer.changed("web.yaml");
    await writer.source.close();
    expect(readdirSync(join(bench.status, "services"))).toEqual([]);
  });

  it("keeps the state that it knows when somebody breaks its file", async () => {
    bench.put("web.yaml", SERVICE);
    const opened = bench.open();
    opened.start();
    await opened.source.writeServiceStatus(write(opened.service().resourceVersion, ["192.0.2.1"]));
    opened.told();
    writeFileSync(join(bench.status, "services", "default.web.yaml"), "metadata: 5");
    opened.changed("default.web.yaml", join(bench.status, "services"));
    expect(opened.told()).toEqual([]);
    expect(opened.logger.lines.at(-1)).toMatch(
      /^error services\/default.web.yaml is broken: metadata must be an object/,
    );
  });

  it("tells the signs of life, and the goodbye", async () => {
    const opened = bench.open();
    opened.start();
    const interfaces = [{ name: "eth0", subnets: ["192.0.2.0/24"] }];
    await opened.source.renewSpeaker({ node: "n1", durationMs: 5_000, interfaces });
    opened.changed("n1.yaml", join(bench.status, "speakers"));
    expect(opened.events.at(-1)).toMatchObject({
      record: {
        key: "metallb-system/ingot-speaker-n1",
        node: "n1",
        held: true,
        durationMs: 5_000,
        renewal: "1970-01-01T00:00:00.000000Z",
        interfaces,
      },
    });
    await opened.source.releaseSpeaker("n1");
    opened.changed("n1.yaml", join(bench.status, "speakers"));
    expect(opened.events.at(-1)).toMatchObject({ record: { node: "n1", held: false, interfaces } });
    await expect(opened.source.releaseSpeaker("../n1")).rejects.toThrow('node "../n1"');
  });

  it("appends events, and never fails for one", async () => {
    const opened = bench.open();
    const event = {
      namespace: "default",
      name: "web",
      uid: "u",
      type: "Normal",
      reason: "IPAllocated",
      message: 'Assigned IP ["192.0.2.1"]',
    } as const;
    await opened.source.emitEvent(event);
    await opened.source.emitEvent(event);
    const lines = readFileSync(join(bench.status, "events.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      Array(2).fill({ time: "1970-01-01T00:00:00.000Z", ...event }),
    );
    rmSync(bench.status, { recursive: true });
    writeFileSync(bench.status, "in the way");
    await opened.source.emitEvent(event);
    expect(opened.logger.lines.at(-1)).toMatch(/^warn an event could not be written/);
  });
});

describe("folder source, watched by the machine", () => {
  it("sees what another source wrote as soon as its file is there", async () => {
    bench.put("web.yaml", SERVICE);
    const [controller, speaker] = [bench.open("machine"), bench.open("machine")];
    controller.start();
    speaker.start();
    await controller.source.writeServiceStatus({
      key: "default/web",
      resourceVersion: controller.service().resourceVersion,
      addresses: ["192.0.2.1"],
      annotations: {},
    });
    await speaker.moments.until(() => speaker.service().ingress.includes("192.0.2.1"));
    await controller.source.renewSpeaker({ node: "n1", durationMs: 5_000, interfaces: [] });
    await speaker.moments.until(() =>
      speaker.events.some((e) => e.type === "put" && e.kind === "speaker"),
    );
  });
});

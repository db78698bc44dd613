import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab, type LabNamespace, type RunResult, until } from "@ingot/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { INGOT } from "../support/ingot.ts";
import { serviceManifest } from "../support/manifests.ts";
import { suite } from "../support/suite.ts";

const NODES = ["n1", "n2"] as const;

const configuration = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: { name: lan }
spec: { addresses: [10.77.0.100-10.77.0.103] }
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: { name: all }
---${["s1", "s2", "s3", "s4"].map((name) => serviceManifest(name)).join("---")}`;

suite("an operator's commands, on a folder of manifests", ["netns", "arping"], () => {
  let lab: Lab;
  let client: LabNamespace;
  const macs = new Map<string, string>();

  beforeAll(async () => {
    lab = await Lab.create();
    const sw = await lab.namespace("sw");
    await lab.bridge(sw, "lan");
    client = await lab.namespace("c1");
    const hosts = [client];
    for (const name of NODES) hosts.push(await lab.namespace(name));
    for (const [i, ns] of hosts.entries()) {
      const mac = `02:00:00:00:00:0${i + 1}`;
      const end = { ns, name: "eth0", mac, addresses: [`10.77.0.${i + 1}/24`] };
      await lab.link(end, { ns: sw, name: `p${i}`, bridge: "lan" });
      if (i > 0) macs.set(mac, NODES[i - 1] ?? "");
    }
    mkdirSync(join(lab.directory, "manifests"));
    writeFileSync(join(lab.directory, "manifests", "all.yaml"), configuration);
    const [, first] = hosts;
    for (const [i, node] of NODES.entries()) {
      const args = ["speaker", "--node-name", node, ...FLAGS, ...folder()];
      hosts[i + 1]?.spawn(process.execPath, [INGOT, ...args]);
    }
    first?.spawn(process.execPath, [INGOT, "controller", ...FLAGS, ...folder()]);
  });

  afterAll(() => lab?.close());

  function folder(): readonly string[] {
    return ["--manifests", join(lab.directory, "manifests")];
  }

  function status(...path: readonly string[]): string {
    return join(lab.directory, "manifests-status", ...path);
  }

  function ingot(...args: readonly string[]): Promise<RunResult> {
    const options = { allowFailure: true, timeoutMs: 60_000 };
    return client.exec(process.execPath, [INGOT, ...args, ...folder()], options);
  }

  /** The node that answers ARP for an address; `undefined`: none. */
  async function owner(address: string): Promise<string | undefined> {
    const args = ["-c", "1", "-w", "1", "-r", "-i", "eth0", address];
    const { stdout } = await client.exec("arping", args, { allowFailure: true });
    return macs.get(/[0-9a-f:]{17}/.exec(stdout)?.[0] ?? "");
  }

  async function owners(): Promise<readonly (string | undefined)[]> {
    const found: (string | undefined)[] = [];
    for (const last of [100, 101, 102, 103]) found.push(await owner(`10.77.0.${last}`));
    return found;
  }

  it("find the addresses spread evenly", async () => {
    await until(async () => (await owners()).map(String).sort().join() === "n1,n1,n2,n2", {
      timeoutMs: 30_000,
      what: "two addresses on each node",
    });
  });

  it("move an address", async () => {
    const [from = ""] = await owners();
    const to = from === "n1" ? "n2" : "n1";
    const moved = await ingot("move", serviceOf("10.77.0.100"), to);
    expect(moved).toMatchObject({ code: 0, stderr: "" });
    expect(moved.stdout).toContain(`${from} -> ${to}\n${to} answers after`);
    expect(await owner("10.77.0.100")).toBe(to);
    expect((await ingot("move", "nope", "n1")).stderr).toContain("no Service default/nope");
  });

  it("make loads even again", async () => {
    expect(await ingot("rebalance")).toMatchObject({ code: 0, stderr: "" });
    expect((await owners()).map(String).sort()).toEqual(["n1", "n1", "n2", "n2"]);
  });

  it("evacuate a node, which is in no manifest, and stop doing so", async () => {
    expect(await ingot("evacuate", "n2", "--timeout", "30")).toMatchObject({ code: 0, stderr: "" });
    expect(await owners()).toEqual(["n1", "n1", "n1", "n1"]);
    expect(readFileSync(status("nodes", "n2.yaml"), "utf8")).toContain("ingot.dev/evacuate");
    expect(await ingot("evacuate", "--undo", "n2")).toMatchObject({ code: 0, stderr: "" });
    expect((await ingot("evacuate", "n9")).stderr).toBe(
      "ingot: there is no node n9; there are: n1, n2\n",
    );
  });

  it("ask for another key, which is in a file for its owner alone", async () => {
    const file = status("keys", "ingot-ownership-key.yaml");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await ingot("rotate-key")).toMatchObject({ code: 0, stderr: "" });
    await until(() => /\bnext:/.test(readFileSync(file, "utf8")), {
      timeoutMs: 10_000,
      what: "the next key in the file",
    });
    expect(readFileSync(file, "utf8")).not.toContain("ingot.dev/rotate-key");
    expect(await owners()).toEqual(["n1", "n1", "n1", "n1"]);
  });

  function serviceOf(address: string): string {
    for (const name of ["s1", "s2", "s3", "s4"]) {
      const text = readFileSync(status("services", `default.${name}.yaml`), "utf8");
      if (text.includes(`ip: ${address}\n`)) return name;
    }
    throw new Error(`no Service has ${address}`);
  }
});

const FLAGS = ["--port", "0", "--health-probe-port", "0"];
